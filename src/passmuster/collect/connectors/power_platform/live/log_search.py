"""Asking Purview's audit log through Microsoft Graph: a search is made, waited for, and its entries are read.

"Create auditLogQuery", "auditLogQuery resource type", "List auditLogRecords" (learn.microsoft.com/graph/api/resources/
security-auditlogquery). Making a search changes nothing that a review is about; Purview keeps it in its list of
searches for 30 days ("Search the audit log", learn.microsoft.com/purview/audit-search). It is made first and read last,
so that most of the waiting costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from passmuster.collect.answers import Answer, Answers, Request
from passmuster.collect.audit_log import wanted_since
from passmuster.collect.connectors.power_platform.identifiers import as_id
from passmuster.collect.connectors.power_platform.live.estate import Read
from passmuster.collect.connectors.power_platform.live.places import GRAPH
from passmuster.collect.connectors.power_platform.live.sources import SEARCH_PERMISSION, Sources, next_link
from passmuster.collect.connectors.power_platform.purview.operations import OPERATIONS
from passmuster.collect.http import Clock
from passmuster.collect.paging import Paging, read_all
from passmuster.collect.statuses import Verdict, judge, judge_listing
from passmuster.model.words import CollectionStatus

QUERY, RECORDS = "graph_audit_query", "graph_audit_records"
UNLOCK = (
    f"give the token for Microsoft Graph the permission {SEARCH_PERMISSION}, and whoever it stands for the role Audit "
    "Logs or View-Only Audit Logs in Purview"
)
MOST_READ = 50_000
_PATH = "/v1.0/security/auditLog/queries"
_FIRST_WAIT_S, _LONGEST_WAIT_S = 5.0, 30.0
_RUNNING = ("notStarted", "running")
_WHAT = "the search in the audit log"


@dataclass(frozen=True)
class Wanted:
    """How far back the log is wanted (None: the usual stretch), and how many seconds a search may be waited for."""

    since: datetime | None = None
    budget_s: float = 0.0
    clock: Clock = field(default_factory=Clock)


# Recorded answers are neither asked from some time on nor waited for.
NOTHING_SAID = Wanted()


def begin_search(sources: Sources, wanted: Wanted) -> Answer | None:
    """What became of making the search; None where the token has not the permission, and nothing is asked then."""
    answers = sources.answers.get(GRAPH)
    if answers is None or not sources.may_search_log:
        return None
    now = wanted.clock.now()
    body = {
        "displayName": "passmuster",
        "filterStartDateTime": _spell(wanted_since(wanted.since, now)),
        "filterEndDateTime": _spell(now),
        "operationFilters": list(OPERATIONS),
    }
    return answers.ask(Request(QUERY, _PATH, method="POST", json=body))


def end_search(sources: Sources, begun: Answer | None, wanted: Wanted) -> dict[str, Read]:
    """The search once it is done and its entries, by name; nothing where none was made."""
    answers = sources.answers.get(GRAPH)
    if answers is None or begun is None:
        return {}
    done = _waited_for(answers, begun, wanted)
    verdict = judge(done, what=_WHAT, unlock=UNLOCK)
    query = done.body if done.is_ok and isinstance(done.body, dict) else {}
    if verdict.is_ok and query.get("status") != "succeeded":
        told = query.get("status")
        reason = "was not done in the time allowed for waiting" if told in _RUNNING else f"ended as {told!r:.40}"
        verdict = Verdict(CollectionStatus.PARTIAL, f"{_WHAT} {reason}", "look again; another search is made then")
    if not verdict.is_ok:
        return {QUERY: Read(verdict)}
    return {QUERY: Read(verdict, body=query), RECORDS: _records(answers, query)}


def _waited_for(answers: Answers, begun: Answer, wanted: Wanted) -> Answer:
    answer, waited_s, wait_s = begun, 0.0, _FIRST_WAIT_S
    while answer.is_ok and isinstance(answer.body, dict) and answer.body.get("status") in _RUNNING:
        name = as_id(answer.body.get("id"))
        if name is None:
            return replace(answer, problem="the answer tells no id of the search that was made")
        if waited_s + wait_s > wanted.budget_s:
            return answer
        wanted.clock.sleep(wait_s)
        waited_s, wait_s = waited_s + wait_s, min(wait_s * 2, _LONGEST_WAIT_S)
        answer = answers.ask(Request(QUERY, f"{_PATH}/{quote(name, safe='')}"))
    if answer.is_ok and not (isinstance(answer.body, dict) and as_id(answer.body.get("id"))):
        return replace(answer, problem="the answer is not the search that was made")
    return answer


def _records(answers: Answers, query: dict[str, Any]) -> Read:
    path = f"{_PATH}/{quote(str(query['id']), safe='')}/records"
    listing = read_all(answers, Request(RECORDS, path), _PAGES)
    verdict = judge_listing(listing, what="entries of the audit log", unlock=UNLOCK)
    records = tuple(item for item in listing.items if isinstance(item, dict))
    is_cut = query.get("isRecordCountLimitExceeded") is True or len(listing.items) >= MOST_READ
    if verdict.is_ok and is_cut:
        reason = f"only {len(records)} entries of the audit log were read, there are more"
        verdict = Verdict(CollectionStatus.PARTIAL, reason, "look more often, so that each search is shorter")
    return Read(verdict, records)


def _items(body: Any) -> list[Any] | None:
    value = body.get("value") if isinstance(body, dict) else None
    return value if isinstance(value, list) else None


def _more(body: Any, count: int) -> dict[str, str] | None:
    link = next_link(body) if isinstance(body, dict) and count < MOST_READ else ""
    return dict(parse_qsl(urlsplit(link).query)) if link else None


_PAGES = Paging(_items, _more)
# Entries of Power Platform may take as long to reach the log ("Search the audit log").
LATEST = timedelta(hours=24)


def _spell(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
