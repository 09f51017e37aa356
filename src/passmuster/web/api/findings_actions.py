"""What people do with findings: one or many at once, with a reason."""

from __future__ import annotations

from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from pydantic import Field

from passmuster.application.access import Action
from passmuster.application.findings import finding_work
from passmuster.records.models import Person
from passmuster.web.api.auth import ApiRequest
from passmuster.web.api.reviews_actions import Count
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Asked, Id, Said

findings = Topic("findings")
TOPICS = (findings,)


class Chosen(Asked):
    """Findings by id, and why."""

    findings: Annotated[list[Id], Field(min_length=1, max_length=finding_work.MOST_AT_ONCE)]
    why: Annotated[Said, Field(max_length=1_000)]


class ChosenFor(Chosen):
    """Findings by id, whose they are to be, and why."""

    owner: Id


@findings.does("/findings/start", Action.WORK_FINDING, Count)
def start(request: ApiRequest, asked: Chosen) -> Any:
    """Mark open findings as being worked on."""
    return {"changed": finding_work.start_findings(request.auth, asked.findings, why=asked.why)}


@findings.does("/findings/put-back", Action.WORK_FINDING, Count)
def put_back(request: ApiRequest, asked: Chosen) -> Any:
    """Say that nobody works on these any more."""
    return {"changed": finding_work.put_back_findings(request.auth, asked.findings, why=asked.why)}


@findings.does("/findings/assign", Action.WORK_FINDING, Count)
def assign(request: ApiRequest, asked: ChosenFor) -> Any:
    """Give findings another owner."""
    owner = get_object_or_404(Person, pk=asked.owner)
    return {"changed": finding_work.assign_findings(request.auth, asked.findings, owner, why=asked.why)}


@findings.does("/findings/note", Action.WORK_FINDING, Count)
def note(request: ApiRequest, asked: Chosen) -> Any:
    """Write a note into the history of findings."""
    return {"changed": finding_work.note_findings(request.auth, asked.findings, why=asked.why)}
