"""Tests of 2.1 on the licence of the document (6.1.54 and 6.1.55)."""

from __future__ import annotations

from collections.abc import Iterator

from passmuster.intel.feeds.csaf.license_text import is_own_license, named_licenses
from passmuster.intel.feeds.csaf.walk import Complaint, Csaf

_PLACE = "document.license_expression"
_TITLE = "License"


def odd_license(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.54: not a licence expression of SPDX, or one that leads into another document."""
    expression = csaf.document.get("license_expression")
    if expression is not None and named_licenses(expression) is None:
        yield _PLACE, f"{expression!r} is no expression of SPDX; write such as CC-BY-4.0 or LicenseRef-acme.example-1.0"


def missing_license_text(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.55: a licence that no list has, without its text."""
    named = named_licenses(csaf.document.get("license_expression", "")) or ()
    own = [name for name in named if is_own_license(name)]
    if not own or not csaf.is_english:
        return
    titled = [note for note in csaf.document.get("notes", []) if note.get("title") == _TITLE]
    if len(titled) != 1 or titled[0]["category"] != "legal_disclaimer":
        yield (
            "document.notes",
            f"{', '.join(own)} is on no list; its text must stand in one note, a legal_disclaimer titled {_TITLE!r}",
        )
