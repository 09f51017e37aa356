"""Asks the questions, live or recorded, and keeps what became of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from passmuster.collect.answers import Answer
from passmuster.collect.connectors.power_platform.identifiers import as_id
from passmuster.collect.connectors.power_platform.live import questions
from passmuster.collect.connectors.power_platform.live.estate import (
    Estate,
    Read,
    Record,
    connector_id,
    flag,
    inner,
    properties,
    text,
)
from passmuster.collect.connectors.power_platform.live.log_search import NOTHING_SAID, Wanted, begin_search, end_search
from passmuster.collect.connectors.power_platform.live.sources import Sources, next_link, unlock_of
from passmuster.collect.paging import Paging, read_all
from passmuster.collect.statuses import Verdict, judge, judge_listing
from passmuster.model.words import CollectionStatus

MOST_DETAILS = 20_000
_UNAUTHORISED = 401


def _items(body: Any) -> list[Any] | None:
    if isinstance(body, list):
        return body
    value = body.get("value") if isinstance(body, dict) else None
    return value if isinstance(value, list) else None


def _more(body: Any, _count: int) -> dict[str, str] | None:
    link = next_link(body) if isinstance(body, dict) else ""
    return dict(parse_qsl(urlsplit(link).query)) if link else None


_PAGES = Paging(_items, _more)


class Reader:
    """Asks, remembers, and stops asking a place whose token was refused."""

    def __init__(self, sources: Sources, *, most_details: int = MOST_DETAILS) -> None:
        """Nothing is asked yet."""
        self.reads: dict[str, Read] = {}
        self._sources = sources
        self._closed: dict[str, Verdict] = {}
        self._left = most_details

    def ask(self, question: questions.Question) -> Read:
        """The answer to one question, also kept by its name."""
        answers = self._sources.answers.get(question.place)
        if answers is None:
            read = Read(self._sources.refusal(question.place))
        elif question.place in self._closed:
            read = Read(self._closed[question.place])
        elif question.is_list:
            listing = read_all(answers, question.request, _PAGES)
            read = _listed(question, listing.items, judge_listing(listing, **_about(question)))
            self._close_if_refused(question, listing.answer, read)
        else:
            answer = answers.ask(question.request)
            read = _single(question, answer)
            self._close_if_refused(question, answer, read)
        self.reads[question.name] = read
        return read

    def ask_each(self, asked: Iterable[questions.Question]) -> None:
        """Questions about single things, up to a bound; past it each is told as not asked."""
        for question in asked:
            if self._left > 0:
                self.ask(question)
            else:
                reason = f"{question.what}: not asked, there are more single things than one collection asks about"
                self.reads[question.name] = Read(Verdict(CollectionStatus.PARTIAL, reason))
            self._left -= 1

    def _close_if_refused(self, question: questions.Question, answer: Answer, read: Read) -> None:
        if answer.status == _UNAUTHORISED:
            self._closed[question.place] = read.verdict


def _about(question: questions.Question) -> dict[str, Any]:
    return {"what": question.what, "unlock": unlock_of(question.place)}


def _listed(question: questions.Question, items: list[Any], verdict: Verdict) -> Read:
    records = tuple(item for item in items if isinstance(item, Mapping))
    strange = len(items) - sum(1 for record in records if _tells(record, question.telling))
    if strange and verdict.is_ok:
        reason = f"{question.what}: {strange} of {len(items)} entries are not what was asked for"
        status = CollectionStatus.ERROR if strange == len(items) else CollectionStatus.PARTIAL
        verdict = Verdict(status, reason)
    return Read(verdict, records)


def _tells(record: Record, telling: str) -> bool:
    return not telling or record.get(telling) not in (None, "")


def _single(question: questions.Question, answer: Answer) -> Read:
    if answer.is_ok and not isinstance(answer.body, Mapping):
        answer = replace(answer, problem="the answer is not the object it should be; is the address right?")
    elif answer.is_ok and question.telling and question.telling not in properties(answer.body):
        answer = replace(answer, problem=f"the answer tells no {question.telling}, so it is not what was asked for")
    return Read(judge(answer, **_about(question)), body=answer.body if answer.is_ok else {})


def read_estate(
    sources: Sources, tenant: str, *, most_details: int = MOST_DETAILS, log: Wanted = NOTHING_SAID
) -> Estate:
    """Everything the sources tell about one tenant; `tenant` is the one expected, empty where any will do.

    `log` says what is wanted of the audit log, which is searched where that is permitted.
    """
    reader = Reader(sources, most_details=most_details)
    environments = reader.ask(questions.ENVIRONMENTS)
    told = tenants_of(environments.items)
    expected = tenant or sources.tenant or (min(told) if told else "")
    foreign = _foreign(told, expected)
    names = _environment_names(reader, environments)
    if foreign:
        return Estate(expected, (), reader.reads, foreign=foreign)
    search = begin_search(sources, log)
    _ask_of_tenant(reader, expected)
    for name, environment in names.items():
        _ask_of_environment(reader, name, environment)
    foreign = _foreign_elsewhere(reader, expected)
    if not foreign:
        foreign = _ask_graph(reader, expected)
    for name in sources.databases:
        for kind in questions.DATABASE_KINDS:
            reader.ask(questions.database(name, kind))
    if not foreign:
        reader.reads |= end_search(sources, search, log)
    return Estate(expected, tuple(names), reader.reads, sources.databases, foreign)


def tenants_of(environments: Iterable[Record]) -> set[str]:
    """The tenants that environments say they belong to, lower case."""
    found = set()
    for environment in environments:
        tenant = text(properties(environment), "tenantId")
        name = text(environment, "name") or ""
        if tenant is None and name.lower().startswith("default-"):
            tenant = name[len("default-") :]
        if tenant:
            found.add(tenant.lower())
    return found


def _foreign(told: set[str], expected: str) -> str:
    others = sorted(told - {expected.lower()})
    if not others:
        return ""
    return f"the answers are of another tenant ({', '.join(others[:3])}) than {expected}"


def _environment_names(reader: Reader, read: Read) -> dict[str, Record]:
    names: dict[str, Record] = {}
    nameless = 0
    for record in read.items:
        name = as_id(record.get("name"))
        if name is None:
            nameless += 1
        else:
            names.setdefault(name, record)
    if nameless and read.verdict.is_ok:
        verdict = Verdict(CollectionStatus.PARTIAL, f"environments: {nameless} without a name")
        reader.reads[questions.ENVIRONMENTS.name] = replace(read, verdict=verdict)
    return dict(sorted(names.items()))


def _ask_of_tenant(reader: Reader, tenant: str) -> None:
    reader.ask(questions.TENANT_SETTINGS)
    reader.ask(questions.UNBLOCKABLE)
    policies = reader.ask(questions.POLICIES)
    ids = {as_id(policy_of(entry).get("name")) for entry in policies.items}
    reader.ask_each(questions.policy(each) for each in sorted(each for each in ids if each))
    if tenant:
        reader.ask(questions.isolation(tenant))
    else:
        reason = "tenant isolation: not asked, as nothing told the tenant's id"
        reader.reads["tenant_isolation"] = Read(
            Verdict(CollectionStatus.ERROR, reason, "name the tenant in the file of hosts")
        )


def policy_of(entry: Record) -> Record:
    """A data policy, bare or in the envelope that newer answers put around it."""
    return inner(entry, "policyDefinition") or entry


def _ask_of_environment(reader: Reader, name: str, environment: Record) -> None:
    apps, flows = reader.ask(questions.apps(name)), reader.ask(questions.flows(name))
    connections = reader.ask(questions.connections(name))
    reader.ask(questions.connectors(name))
    reader.ask(questions.websites(name))
    if has_database(environment):
        reason = "environment roles: an environment with a database keeps its roles there"
        wanted = Read(Verdict(CollectionStatus.OK, reason))
        reader.reads[questions.named("environment_roles", name)] = wanted
    else:
        reader.ask(questions.environment_roles(name))
    reader.ask_each(questions.app_shares(name, each) for each in _names(apps))
    for each in _names(flows):
        reader.ask_each((questions.flow(name, each), questions.flow_owners(name, each)))
    for connection in connections.items:
        about = properties(connection)
        api = (connector_id(about.get("apiId")) or "").rpartition("/")[2]
        connection_id = as_id(connection.get("name"))
        if connection_id and api and flag(about, "allowSharing") is not False:
            reader.ask_each((questions.connection_shares(name, api, connection_id),))


def has_database(environment: Record) -> bool:
    """Whether an environment says that it has a Dataverse database."""
    about = properties(environment)
    kind = text(about, "databaseType")
    return bool(inner(about, "linkedEnvironmentMetadata")) or (kind is not None and kind.lower() != "none")


def _names(read: Read) -> list[str]:
    return sorted({name for item in read.items if (name := as_id(item.get("name")))})


def _foreign_elsewhere(reader: Reader, expected: str) -> str:
    told = {text(inner(reader.reads["tenant_isolation"].body, "properties"), "tenantId")}
    for name, read in reader.reads.items():
        if name.startswith("websites."):
            told |= {text(site, "tenantId") for site in read.items}
    return _foreign({tenant.lower() for tenant in told if tenant}, expected) if expected else ""


def _ask_graph(reader: Reader, expected: str) -> str:
    organization = reader.ask(questions.GRAPH_ORGANIZATION)
    told = {tenant.lower() for item in organization.items if (tenant := text(item, "id"))}
    if expected and _foreign(told, expected):
        return _foreign(told, expected)
    reader.ask(questions.GRAPH_USERS)
    reader.ask(questions.GRAPH_ROLES)
    reader.ask_each(questions.group_members(group) for group in sorted(groups_seen(reader.reads)))
    return ""


def groups_seen(reads: Mapping[str, Read]) -> set[str]:
    """Ids of the directory's groups that anything is shared with."""
    found = set()
    for name, read in reads.items():
        if name.partition(".")[0] in ("app_shares", "connection_shares", "flow_owners", "environment_roles"):
            for item in read.items:
                principal = inner(properties(item), "principal")
                if (text(principal, "type") or "").lower() == "group" and (group := as_id(principal.get("id"))):
                    found.add(group)
        if name.startswith("dataverse_teams."):
            found |= {group for item in read.items if (group := as_id(item.get("azureactivedirectoryobjectid")))}
    return found
