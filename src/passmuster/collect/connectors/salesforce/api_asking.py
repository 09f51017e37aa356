"""Asks an organisation its questions, live or recorded, and keeps what became of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from passmuster.collect.answers import Answer, Answers, Request
from passmuster.collect.connectors.salesforce.api_questions import (
    NEWEST,
    OLDEST,
    ORGANIZATION,
    ORGANIZATION_AGAIN,
    QUESTIONS,
    ROOT,
    SETUP_CHANGES,
    USERINFO,
    VERSIONS,
    Question,
    describe_request,
    permission_sets,
    setup_changes,
)
from passmuster.collect.connectors.salesforce.metadata import as_time
from passmuster.collect.statuses import OK, Verdict, judge, worst
from passmuster.documents.secrets import mask_secrets
from passmuster.model.words import CollectionStatus

Record = Mapping[str, Any]
_MOST_PAGES = 5_000
_MOST_RECORDS = 5_000_000
_LONGEST_MESSAGE = 200
_NOT_ASKED = Verdict(CollectionStatus.UNSUPPORTED, "not asked")
# Refusals by their code (REST API Developer Guide, "Status Codes and Error Responses"; SOAP API, ExceptionCode).
_CODES = {
    "INVALID_SESSION_ID": (CollectionStatus.DENIED, "the access token is not valid (any more)"),
    "INVALID_AUTH_HEADER": (CollectionStatus.DENIED, "the access token is not valid"),
    "INSUFFICIENT_ACCESS": (CollectionStatus.DENIED, "the user may not read it"),
    "INSUFFICIENT_ACCESS_OR_READONLY": (CollectionStatus.DENIED, "the user may not read it"),
    "API_DISABLED_FOR_ORG": (CollectionStatus.DENIED, "the API is not enabled for this organisation"),
    "API_CURRENTLY_DISABLED": (CollectionStatus.DENIED, "the API is switched off for this user"),
    "FUNCTIONALITY_NOT_ENABLED": (CollectionStatus.NOT_LICENSED, "the feature is not enabled in this organisation"),
    "REQUEST_LIMIT_EXCEEDED": (CollectionStatus.ERROR, "the organisation's API requests of the day are used up"),
    "SERVER_UNAVAILABLE": (CollectionStatus.ERROR, "the organisation cannot answer now"),
    "QUERY_TIMEOUT": (CollectionStatus.ERROR, "the query took too long"),
    "EXCEEDED_ID_LIMIT": (CollectionStatus.ERROR, "the query was too large"),
}


@dataclass(frozen=True)
class Read:
    """What became of one question: its verdict and the records."""

    verdict: Verdict
    records: tuple[Record, ...] = ()


@dataclass(frozen=True)
class Organization:
    """Everything an organisation answered."""

    reads: Mapping[str, Read]
    warnings: tuple[str, ...] = field(default=())

    def verdict(self, *names: str) -> Verdict:
        """The worst verdict on these questions."""
        return worst(OK, *(self.reads[name].verdict if name in self.reads else _NOT_ASKED for name in names))

    def records(self, name: str) -> tuple[Record, ...]:
        """The records of a question; none where it was not answered."""
        return self.reads[name].records if name in self.reads else ()

    @property
    def own(self) -> Record:
        """The organisation's own record."""
        return next(iter(self.records("organization")), {})

    @property
    def org_id(self) -> str:
        """Its id of 15 characters, empty where it is not known."""
        return (text_at(self.own, "Id") or "")[:15]


def ask_organization(answers: Answers, *, since: datetime) -> Organization:
    """Everything asked of one organisation, its audit trail from `since` on, and its id once more at the end."""
    version = _version(answers.ask(VERSIONS))
    reads = {ORGANIZATION.name: _read(answers, ORGANIZATION, version)}
    reads |= {question.name: _read(answers, question, version) for question in QUESTIONS}
    reads["permission_sets"] = _permission_sets(answers, version)
    # Recordings made before this was asked lack it, and lose only what it tells.
    if answers.has(SETUP_CHANGES):
        reads[SETUP_CHANGES] = _read(answers, setup_changes(since), version)
    if answers.has(ORGANIZATION_AGAIN.name):
        reads[ORGANIZATION_AGAIN.name] = _read(answers, ORGANIZATION_AGAIN, version)
    return _of_one_organization(Organization(reads), answers)


def text_at(record: Record, path: str) -> str | None:
    """The text at a dotted path of a record; None where there is none."""
    value: Any = record
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value.strip() or None if isinstance(value, str) else None


def flag_at(record: Record, name: str) -> bool | None:
    """The boolean of a field; None where it is none."""
    value = record.get(name)
    return value if isinstance(value, bool) else None


def time_at(record: Record, name: str) -> datetime | None:
    """The time of a field; None where it is none. Salesforce writes its offset as +0000."""
    return as_time(text_at(record, name))


def _version(answer: Answer) -> int:
    """The API version to speak: the newest both sides know."""
    found = [
        int(major)
        for entry in (answer.body if answer.is_ok and isinstance(answer.body, list) else [])
        if isinstance(entry, Mapping) and (major := str(entry.get("version", "")).partition(".")[0]).isdigit()
    ]
    usable = [version for version in found if OLDEST <= version <= NEWEST]
    return max(usable) if usable else NEWEST


def _permission_sets(answers: Answers, version: int) -> Read:
    """Permission sets with the permissions this organisation knows; without knowing them, none can be asked for."""
    answer = answers.ask(describe_request(version))
    fields = answer.body.get("fields") if answer.is_ok and isinstance(answer.body, Mapping) else None
    if not isinstance(fields, list):
        question = permission_sets(())
        broken = replace(answer, problem=answer.problem or "the answer is not the description it should be")
        return Read(_judge(broken if answer.is_ok else answer, question))
    names = [str(entry.get("name")) for entry in fields if isinstance(entry, Mapping)]
    return _read(answers, permission_sets(names), version)


def _read(answers: Answers, question: Question, version: int) -> Read:
    """All pages of one question."""
    asked = question.request(version)
    found: list[Record] = []
    seen: set[str] = set()
    for page in range(1, _MOST_PAGES + 1):
        answer = answers.ask(asked)
        trouble = _trouble(answer, question)
        if trouble or not answer.is_ok:
            return _broken(
                found, page, answer if answer.problem or not trouble else replace(answer, problem=trouble), question
            )
        found += answer.body["records"]
        path = answer.body.get("nextRecordsUrl")
        if answer.body.get("done") is True or not path:
            return _whole(found, answer.body, question)
        why = _odd_next(path, seen, answer.body["records"])
        if why or len(found) > _MOST_RECORDS:
            return Read(_partial(question, why or f"more than {len(found)} records"), tuple(found))
        seen.add(path)
        asked = Request(f"{question.name}_page{page + 1}", path)
    return Read(_partial(question, f"more than {_MOST_PAGES} pages"), tuple(found))


def _trouble(answer: Answer, question: Question) -> str:
    """Why a body is not the page of records it should be; empty where it is."""
    if not answer.is_ok:
        return ""
    body = answer.body
    records = body.get("records") if isinstance(body, Mapping) else None
    if not isinstance(records, list):
        page = isinstance(body, str) and "<html" in body[:500].lower()
        return "the answer is a web page, not records; is the address right?" if page else "the answer holds no records"
    for record in records:
        if not isinstance(record, Mapping):
            return "an entry is no record"
        attributes = record.get("attributes")
        kind = attributes.get("type") if isinstance(attributes, Mapping) else None
        if kind is not None and kind != question.object_name:
            return f"the answer holds records of another kind ({str(kind)[:40]})"
    return ""


def _odd_next(path: Any, seen: set[str], records: list[Any]) -> str:
    if not isinstance(path, str) or not path.startswith(f"{ROOT}/") or "//" in path or ".." in path:
        return "the next page lies elsewhere than in this organisation; it was not asked for"
    if path in seen:
        return "a page points back to one that was read before"
    return "" if records else "a page is empty but names a next one"


def _whole(found: list[Record], body: Record, question: Question) -> Read:
    total = body.get("totalSize")
    if isinstance(total, int) and not isinstance(total, bool) and total > len(found):
        return Read(_partial(question, f"{len(found)} of {total} records were answered"), tuple(found))
    if " LIMIT 2000" in question.soql and len(found) >= 2000:
        return Read(_partial(question, "there may be more than the 2000 that are answered at once"), tuple(found))
    return Read(OK, tuple(found))


def _broken(found: list[Record], page: int, answer: Answer, question: Question) -> Read:
    verdict = _judge(answer, question)
    if page == 1:
        return Read(verdict)
    return Read(_partial(question, f"page {page} could not be read: {verdict.reason}", verdict.unlock), tuple(found))


def _partial(question: Question, why: str, unlock: str = "") -> Verdict:
    return Verdict(CollectionStatus.PARTIAL, f"{question.what}: {why}", unlock)


def _judge(answer: Answer, question: Question) -> Verdict:
    return judge(
        answer, what=question.what, unlock=question.unlock, platform_says=lambda said: _by_code(said, question)
    )


def _by_code(answer: Answer, question: Question) -> Verdict | None:
    """The verdict by the error code a refusal carries; None where it carries none we know."""
    errors = answer.body if isinstance(answer.body, list) else [answer.body]
    first = next((error for error in errors if isinstance(error, Mapping) and error.get("errorCode")), None)
    if first is None:
        return None
    code = str(first["errorCode"])[:60]
    message = mask_secrets(" ".join(str(first.get("message") or "").split()))[:_LONGEST_MESSAGE]
    told = f'{question.what}: {code} "{message}"'
    if code in ("INVALID_TYPE", "INVALID_TYPE_FOR_OPERATION"):
        if question.is_feature:
            return Verdict(CollectionStatus.NOT_LICENSED, f"{told}: the organisation does not have it")
        why = f"{told}: the organisation does not have it, or the user may not see it"
        return Verdict(CollectionStatus.DENIED, why, question.unlock)
    if code == "INVALID_FIELD":
        return Verdict(CollectionStatus.ERROR, f"{told}: a field is missing, or hidden from the user", question.unlock)
    status, why = _CODES.get(code, (None, ""))
    return Verdict(status, f"{told}: {why}", question.unlock) if status else None


def _of_one_organization(organization: Organization, answers: Answers) -> Organization:
    """What was read, or errors all over where it was not one organisation that answered."""
    told = {organization.org_id} if organization.org_id else set()
    again = next(iter(organization.records(ORGANIZATION_AGAIN.name)), {})
    told.add((text_at(again, "Id") or organization.org_id)[:15])
    if answers.has(USERINFO.name):
        answer = answers.ask(USERINFO)
        own = text_at(answer.body, "organization_id") if answer.is_ok and isinstance(answer.body, Mapping) else None
        told.add((own or organization.org_id)[:15])
    told.discard("")
    if len(told) <= 1:
        return organization
    why = f"two organisations answered ({', '.join(sorted(told))}); nothing of it was kept"
    verdict = Verdict(CollectionStatus.ERROR, why, "name the address of one organisation (its My Domain)")
    return Organization({name: Read(verdict) for name in organization.reads}, (why,))
