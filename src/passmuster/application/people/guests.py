"""Guests: contacts of vendors, who see what is asked of that vendor and answer for nothing of the house."""

from __future__ import annotations

from passmuster.errors import UsageError
from passmuster.records.models import Person


def guest_complaint(person: Person) -> str:
    """Why this person can own nothing here; empty where they can."""
    if person.vendor_id is None:
        return ""
    return f"{person} is a vendor's contact; somebody of your own answers for it, choose them"


def refuse_guest(person: Person | None) -> None:
    """Raise UsageError where this person is a guest; nobody is none."""
    if person is not None and (complaint := guest_complaint(person)):
        raise UsageError(f"owner: {complaint}")
