"""People from a sheet: one row a duty; all of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from passmuster.application.access import Action, Actor, require
from passmuster.application.people.duties import Held, duty_complaints
from passmuster.application.people.people import add_person, change_duties
from passmuster.application.people.sheet_rows import Row, read_rows
from passmuster.errors import UnreadableInput, UsageError
from passmuster.model.keeping import DutyRole
from passmuster.records.models import Person, Platform, Vendor

COLUMNS = ("email", "name", "role", "platform", "vendor")


@dataclass
class _Wanted:
    place: str
    name: str = ""
    vendor: Vendor | None = None
    duties: set[Held] = field(default_factory=set)


def import_people(actor: Actor, path: Path, *, why: str = "") -> tuple[int, int]:
    """Add the people of a CSV or XLSX file, and give those who are there exactly these duties; how many of each.

    Columns: email, name, role, platform (its short name, empty: everywhere), vendor (its name). Raises
    UnreadableInput with all mistakes; then nothing has changed.
    """
    require(actor, Action.MANAGE_PEOPLE)
    wanted = _wanted(read_rows(path, needed=("email", "name", "role"), known=COLUMNS))
    added = changed = 0
    complaints: list[str] = []
    with transaction.atomic():
        known = {person.email: person for person in Person.objects.filter(email__in=wanted)}
        for email, each in wanted.items():
            try:
                if email in known:
                    change_duties(actor, known[email], each.duties, why=why)
                    changed += 1
                else:
                    add_person(actor, email=email, name=each.name, duties=each.duties, vendor=each.vendor, why=why)
                    added += 1
            except UsageError as error:
                complaints.append(f"{each.place}: {error}")
        if complaints:
            raise UnreadableInput("\n".join(complaints))
    return added, changed


def _wanted(rows: list[Row]) -> dict[str, _Wanted]:
    platforms = dict(Platform.objects.values_list("slug", "pk"))
    vendors = {vendor.name.lower(): vendor for vendor in Vendor.objects.all()}
    found: dict[str, _Wanted] = {}
    complaints: list[str] = []
    for row in rows:
        each = found.setdefault(row.get("email").lower(), _Wanted(row.place))
        each.name = each.name or row.get("name")
        if row.get("vendor"):
            each.vendor = vendors.get(row.get("vendor").lower())
            if each.vendor is None:
                complaints.append(f"{row.place}: there is no vendor {row.get('vendor')!r}")
        role, slug = row.get("role"), row.get("platform")
        if role not in list(DutyRole):
            complaints.append(f"{row.place}: {role!r} is no role; known are {', '.join(DutyRole)}")
        elif slug and slug not in platforms:
            complaints.append(f"{row.place}: there is no platform {slug!r}")
        else:
            each.duties.add(Held(DutyRole(role), platforms[slug] if slug else None))
    for each in found.values():
        complaints += [
            f"{each.place}: {line}" for line in duty_complaints(each.duties, has_vendor=each.vendor is not None)
        ]
    if complaints:
        raise UnreadableInput("\n".join(complaints))
    return found
