"""What events of the record are about, by name, where the reader may read it; in one query a kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from passmuster.application.access import Action, Actor, may, platforms_for
from passmuster.records import models
from passmuster.records.models import AuditEvent
from passmuster.web.places import page_of_record
from passmuster.web.whose import is_key

_LONGEST_NAME = 120


@dataclass(frozen=True)
class Subject:
    """The kind and number of the thing, its name and its page; these two are empty where it is not for the reader."""

    kind: str
    number: str
    name: str = ""
    link: str = ""


@dataclass(frozen=True)
class _Kind:
    """How a kind is read: `platform` is the column that says of which one it is, empty where it is of none."""

    model: type[Model]
    name: Callable[[Any], str]
    page: str = ""
    platform: str = "platform_id"
    action: Action = Action.VIEW
    joined: tuple[str, ...] = ()
    key: Callable[[Any], object] = lambda row: row.pk


_ON = ("platform",)
_KINDS: Mapping[str, _Kind] = {
    "person": _Kind(models.Person, str, "person", "", Action.READ_PEOPLE),
    "vendor": _Kind(models.Vendor, str, "vendor", ""),
    "platform": _Kind(models.Platform, str, "platform", "pk", key=lambda row: row.slug),
    "environment": _Kind(models.Environment, str, "platform", joined=_ON, key=lambda row: row.platform.slug),
    "collection": _Kind(
        models.Collection, lambda row: f"{row.platform}, {row.started_at:%Y-%m-%d %H:%M}", "collection", joined=_ON
    ),
    "evaluation": _Kind(
        models.Evaluation,
        lambda row: f"{row.collection.platform}, {row.as_of:%Y-%m-%d %H:%M}",
        "collection",
        "collection__platform_id",
        joined=("collection__platform",),
        key=lambda row: row.collection_id,
    ),
    "review": _Kind(models.Review, lambda row: f"{row.platform}: {row.because}", "review", joined=_ON),
    "finding": _Kind(models.Finding, lambda row: row.title, "finding"),
    "deviation": _Kind(models.Deviation, lambda row: f"{row.control}: {row.reason}", "deviation"),
    "change": _Kind(models.Change, lambda row: row.title, "change"),
    "evidence": _Kind(models.Evidence, lambda row: row.title, "evidence", action=Action.READ_EVIDENCE),
    "vendor_request": _Kind(models.VendorRequest, lambda row: row.title, "vendor_request"),
    "vendorrequest": _Kind(models.VendorRequest, lambda row: row.title, "vendor_request"),
    "ticket": _Kind(models.Ticket, lambda row: f"{row.external_key} {row.control}".strip(), "ticket"),
}


def with_subjects(actor: Actor, events: Iterable[AuditEvent]) -> list[tuple[AuditEvent, Subject]]:
    """Each event with what it is about."""
    events = list(events)
    wanted: dict[str, set[int]] = {}
    for event in events:
        if event.subject_kind in _KINDS and is_key(event.subject_id):
            wanted.setdefault(event.subject_kind, set()).add(int(event.subject_id))
    known = {(kind, str(row.pk)): row for kind, keys in wanted.items() for row in _readable(actor, _KINDS[kind], keys)}
    return [(event, _subject(event, known.get((event.subject_kind, event.subject_id)))) for event in events]


def _readable(actor: Actor, kind: _Kind, keys: set[int]) -> QuerySet[Any]:
    rows = kind.model._default_manager.filter(pk__in=keys)
    rows = rows.select_related(*kind.joined) if kind.joined else rows
    where = platforms_for(actor, kind.action)
    if not kind.platform:
        return rows if may(actor, kind.action) else rows.none()
    return rows if where is None else rows.filter(**{f"{kind.platform}__in": where})


def _subject(event: AuditEvent, row: Any) -> Subject:
    told = event.subject_kind, event.subject_id
    if row is None:
        return Subject(*told)
    kind = _KINDS[event.subject_kind]
    link = page_of_record(kind.page, kind.key(row)) if kind.page else ""
    return Subject(*told, kind.name(row)[:_LONGEST_NAME], link)
