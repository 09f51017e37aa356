"""What a vendor's documents cover: up to which day, which of our platforms, and what nobody answered. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from passmuster.model.assurance import AssuranceDocument, Point, ServedPlatform, VendorAssurance

ASKED_SCOPE = ("soc1", "soc2", "soc3", "certificate", "attestation", "penetration_test")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Coverage:
    """Whether a document speaks of a platform: None where nobody wrote that down. `lacking` is what it leaves out."""

    covers: bool | None
    lacking: tuple[str, ...] = ()
    unwritten: tuple[str, ...] = ()


def covered_until(document: AssuranceDocument, vendor: VendorAssurance) -> date | None:
    """The last day the document speaks of, with the bridge letters that follow on it; None where it is not known."""
    until = document.ends_on
    for letter in letters_of(document, vendor):
        if until and letter.starts_on and letter.ends_on and letter.starts_on <= _after(until):
            until = max(until, letter.ends_on)
    return until


def letters_of(document: AssuranceDocument, vendor: VendorAssurance) -> list[AssuranceDocument]:
    """The bridge letters we hold to a report, by their first day."""
    letters = [
        letter
        for letter in vendor.documents
        if letter.kind == "bridge_letter" and letter.of == document.id and letter.is_received
    ]
    return sorted(letters, key=lambda letter: letter.starts_on or date.max)


def is_detached(letter: AssuranceDocument, vendor: VendorAssurance) -> bool:
    """Whether days lie between what the report and its earlier letters cover and the first day of this letter."""
    reports = [document for document in vendor.documents if document.id == letter.of]
    until = covered_until(reports[0], vendor) if reports else None
    return bool(until and letter.starts_on and letter.starts_on > _after(until))


def coverage_of(document: AssuranceDocument, platform: ServedPlatform) -> Coverage:
    """Whether the services we use and the regions our data lies in are in the document's scope.

    Regions are asked only where ours are written down.
    """
    if document.kind not in ASKED_SCOPE:
        return Coverage(True)
    asked = {"services": platform.services} | ({"regions": platform.regions} if platform.regions else {})
    told = {"services": document.scope.services, "regions": document.scope.regions}
    lacking: list[str] = []
    unwritten = []
    for part, ours in asked.items():
        theirs = told[part]
        if part in document.scope.covers_all:
            continue
        if theirs is None:
            unwritten.append(part)
        else:
            lacking += _missing(ours, theirs)
    covers = False if lacking else None if unwritten else True
    return Coverage(covers, tuple(lacking), tuple(unwritten))


def unanswered(points: Sequence[Point] | None) -> list[Point]:
    """The points without an answer of ours; none where nothing is known of them."""
    return [point for point in points or () if not point.is_answered]


def open_count(points: Sequence[Point] | None) -> int | None:
    """How many have no answer; None where it is not known what there is."""
    return None if points is None else len(unanswered(points))


def open_user_controls(document: AssuranceDocument) -> int | None:
    """How many controls left to us have no answer. A certificate leaves none: its form has no such list."""
    return 0 if document.kind == "certificate" else open_count(document.user_controls)


def is_superseded(document: AssuranceDocument, platform: ServedPlatform, vendor: VendorAssurance) -> bool:
    """Whether we hold a later document of the same sort that does not leave this platform out."""
    return any(
        _replaces(other, document) and _is_later(other, document) and coverage_of(other, platform).covers is not False
        for other in vendor.documents
        if other.is_received and other.id != document.id
    )


def is_current(document: AssuranceDocument, vendor: VendorAssurance) -> bool:
    """Whether anything of ours still rests on the document."""
    return any(not is_superseded(document, platform, vendor) for platform in vendor.platforms)


def _replaces(later: AssuranceDocument, earlier: AssuranceDocument) -> bool:
    if (later.kind, _spelled(later.standard)) != (earlier.kind, _spelled(earlier.standard)):
        return False
    if later.kind == "bridge_letter":
        # Letters follow on one another; a later one leans on the earlier.
        return False
    if later.kind in ("soc1", "soc2"):
        # How controls are designed does not replace how they worked.
        return earlier.report_type != 2 or later.report_type == 2
    return True


def _is_later(one: AssuranceDocument, other: AssuranceDocument) -> bool:
    """Whether `one` speaks of later days; a document that we do not hold is earlier than any we do."""
    if not other.is_received:
        return True
    days = [document.ends_on or document.dated_on or document.issued_on for document in (one, other)]
    return days[0] is not None and days[1] is not None and days[0] > days[1]


def _missing(ours: Collection[str], theirs: Collection[str]) -> list[str]:
    known = {_spelled(name) for name in theirs}
    return [name for name in ours if _spelled(name) not in known]


def _spelled(name: str) -> str:
    return " ".join(name.casefold().split())


def _after(day: date) -> date:
    return day + _DAY if day < date.max else day
