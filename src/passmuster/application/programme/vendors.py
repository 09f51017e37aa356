"""Vendors: who makes and hosts platforms."""

from __future__ import annotations

from django.db.models import Q

from passmuster.application.access import Action, Actor
from passmuster.application.acting import acting
from passmuster.errors import UsageError
from passmuster.records.models import Vendor


def add_vendor(actor: Actor, *, name: str, catalogue_id: str = "", notes: str = "") -> Vendor:
    """A vendor; raises UsageError where the name is empty or taken."""
    _check(name, None)
    with acting(actor, Action.MANAGE_PROGRAMME, "vendor", verb="add_vendor") as event:
        vendor = Vendor.objects.create(
            name=name.strip(), catalogue_id=catalogue_id.strip(), notes=notes.strip(), created_at=actor.now
        )
        event.subject_id, event.after = str(vendor.pk), _told(vendor)
    return vendor


def change_vendor(actor: Actor, vendor: Vendor, *, name: str, catalogue_id: str, notes: str) -> None:
    """Change what is known of a vendor; raises UsageError."""
    _check(name, vendor.pk)
    with acting(actor, Action.MANAGE_PROGRAMME, vendor, verb="change_vendor") as event:
        event.before = _told(vendor)
        vendor.name, vendor.catalogue_id, vendor.notes = name.strip(), catalogue_id.strip(), notes.strip()
        vendor.save(update_fields=["name", "catalogue_id", "notes"])
        event.after = _told(vendor)
        event.is_silent = event.before == event.after


def _check(name: str, key: int | None) -> None:
    if not name.strip():
        raise UsageError("the vendor's name is empty")
    if Vendor.objects.filter(name__iexact=name.strip()).exclude(Q(pk=key)).exists():
        raise UsageError(f"there is a vendor {name.strip()} already")


def _told(vendor: Vendor) -> dict[str, str]:
    return {"name": vendor.name, "catalogue_id": vendor.catalogue_id, "notes": vendor.notes}
