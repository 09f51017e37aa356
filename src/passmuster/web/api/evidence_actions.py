"""Handing evidence in, linking it, reading its bytes."""

from __future__ import annotations

from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from ninja import File, Form
from ninja.files import UploadedFile
from pydantic import Field

from passmuster.application.access import Action
from passmuster.application.evidence import evidence as use
from passmuster.model.evidence import EvidenceFacts, EvidenceKind
from passmuster.records.models import Evidence
from passmuster.web.api.auth import ApiRequest, sight
from passmuster.web.api.downloads import download
from passmuster.web.api.evidence import EvidenceInFull, EvidenceTold, evidence_in_full
from passmuster.web.api.programme import platform_shown
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Asked, Day, Id, Slug, Text, Word

evidence = Topic("evidence")
TOPICS = (evidence,)


class FactsAsked(Asked):
    """What is said about a file; the lists are given by repeating the field."""

    title: Annotated[Word, Field(max_length=300)]
    kind: EvidenceKind
    platform: Slug | None = None
    vendor: Id | None = None
    owner: Id | None = None
    period_from: Day | None = None
    period_to: Day | None = None
    expires_on: Day | None = None
    controls: Annotated[list[Word], Field(max_length=200)] = Field(default_factory=list)
    reviews: Annotated[list[Id], Field(max_length=100)] = Field(default_factory=list)
    why: Text = ""


class LinksAsked(Asked):
    """All controls and reviews it belongs to."""

    controls: Annotated[list[Word], Field(max_length=200)]
    reviews: Annotated[list[Id], Field(max_length=100)]
    why: Text = ""


def _facts(request: ApiRequest, asked: FactsAsked) -> EvidenceFacts:
    told = asked.model_dump(exclude={"platform", "controls", "reviews", "why"})
    platform = platform_shown(sight(request), asked.platform).pk if asked.platform else None
    return EvidenceFacts(**told, platform=platform, controls=tuple(asked.controls), reviews=tuple(asked.reviews))


def _evidence(request: ApiRequest, pk: int) -> Evidence:
    return get_object_or_404(use.evidence_for(sight(request)), pk=pk)


@evidence.does("/evidence", Action.ADD_EVIDENCE, EvidenceInFull, status=201)
def hand_in(request: ApiRequest, asked: Form[FactsAsked], file: File[UploadedFile]) -> Any:
    """Keep a file as evidence (multipart/form-data); `same_bytes` says where it was kept before."""
    facts = _facts(request, asked)
    made = use.add_evidence(request.auth, file.chunks(), name=file.name or "file", facts=facts, why=asked.why)
    return evidence_in_full(request, made)


@evidence.does("/evidence/{pk}/supersede", Action.ADD_EVIDENCE, EvidenceInFull, status=201)
def supersede(request: ApiRequest, pk: Id, asked: Form[FactsAsked], file: File[UploadedFile]) -> Any:
    """Keep a newer file in the place of another, which stays."""
    old, facts = _evidence(request, pk), _facts(request, asked)
    name = file.name or "file"
    made = use.supersede_evidence(request.auth, old, file.chunks(), name=name, facts=facts, why=asked.why)
    return evidence_in_full(request, made)


@evidence.does("/evidence/{pk}/links", Action.ADD_EVIDENCE, EvidenceTold, method="PUT")
def link(request: ApiRequest, pk: Id, asked: LinksAsked) -> Any:
    """Say which controls and reviews it belongs to, in place of what was said before."""
    return use.link_evidence(request.auth, _evidence(request, pk), **asked.model_dump())


@evidence.sends_file("/evidence/{pk}/file", Action.READ_EVIDENCE)
def read_file(request: ApiRequest, pk: Id) -> Any:
    """The bytes, always as a download."""
    get_object_or_404(use.evidence_for(request.auth), pk=pk)
    found, path = use.readable_file(request.auth, pk)
    return download(path, found.file_name)
