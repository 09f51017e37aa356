"""Reading `passmuster/triage@1` as far as a plan needs it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from passmuster.errors import UnreadableInput
from passmuster.plan.calendar.local_times import Complaints

SCHEMA = "passmuster/triage@1"
ACTIONS = ("patch", "test_before", "configure", "migrate", "hunt", "obtain_evidence", "none")
_MOST_COMPLAINTS = 50


@dataclass(frozen=True)
class Decided:
    """What was decided of one advisory and one component; texts are empty and times None where nothing was said."""

    advisory: str
    component: str
    environment: str
    outcome: str
    action: str
    component_id: str = ""
    purl: str = ""
    version: str = ""
    title: str = ""
    verdict: str = ""
    who_patches: str = ""
    fixed_versions: tuple[str, ...] = ()
    epss: float | None = None
    clock_started_at: datetime | None = None
    due_at: datetime | None = None
    available_at: datetime | None = None
    """From when on the fix, or the preview of what the vendor will do, can be had."""
    vendor_from: datetime | None = None
    """From when on the vendor may act, where it has told a span."""
    enforced_at: datetime | None = None

    @property
    def component_names(self) -> tuple[str, ...]:
        """All names a calendar may match it by."""
        return self.component, self.component_id, self.purl


def read_decisions(document: Any, where: str) -> tuple[tuple[Decided, ...], datetime | None]:
    """The decisions of a triage document and the time they were taken for, if told; raises UnreadableInput."""
    found = document.get("decisions") if isinstance(document, dict) else None
    if not isinstance(document, dict) or document.get("schema") != SCHEMA or not isinstance(found, list):
        raise UnreadableInput(f"{where}: is no {SCHEMA} document; hand over what `triage --format json` printed")
    complaints = Complaints(where)
    decisions = [_decided(item, f"decisions.{index}", complaints) for index, item in enumerate(found)]
    as_of = _time(document, "as_of", "as_of", complaints)
    if complaints.lines:
        raise UnreadableInput("\n".join(complaints.lines[:_MOST_COMPLAINTS]))
    return tuple(each for each in decisions if each), as_of


def _decided(item: Any, place: str, complaints: Complaints) -> Decided | None:
    if not isinstance(item, dict):
        complaints.say(place, "is no decision (key: value)")
        return None
    action = _text(item, "action", place, complaints)
    if action not in ACTIONS:
        complaints.say(f"{place}.action", f"{action!r} is none of {', '.join(ACTIONS)}")
    given = item.get("times")
    times: dict[str, Any] = given if isinstance(given, dict) else {}
    versions = item.get("fixed_versions")
    epss = item.get("epss")
    return Decided(
        advisory=_text(item, "advisory", place, complaints),
        component=_text(item, "component", place, complaints),
        environment=_text(item, "environment", place, complaints),
        outcome=_text(item, "outcome", place, complaints),
        action=action,
        component_id=_text(item, "component_id", place, complaints),
        purl=_text(item, "purl", place, complaints),
        version=_text(item, "version", place, complaints),
        title=_text(item, "title", place, complaints),
        verdict=_text(item, "verdict", place, complaints),
        who_patches=_text(item, "who_patches", place, complaints),
        fixed_versions=tuple(str(version) for version in versions) if isinstance(versions, list) else (),
        epss=float(epss) if isinstance(epss, int | float) and 0 <= epss <= 1 else None,
        clock_started_at=_time(item, "clock_started_at", place, complaints),
        due_at=_time(item, "due_at", place, complaints),
        available_at=_time(times, "available_at", f"{place}.times", complaints)
        or _time(times, "vendor_fixed_at", f"{place}.times", complaints),
        vendor_from=_time(item, "vendor_from", place, complaints),
        enforced_at=_time(times, "enforced_at", f"{place}.times", complaints),
    )


def _text(item: dict[str, Any], key: str, place: str, complaints: Complaints) -> str:
    value = item.get(key)
    if value is not None and not isinstance(value, str):
        complaints.say(f"{place}.{key}", f"{value!r} is not text")
        return ""
    return value or ""


def _time(item: dict[str, Any], key: str, place: str, complaints: Complaints) -> datetime | None:
    value = item.get(key)
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not 1970 < moment.year < 2200:
        complaints.say(f"{place}.{key}", f"{value!r} is no time; write 2026-12-31T17:00:00Z")
        return None
    return moment.astimezone(UTC)
