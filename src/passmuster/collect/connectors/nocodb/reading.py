"""Asks the questions, live or recorded, and keeps what became of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from passmuster.collect.answers import Answers
from passmuster.collect.base_url import BaseUrl
from passmuster.collect.connectors.nocodb.estate import Estate
from passmuster.collect.connectors.nocodb.requests import (
    ANONYMOUS,
    ME,
    SIGNED_IN,
    base_tables,
    base_users,
    table_hooks,
    table_views,
)
from passmuster.collect.connectors.nocodb.session import Sources
from passmuster.collect.fields import inner, text
from passmuster.collect.reads import Question, Read, Reads, read_question
from passmuster.collect.recorded import RecordedAnswers
from passmuster.collect.statuses import OK, Verdict
from passmuster.model.words import CollectionStatus

_MOST_BASES = 1_000
_MOST_TABLES = 3_000
# A super admin is told everything; anybody else only what is shared with them, in an answer that looks the same.
_WHOLE_FOR_SUPER = ("bases", "tokens", "integrations")
_OWN_PART = Verdict(
    CollectionStatus.PARTIAL,
    "NocoDB lists to anybody but a super admin only what is shared with them",
    "use the account of a super admin",
)


def recorded_sources(folder: Path, progress: Callable[[str], None]) -> Sources:
    """A folder of recorded answers for both; raises UnreadableInput if it is none."""
    answers = RecordedAnswers(folder, progress=progress)
    return Sources(answers, answers)


def read_estate(sources: Sources, platform_id: str, base: BaseUrl | None) -> Estate:
    """Everything the sources tell about one instance."""
    me = read_question(sources.signed_in, ME)
    reads = {ME.name: me}
    roles = inner(me.body, "roles") if me.verdict.is_ok and isinstance(me.body, Mapping) else {}
    if me.verdict.is_ok and (not roles or "guest" in roles):
        # NocoDB answers a visitor, and whoever has a wrong key, as a guest and not with a refusal.
        return Estate(platform_id, base, Reads({ME.name: replace(me, verdict=_refused(roles))}))
    for question in SIGNED_IN:
        reads[question.name] = _plausible(read_question(sources.signed_in, question), question)
    if sources.anonymous.has(ANONYMOUS.name):
        reads[ANONYMOUS.name] = read_question(sources.anonymous, ANONYMOUS)
    if roles.get("super") is not True:
        for name in _WHOLE_FOR_SUPER:
            if reads[name].verdict.is_ok:
                reads[name] = replace(reads[name], verdict=_OWN_PART)
    return _with_parts(sources.signed_in, Estate(platform_id, base, Reads(reads)))


def _refused(roles: Mapping[str, object]) -> Verdict:
    if roles:
        return Verdict(CollectionStatus.DENIED, "NocoDB answered as it answers a visitor without sign-in")
    return Verdict(CollectionStatus.ERROR, "who is asking: the answer is not one of NocoDB; check the address")


def _plausible(read: Read, question: Question) -> Read:
    """A single answer that is an object, but not one of NocoDB's, is an error."""
    keys = {"info": "authType", "app_settings": "invite_only_signup", "version": "releaseVersion"}
    key = keys.get(question.name)
    if key is None or not read.verdict.is_ok or key in read.body:
        return read
    return replace(read, verdict=Verdict(CollectionStatus.ERROR, f"{question.what}: {key} is not in the answer"))


def _with_parts(answers: Answers, estate: Estate) -> Estate:
    """The estate with what has to be asked about each base and each table."""
    bases = sorted(str(base["id"]) for base in estate.items("bases"))
    users_of = _each(answers, bases[:_MOST_BASES], base_users, "base_id")
    tables_of = _each(answers, bases[:_MOST_BASES], base_tables, "base_id")
    tables = sorted(str(table["id"]) for read in tables_of.values() for table in read.items)
    bounds = OK
    if len(bases) > _MOST_BASES or len(tables) > _MOST_TABLES:
        reason = f"of {len(bases)} bases and {len(tables)} tables, {_MOST_BASES} and {_MOST_TABLES} were looked into"
        bounds = Verdict(CollectionStatus.PARTIAL, reason)
    return replace(
        estate,
        users_of=users_of,
        tables_of=tables_of,
        views_of=_each(answers, tables[:_MOST_TABLES], table_views, "fk_model_id"),
        hooks_of=_each(answers, tables[:_MOST_TABLES], table_hooks, "fk_model_id"),
        bounds=bounds,
    )


def _each(
    answers: Answers, ids: Sequence[str], question_of: Callable[[int, str], Question], belongs: str
) -> dict[str, Read]:
    """One question about each id. Records that say they belong elsewhere make the whole answer an error."""
    found = {}
    for ordinal, each in enumerate(ids, start=1):
        question = question_of(ordinal, quote(each, safe="", errors="replace"))
        read = read_question(answers, question)
        strangers = [record for record in read.items if text(record, belongs) not in (None, each)]
        if strangers:
            reason = f"{question.what}: {len(strangers)} records are of another base or table than was asked about"
            read = Read(Verdict(CollectionStatus.ERROR, reason))
        found[each] = read
    return found
