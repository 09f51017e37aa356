"""The waves of a notice: regions with dates of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from passmuster.intel.feeds.notices.values import read_list, read_time
from passmuster.model.advisory import Wave

WAVE_TIMES = ("preview_at", "earliest_at", "latest_at", "enforced_at")
_KNOWN = ("regions", *WAVE_TIMES)


def read_waves(value: Any, place: str, complaints: list[str]) -> tuple[Wave, ...]:
    """The waves of a list of mappings, in order; adds to `complaints` what is wrong, each after `place`."""
    if value is None or value == "":
        return ()
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        complaints.append(f"{place}waves: is no list of waves; write [{{regions: [EU], enforced_at: 2026-12-31}}]")
        return ()
    found = [_read_wave(each, f"{place}waves.{number}.", complaints) for number, each in enumerate(value)]
    return tuple(wave for wave in found if wave is not None)


def _read_wave(value: Mapping[str, Any], place: str, complaints: list[str]) -> Wave | None:
    before = len(complaints)
    complaints += [
        f"{place}{name}: unknown field; known are {', '.join(_KNOWN)}" for name in value if name not in _KNOWN
    ]
    told: dict[str, Any] = {}
    for name in _KNOWN:
        try:
            told[name] = read_list(value.get(name)) if name == "regions" else read_time(name, value.get(name))
        except ValueError as error:
            complaints.append(f"{place}{name}: {error}")
    if len(complaints) == before and not told["regions"]:
        complaints.append(f"{place}regions: must be given")
    if len(complaints) == before and not any(told[name] for name in WAVE_TIMES):
        complaints.append(f"{place.rstrip('.')}: has no date; give earliest_at, latest_at or enforced_at")
    for first, last in (("earliest_at", "latest_at"), ("preview_at", "latest_at")):
        if told.get(first) and told.get(last) and told[first] > told[last]:
            complaints.append(f"{place}{first}: is after {last}; correct one of them")
    return Wave(**told) if len(complaints) == before else None


def spanning(told: Mapping[str, Any], waves: Sequence[Wave]) -> dict[str, Any]:
    """What a notice says of itself, with what it leaves out taken from its waves: all regions, first to last date."""
    if not waves:
        return dict(told)
    begins = [wave.earliest_at or wave.enforced_at for wave in waves]
    ends = [wave.latest_at or wave.enforced_at for wave in waves]
    regions = tuple(dict.fromkeys(region for wave in waves for region in wave.regions))
    has_own = any(told[name] for name in ("earliest_at", "latest_at", "enforced_at"))
    return {
        **told,
        "regions": told["regions"] or regions,
        "preview_at": told["preview_at"] or _of(min, (wave.preview_at for wave in waves)),
        "earliest_at": told["earliest_at"] if has_own else _of(min, begins),
        "latest_at": told["latest_at"] if has_own else _of(max, ends),
    }


def _of(choose: Callable[[list[datetime]], datetime], times: Iterable[datetime | None]) -> datetime | None:
    known = [time for time in times if time is not None]
    return choose(known) if known else None
