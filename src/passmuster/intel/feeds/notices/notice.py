"""One notice (`passmuster/notice@1`) as a record, or everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from passmuster.documents.secrets import mask_secrets
from passmuster.intel.feeds.notices.values import (
    read_cves,
    read_kind,
    read_list,
    read_severity,
    read_text,
    read_time,
    read_yes_no,
)
from passmuster.intel.feeds.notices.waves import read_waves, spanning
from passmuster.model.advisory import AffectedProduct, Notice, Record, RecordKind
from passmuster.model.waves import mended_at

SCHEMA = "passmuster/notice@1"
TIMES = ("announced_at", "preview_at", "earliest_at", "latest_at", "enforced_at", "defer_until", "withdrawn_at")
LISTS = ("platforms", "regions", "connectors")
FIELDS = (
    *("id", "kind", "vendor", "platforms", "regions"),
    *TIMES[:-1],
    *("reversible", "connectors", "severity", "cves", "text", "source", "revision", "withdrawn_at", "waves"),
)
REQUIRED = ("id", "kind", "vendor")
# Of these pairs the first may not be after the second.
_ORDER = (("preview_at", "latest_at"), ("earliest_at", "latest_at"), ("earliest_at", "defer_until"))
_LONGEST_TITLE = 160


def read_notice(values: Mapping[str, Any], place: str, complaints: list[str]) -> Record | None:
    """The record of one notice; None, and complaints added, where anything about it is wrong.

    `place` is put before each complaint; it ends where the field's name is to follow.
    """
    before = len(complaints)
    unknown = [str(name) for name in values if name not in FIELDS and name != "schema"]
    complaints += [f"{place}{name}: unknown field; known are {', '.join(FIELDS)}" for name in unknown]
    complaints += [
        f"{place}{name}: must be given" for name in REQUIRED if values.get(name) is None or values.get(name) == ""
    ]
    read = _Reader(values, place, complaints)
    told: dict[str, Any] = {name: read(name, read_text) for name in ("id", "vendor", "text", "source", "revision")}
    told |= {name: read(name, read_list) for name in LISTS}
    told |= {name: read(name, _time_reader(name)) for name in TIMES}
    told["kind"] = read("kind", read_kind) if values.get("kind") not in (None, "") else None
    told["severity"] = read("severity", read_severity)
    told["cves"] = read("cves", read_cves)
    told["is_reversible"] = read("reversible", read_yes_no)
    told["waves"] = read_waves(values.get("waves"), place, complaints)
    complaints += _disorder(told, place)
    return _record(spanning(told, told["waves"])) if len(complaints) == before else None


class _Reader:
    """Reads one field and notes what is wrong with it."""

    def __init__(self, values: Mapping[str, Any], place: str, complaints: list[str]) -> None:
        self._values, self._place, self._complaints = values, place, complaints

    def __call__(self, name: str, reader: Callable[[Any], Any]) -> Any:
        try:
            return reader(self._values.get(name))
        except ValueError as error:
            self._complaints.append(f"{self._place}{name}: {error}")
            return None


def _time_reader(name: str) -> Callable[[Any], datetime | None]:
    return lambda value: read_time(name, value)


def _disorder(told: Mapping[str, Any], place: str) -> Iterable[str]:
    for first, second in _ORDER:
        if told[first] is not None and told[second] is not None and told[first] > told[second]:
            yield f"{place}{first}: is after {second}; correct one of them"


def _record(told: Mapping[str, Any]) -> Record:
    text = mask_secrets(told["text"])
    notice = Notice(
        kind=told["kind"],
        vendor=told["vendor"],
        is_reversible=told["is_reversible"],
        severity=told["severity"],
        text=text,
        source=mask_secrets(told["source"]),
        revision=told["revision"],
        waves=told["waves"],
        **{name: told[name] for name in (*LISTS, *TIMES) if name != "withdrawn_at"},
    )
    lines = text.splitlines()
    return Record(
        kind=RecordKind.NOTICE,
        feed=notice.vendor,
        id=told["id"],
        aliases=told["cves"],
        title=lines[0].strip()[:_LONGEST_TITLE] if lines else f"{notice.kind.replace('_', ' ')} by {notice.vendor}",
        description=text,
        published_at=notice.announced_at,
        withdrawn_at=told["withdrawn_at"],
        vendor_fixed_at=mended_at(notice),
        severity=notice.severity,
        notice=notice,
        affected=tuple(AffectedProduct(vendor=notice.vendor, product=name) for name in notice.platforms),
        references=(notice.source,) if notice.source.startswith(("http://", "https://")) else (),
    )


def newest_revisions(found: list[tuple[str, Record]], complaints: list[str]) -> tuple[Record, ...]:
    """Of each id the highest revision; complains where one id has one revision twice.

    `found` are places and records, in the order given.
    """
    newest: dict[str, tuple[str, Record]] = {}
    for place, record in found:
        held = newest.get(record.id)
        if held is None or _rank(record) > _rank(held[1]):
            newest[record.id] = (place, record)
        elif record != held[1] and _rank(record) == _rank(held[1]):
            complaints.append(f"{place}id: {record.id!r} stands at {held[0].strip(': .')} already; raise its revision")
    return tuple(record for _, record in newest.values())


def _rank(record: Record) -> tuple[tuple[int, ...], str, float]:
    """Revisions by the numbers in them, then as text, then by when they were announced."""
    revision = record.notice.revision if record.notice else ""
    numbers = tuple(int(part) for part in revision.replace("v", "").split(".") if part.isdigit())
    return numbers, revision, record.published_at.timestamp() if record.published_at else 0.0
