"""Where answers come from: a client for each host the user named and has a token for, or one recorded folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from passmuster.collect.answers import Answer, Answers, Request
from passmuster.collect.base_url import BaseUrl
from passmuster.collect.connectors.power_platform.live.places import (
    BAP,
    DATAVERSE,
    FLOW,
    GRAPH,
    POWERAPPS,
    POWERPLATFORM,
    TOKEN,
    TOKEN_OF,
    Hosts,
)
from passmuster.collect.connectors.power_platform.live.tokens import database_tokens, permits, tenant_of_token
from passmuster.collect.http import Clock, LiveAnswers, Patience
from passmuster.collect.interface import Target
from passmuster.collect.recorded import RecordedAnswers
from passmuster.collect.statuses import Verdict
from passmuster.errors import UsageError
from passmuster.model.words import CollectionStatus

SEARCH_PERMISSION = "AuditLogsQuery.Read.All"
_RECORDED_SEARCH = "graph_audit_query"
_LINKS = ("nextLink", "@odata.nextLink")
_FIRST_NAMES = {
    BAP: ("environments", "tenant_settings", "policies", "tenant_isolation"),
    POWERAPPS: ("apps.", "connections.", "connectors."),
    FLOW: ("flows.",),
    POWERPLATFORM: ("websites.",),
    GRAPH: ("graph_",),
}


@dataclass(frozen=True)
class Sources:
    """Answers by place, and for the other places why they are not asked. `tenant` is whose tokens these are.

    `may_search_log` says whether the audit log may be searched through Microsoft Graph.
    """

    answers: Mapping[str, Answers]
    refusals: Mapping[str, Verdict]
    databases: tuple[str, ...] = ()
    tenant: str = ""
    may_search_log: bool = False

    def refusal(self, place: str) -> Verdict:
        """Why a place is not asked."""
        kind = place.partition("/")[0]
        return self.refusals.get(place) or self.refusals.get(kind) or _not_named(kind)


class OwnPages:
    """Answers of one host. A next page that lies on a stranger's host is refused, and Microsoft's words are kept."""

    def __init__(self, answers: Answers, base: BaseUrl | None) -> None:
        """`base` is None for recorded answers, of which nothing is fetched from anywhere."""
        self._answers = answers
        self._base = base

    def has(self, name: str) -> bool:
        """Whether there could be an answer of that name."""
        return self._answers.has(name)

    def ask(self, request: Request) -> Answer:
        """The answer; with a problem where it names a next page elsewhere."""
        answer = self._answers.ask(request)
        if not isinstance(answer.body, dict):
            return answer
        if not answer.is_ok:
            return _with_words(answer)
        link = next_link(answer.body)
        if link and self._base is not None and not _is_within(link, self._base.host):
            problem = f"names a next page on another host than {self._base.host}, which is not followed"
            return replace(answer, problem=problem)
        return answer


def next_link(body: Mapping[str, Any]) -> str:
    """The address of the next page; empty without one."""
    return next((link for name in _LINKS if isinstance(link := body.get(name), str) and link), "")


def _is_within(link: str, host: str) -> bool:
    # The Flow service names its own regional hosts (emea.api.flow.microsoft.com:11777). Only the query is taken over,
    # and the host the user named is asked.
    try:
        other = (urlsplit(link).hostname or "").lower()
    except ValueError:
        return False
    return other == host or other.endswith(f".{host}")


def _with_words(answer: Answer) -> Answer:
    error = answer.body.get("error")
    message = error.get("message") if isinstance(error, dict) else None
    return replace(answer, body={"message": message}) if isinstance(message, str) else answer


def recorded_sources(folder: Path, progress: Callable[[str], None]) -> Sources:
    """One folder of recorded answers for every place it holds answers of."""
    recorded = RecordedAnswers(folder, progress=progress)
    answers: dict[str, Answers] = {}
    refusals: dict[str, Verdict] = {}
    own = OwnPages(recorded, None)
    for place, starts in _FIRST_NAMES.items():
        if place == BAP or any(name.startswith(starts) for name in recorded.names):
            answers[place] = own
        else:
            refusals[place] = _missing(place, f"{folder.name} holds no recorded answers of it")
    databases = sorted(
        {name.partition(".")[2] for name in recorded.names if name.startswith("dataverse_") and "." in name}
    )
    answers |= {f"{DATAVERSE}/{environment}": own for environment in databases}
    return Sources(answers, refusals, tuple(databases), may_search_log=recorded.has(_RECORDED_SEARCH))


@contextmanager
def live_sources(hosts: Hosts, target: Target, *, patience: Patience, clock: Clock) -> Iterator[Sources]:
    """Clients for the time of one collection; raises UsageError without a token for the first host."""
    if not target.secrets.get(TOKEN.variable, "").strip():
        raise UsageError(f"set {TOKEN.variable} ({TOKEN.text}) and try again")
    answers: dict[str, Answers] = {}
    refusals: dict[str, Verdict] = {}
    opened: list[LiveAnswers] = []
    tokens = _tokens(hosts, target.secrets, refusals)
    tenant = hosts.tenant or tenant_of_token(tokens[BAP][1])
    try:
        for place, (base, token) in tokens.items():
            theirs = tenant_of_token(token)
            if tenant and theirs and theirs != tenant:
                text = f"the token is for the tenant {theirs}, not for {tenant}; it was not used"
                refusals[place] = Verdict(CollectionStatus.ERROR, text, "hand over a token of that tenant")
                continue
            headers = {"authorization": f"Bearer {token}"}
            client = LiveAnswers(base, headers=headers, patience=patience, clock=clock, progress=target.progress)
            opened.append(client)
            answers[place] = OwnPages(client, base)
        may_search_log = GRAPH in answers and permits(tokens[GRAPH][1], SEARCH_PERMISSION)
        yield Sources(answers, refusals, tuple(sorted(hosts.databases)), tenant, may_search_log)
    finally:
        for client in opened:
            with suppress(OSError):
                client.close()


def _tokens(hosts: Hosts, secrets: Mapping[str, str], refusals: dict[str, Verdict]) -> dict[str, tuple[BaseUrl, str]]:
    """Base and token of each place that has both; adds to `refusals` where the token is missing."""
    found: dict[str, tuple[BaseUrl, str]] = {}
    for place, base in hosts.named.items():
        token = secrets.get(TOKEN_OF[place].variable, "").strip()
        if token:
            found[place] = (base, token)
        else:
            refusals[place] = _missing(place, f"{TOKEN_OF[place].variable} is not set")
    by_host = database_tokens(secrets)
    for environment, base in hosts.databases.items():
        token = by_host.get(base.host) or by_host.get("", "")
        if token:
            found[f"{DATAVERSE}/{environment}"] = (base, token)
        else:
            text = f"{TOKEN_OF[DATAVERSE].variable} holds no token for {base.host}"
            refusals[f"{DATAVERSE}/{environment}"] = _missing(DATAVERSE, text)
    return found


def unlock_of(place: str) -> str:
    """What opens a place that refused."""
    kind = place.partition("/")[0]
    secret = TOKEN_OF[kind]
    return f"set {secret.variable}: {secret.text}; of a Power Platform administrator or one who may read everything"


def _missing(place: str, reason: str) -> Verdict:
    return Verdict(CollectionStatus.DENIED, f"{place} was not asked: {reason}", unlock_of(place))


def _not_named(kind: str) -> Verdict:
    how = "name the environment's address under `dataverse`" if kind == DATAVERSE else f"name the host `{kind}`"
    unlock = f"{how} in the file of hosts (see the connector's page), and {unlock_of(kind)}"
    return Verdict(CollectionStatus.DENIED, f"{kind} was not asked: no host of it was named", unlock)
