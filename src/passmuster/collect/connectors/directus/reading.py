"""Asks the questions, live or recorded, and keeps what became of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from passmuster.collect.answers import Answer, Answers
from passmuster.collect.base_url import BaseUrl
from passmuster.collect.connectors.directus.estate import Estate
from passmuster.collect.connectors.directus.requests import (
    COLLECTION_OF,
    OPEN,
    OWN_ACCESS,
    OWN_RIGHTS,
    SERVER_INFO,
    SINGLE,
    USUAL_PAGE,
    lists,
)
from passmuster.collect.fields import dotted, inner, records, text
from passmuster.collect.http import Clock, LiveAnswers, Patience
from passmuster.collect.interface import Secret, Target
from passmuster.collect.reads import Question, Read, Reads, read_question
from passmuster.collect.recorded import RecordedAnswers
from passmuster.collect.statuses import Verdict, message_of
from passmuster.errors import UsageError
from passmuster.model.words import CollectionStatus

TOKEN = Secret("PASSMUSTER_DIRECTUS_TOKEN", "static token of a user with the policy below (or of an administrator)")
# Asked for since this connector exists; older recordings do without, and lose only what these tell.
_OPTIONAL = frozenset(
    {"policies_me_globals", "permissions_me", "license", "server_info_anonymous", "auth_providers"}
    | {"activity_sign_ins", "activity_runs", "activity_users", "activity_changes"}
)
_UNLICENSED = frozenset({"RESOURCE_RESTRICTED", "LIMIT_EXCEEDED"})


@dataclass(frozen=True)
class Sources:
    """Where answers come from: with the token, and without any credential."""

    signed_in: Answers
    anonymous: Answers


def recorded_sources(folder: Path, progress: Callable[[str], None]) -> Sources:
    """A folder of recorded answers for both; raises UnreadableInput if it is none."""
    answers = RecordedAnswers(folder, progress=progress)
    return Sources(answers, answers)


@contextmanager
def live_sources(base: BaseUrl, target: Target, *, patience: Patience, clock: Clock) -> Iterator[Sources]:
    """Sources for the time of one collection. Raises UsageError where no token was given."""
    token = target.secrets.get(TOKEN.variable, "").strip()
    if not token:
        raise UsageError(f"set {TOKEN.variable} (a static token: User Directory, the user, Token) and try again")
    headers: tuple[dict[str, str], ...] = ({"Authorization": f"Bearer {token}"}, {})
    opened = [
        LiveAnswers(base, headers=each, patience=patience, clock=clock, progress=target.progress) for each in headers
    ]
    try:
        yield Sources(*opened)
    finally:
        for answers in opened:
            answers.close()


def read_estate(sources: Sources, platform_id: str, base: BaseUrl | None, *, since: datetime) -> Estate:
    """Everything the sources tell about one project, and its log from `since` on."""
    reads: dict[str, Read] = {}
    for question in (SERVER_INFO, OWN_ACCESS, OWN_RIGHTS):
        _ask(sources.signed_in, question, reads)
    for question in (*SINGLE, *lists(_page_size(reads), since)):
        _ask(sources.signed_in, question, reads)
    for question in OPEN:
        _ask(sources.anonymous, question, reads)
    return Estate(platform_id, base, Reads(_narrowed(reads)), since if base else None)


def _ask(answers: Answers, question: Question, reads: dict[str, Read]) -> None:
    if question.name in _OPTIONAL and not answers.has(question.name):
        return
    read = read_question(answers, question, platform_says=_in_its_words)
    if question.paging is None and read.verdict.is_ok and not _is_known(question, read):
        verdict = Verdict(
            CollectionStatus.ERROR, f"{question.what}: the answer is not one of Directus; check the address"
        )
        read = replace(read, verdict=verdict)
    reads[question.name] = read


def _is_known(question: Question, read: Read) -> bool:
    """Single answers stand under `data`, but for the list of providers."""
    body = read.body
    return isinstance(body, Mapping) and isinstance(
        body.get("data"), list if question.name == "auth_providers" else Mapping
    )


def _page_size(reads: Mapping[str, Read]) -> int:
    """The usual size, or what QUERY_LIMIT_MAX allows: a larger one would be refused."""
    read = reads[SERVER_INFO.name]
    most = dotted(read.body, "data.queryLimit.max") if isinstance(read.body, Mapping) else None
    is_bound = isinstance(most, int) and not isinstance(most, bool) and 0 < most < USUAL_PAGE
    return int(most) if is_bound and most is not None else USUAL_PAGE


def _in_its_words(answer: Answer) -> Verdict | None:
    """Reads a refusal in Directus' words: what the licence lacks is another thing than what the token lacks."""
    codes = (
        {text(inner(error, "extensions"), "code") for error in records(answer.body, "errors")}
        if isinstance(answer.body, Mapping)
        else set()
    )
    if codes & _UNLICENSED:
        return Verdict(CollectionStatus.NOT_LICENSED, f"Directus says: {message_of(answer)}")
    return None


def _narrowed(reads: Mapping[str, Read]) -> dict[str, Read]:
    """A list that a rule narrows for this token is not whole, though Directus answers it like one that is."""
    own = reads.get(OWN_RIGHTS.name)
    rights = inner(own.body, "data") if own and own.verdict.is_ok and isinstance(own.body, Mapping) else {}
    return {name: _narrowed_read(name, read, rights) for name, read in reads.items()}


def _narrowed_read(name: str, read: Read, rights: Mapping[str, object]) -> Read:
    collection = COLLECTION_OF.get(name, "")
    if not read.verdict.is_ok or dotted(rights, f"{collection}.read.access") != "partial":
        return read
    reason = f"the token may read only a part of {collection}"
    unlock = f"give the policy of the token read on {collection}: all fields, no item rule"
    return replace(read, verdict=Verdict(CollectionStatus.PARTIAL, reason, unlock))
