"""Asks the questions, live or recorded, and keeps what became of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from passmuster.collect.answers import Answer, Answers, Request
from passmuster.collect.base_url import BaseUrl
from passmuster.collect.connectors.n8n.estate import Estate, owner_project
from passmuster.collect.connectors.n8n.requests import (
    API_QUESTIONS,
    METRICS,
    OPEN_QUESTIONS,
    OWNER_QUESTIONS,
    Question,
    project_members,
    workflow_by_id,
)
from passmuster.collect.fields import Record, inner, text
from passmuster.collect.paging import read_all
from passmuster.collect.reads import Read
from passmuster.collect.recorded import RecordedAnswers
from passmuster.collect.statuses import Verdict, judge, judge_listing, message_of
from passmuster.model.words import CollectionStatus

_MOST_EXTRA = 500


@dataclass(frozen=True)
class Sources:
    """Where answers come from: with the API key, without any credential, with an owner's session if there is one."""

    api: Answers
    open: Answers
    session: Answers | None


def recorded_sources(folder: Path, progress: Callable[[str], None]) -> Sources:
    """A folder of recorded answers for all three; raises UnreadableInput if it is none."""
    answers = RecordedAnswers(folder, progress=progress)
    has_session = any(answers.has(question.name) for question in OWNER_QUESTIONS)
    return Sources(answers, answers, answers if has_session else None)


def read_estate(sources: Sources, platform_id: str, base: BaseUrl | None) -> Estate:
    """Everything the sources tell about one instance."""
    reads = {question.name: _read(sources.api, question, scopes=None) for question in API_QUESTIONS[:1]}
    scopes = _scopes(reads["discover"])
    reads |= {question.name: _read(sources.api, question, scopes=scopes) for question in API_QUESTIONS[1:]}
    reads |= {question.name: _read(sources.open, question, scopes=None) for question in OPEN_QUESTIONS}
    if sources.session is not None:
        reads |= {question.name: _read(sources.session, question, scopes=None) for question in OWNER_QUESTIONS}
    return Estate(
        platform_id,
        base,
        reads,
        owners=_owners(sources.api, reads),
        members=_members(sources.api, reads, scopes),
        has_session=sources.session is not None,
    )


def _scopes(read: Read) -> frozenset[str] | None:
    """The scopes of the API key; None where they are not known."""
    data = read.body.get("data") if isinstance(read.body, Mapping) else None
    scopes = data.get("scopes") if isinstance(data, Mapping) else None
    return frozenset(str(scope) for scope in scopes) if isinstance(scopes, list) else None


def _read(answers: Answers, question: Question, *, scopes: frozenset[str] | None) -> Read:
    unlock = _unlock(question, scopes)
    if question.paging is None:
        answer = answers.ask(question.request)
        if answer.is_ok and not isinstance(answer.body, Mapping | list) and question is not METRICS:
            answer = replace(answer, problem="the answer is not the object it should be; is the address right?")
        return Read(judge(answer, what=question.what, unlock=unlock, platform_says=_not_licensed), body=answer.body)
    listing = read_all(answers, question.request, question.paging)
    verdict = judge_listing(listing, what=question.what, unlock=unlock, platform_says=_not_licensed)
    items = tuple(item for item in listing.items if isinstance(item, Mapping))
    odd = len(listing.items) - len(items)
    if odd and verdict.is_ok:
        verdict = Verdict(CollectionStatus.PARTIAL, f"{question.what}: {odd} entries are not records")
    return Read(verdict, items)


def _unlock(question: Question, scopes: frozenset[str] | None) -> str:
    if not question.scope:
        return ""
    if scopes is not None and question.scope in scopes:
        return f"give the owner of the API key a role that may use the scope {question.scope}"
    return f"give the API key the scope {question.scope}"


def _not_licensed(answer: Answer) -> Verdict | None:
    """Reads a 403 in n8n's words: what the licence lacks is another thing than what the key lacks."""
    message = message_of(answer)
    if answer.status != 403 or "licen" not in message.lower():
        return None
    return Verdict(CollectionStatus.NOT_LICENSED, f"n8n says: {message}")


def _owners(api: Answers, reads: Mapping[str, Read]) -> dict[str, str]:
    """Personal projects and the principal each belongs to, from every place that tells."""
    by_email = {
        email.lower(): user_id
        for user in reads["users"].items
        if (email := text(user, "email")) and (user_id := text(user, "id"))
    }
    owners: dict[str, str] = {}
    for project in _known_projects(reads):
        _note_owner(owners, project, by_email)
    unknown: dict[str, str] = {}
    for workflow in reads["workflows"].items:
        project_id = text(owner_project(workflow, "workflow:owner"), "projectId")
        workflow_id = text(workflow, "id")
        if project_id and workflow_id and project_id not in owners:
            unknown[project_id] = min(workflow_id, unknown.get(project_id, workflow_id))
    for ordinal, workflow_id in enumerate(sorted(unknown.values())[:_MOST_EXTRA], start=1):
        request = workflow_by_id(ordinal, quote(workflow_id, safe=""))
        if api.has(request.name):
            for project in _projects_of(api, request):
                _note_owner(owners, project, by_email)
    return owners


def _known_projects(reads: Mapping[str, Read]) -> Iterator[Record]:
    yield from reads["rest_projects"].items if "rest_projects" in reads else ()
    yield from reads["projects"].items
    for credential in reads["credentials"].items:
        yield owner_project(credential, "credential:owner")


def _projects_of(api: Answers, request: Request) -> Iterator[Record]:
    answer = api.ask(request)
    if answer.is_ok and isinstance(answer.body, Mapping):
        yield inner(owner_project(answer.body, "workflow:owner"), "project")


def _note_owner(owners: dict[str, str], project: Record, by_email: Mapping[str, str]) -> None:
    """A personal project is named after its owner: `First Last <address>`. A team's project has no single owner."""
    project_id, name = text(project, "id"), text(project, "name") or ""
    if project_id is None or project.get("type") == "team" or not name.endswith(">"):
        return
    owner = by_email.get(name[name.rfind("<") + 1 : -1].strip().lower()) or text(project, "creatorId")
    if owner:
        owners[project_id] = owner


def _members(api: Answers, reads: Mapping[str, Read], scopes: frozenset[str] | None) -> dict[str, Read]:
    teams = sorted(
        project_id
        for project in reads["projects"].items
        if project.get("type") == "team" and (project_id := text(project, "id"))
    )
    return {
        project_id: _read(api, project_members(ordinal, quote(project_id, safe="")), scopes=scopes)
        for ordinal, project_id in enumerate(teams, start=1)
    }
