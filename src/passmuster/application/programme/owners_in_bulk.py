"""Owners out to a sheet and back in, set by set; all of it or nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.db import transaction

from passmuster.application.access import Action, Actor, may, platforms_for, require
from passmuster.application.acting import acting
from passmuster.application.people.sheet_rows import Row, read_rows
from passmuster.application.programme.ownership import Thing, owner_complaints
from passmuster.documents.workbook_out import Column, Form, write_workbook
from passmuster.errors import UnreadableInput
from passmuster.records.models import Ownership, Person, Platform
from passmuster.report.csv_writer import safe_cell

COLUMNS = ("platform", "scope_kind", "scope_id", "owner", "deputy")
_BATCH = 2_000


def owner_rows(actor: Actor) -> Iterator[tuple[str, ...]]:
    """Every ownership the actor may see, in order: platform, kind, id, owner, deputy."""
    require_look(actor)
    seen = Ownership.objects.order_by("platform__slug", "scope_kind", "scope_id")
    allowed = platforms_for(actor, Action.VIEW)
    if allowed is not None:
        seen = seen.filter(platform_id__in=allowed)
    rows = seen.values_list("platform__slug", "scope_kind", "scope_id", "owner__email", "deputy__email")
    for row in rows.iterator(chunk_size=_BATCH):
        yield tuple(value or "" for value in row)


def require_look(actor: Actor) -> None:
    """Raise NotAllowed for people who see no platform at all."""
    if platforms_for(actor, Action.VIEW) == frozenset():
        require(actor, Action.VIEW)


def owners_csv(rows: Iterable[tuple[str, ...]]) -> str:
    """The rows as CSV that no spreadsheet takes for formulas."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([safe_cell(value) for value in row] for row in rows)
    return out.getvalue()


def write_owners_workbook(target: Path, rows: Iterable[tuple[str, ...]]) -> None:
    """The rows as a workbook; raises OutputRefused."""
    write_workbook(target, [Form("owners", tuple(Column(name, width=30) for name in COLUMNS), list(rows))])


def import_owners(actor: Actor, path: Path, *, why: str = "") -> dict[str, int]:
    """Set the owners a CSV or XLSX file names; how many rows a platform. Things it does not name stay as they are.

    Raises UnreadableInput with all mistakes; then nothing has changed.
    """
    rows = read_rows(path, needed=("platform", "scope_kind", "owner"), known=COLUMNS)
    wanted = _wanted(actor, rows)
    with transaction.atomic():
        for platform, owned in wanted.items():
            Ownership.objects.bulk_create(
                owned,
                batch_size=_BATCH,
                update_conflicts=True,
                unique_fields=["platform", "scope_kind", "scope_id"],
                update_fields=["owner", "deputy"],
            )
            told = [_spell(each) for each in owned]
            with acting(
                actor, Action.MANAGE_PLATFORM, "ownership", platform=platform, why=why, verb="import_owners"
            ) as event:
                event.after = {"rows": len(told), "first": told[:20]}
    return {platform.slug: len(owned) for platform, owned in wanted.items()}


def _wanted(actor: Actor, rows: list[Row]) -> dict[Platform, list[Ownership]]:
    platforms = {each.slug: each for each in Platform.objects.all()}
    people = {each.email: each for each in Person.objects.all()}
    found: dict[Platform, list[Ownership]] = {}
    seen: set[tuple[str, ...]] = set()
    complaints: list[str] = []
    for row in rows:
        platform = platforms.get(row.get("platform"))
        # Whoever may not change a platform is not told that it is there.
        if platform is None or not may(actor, Action.MANAGE_PLATFORM, platform.pk):
            complaints.append(f"{row.place}: there is no platform {row.get('platform')!r} of yours")
            continue
        thing = Thing(row.get("scope_kind"), row.get("scope_id"))
        owner, deputy = people.get(row.get("owner").lower()), people.get(row.get("deputy").lower())
        wrong = owner_complaints(thing, owner, deputy)
        if row.get("deputy") and deputy is None:
            wrong.append(f"nobody is called {row.get('deputy')!r}")
        if (key := (platform.slug, thing.kind, thing.id)) in seen:
            wrong.append("this thing is named twice")
        seen.add(key)
        complaints += [f"{row.place}: {line}" for line in wrong]
        if owner is not None and not wrong:
            found.setdefault(platform, []).append(
                Ownership(platform=platform, scope_kind=thing.kind, scope_id=thing.id, owner=owner, deputy=deputy)
            )
    if complaints:
        raise UnreadableInput("\n".join(complaints))
    return found


def _spell(owned: Ownership) -> str:
    deputy = f", deputy {owned.deputy.email}" if owned.deputy else ""
    return f"{owned.scope_kind} {owned.scope_id}: {owned.owner.email}{deputy}"
