"""Tests of 2.1 that hold dates against each other (6.1.37, 45, 49, 51 to 53, 62, 66)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from passmuster.intel.feeds.csaf.walk import Complaint, Csaf, Found, items, time_of

_PLAIN_TIME = re.compile(r"[^tz]*T[^tz:]*:\d\d:[0-5]\d[^tz]*")


def odd_times(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.37: a leap second, or a small t or z, which other programs stumble over."""
    for path, text in times_in(csaf.value, ""):
        if not _PLAIN_TIME.fullmatch(text):
            yield path, f"{text!r} has a leap second or small letters; write 2026-12-31T17:00:00Z"


def times_in(value: Any, path: str) -> Iterator[Found]:
    """Every time in a document with its path."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from times_in(item, f"{path}.{number}")
    elif isinstance(value, dict):
        for key, item in value.items():
            place = f"{path}.{key}" if path else key
            if isinstance(item, str) and (key in ("date", "timestamp") or key.endswith("_date")):
                yield place, item
            elif key != "x_extensions":
                yield from times_in(item, place)


def _newest(csaf: Csaf) -> datetime:
    return max(time for time, _ in csaf.revisions)


def later_than_document(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.45, 49, 51, 52, 62: something is dated after the newest revision of the document that tells it."""
    newest = _newest(csaf)
    is_public = csaf.document["distribution"]["tlp"]["label"] == "CLEAR"
    for path, vulnerability in csaf.vulnerabilities if csaf.is_released else ():
        told = [(f"{path}.discovery_date", vulnerability.get("discovery_date"))]
        # A document for few may tell of a disclosure that is yet to come.
        told += [(f"{path}.disclosure_date", vulnerability.get("disclosure_date"))] if is_public else []
        told += [
            (f"{place}.content.{key}.timestamp", metric["content"].get(key, {}).get("timestamp"))
            for place, metric in items(vulnerability, "metrics", path)
            for key in ("ssvc_v1", "ssvc_v2", "epss")
        ]
        told += [
            (f"{place}.date", each["date"])
            for place, each in items(vulnerability, "first_known_exploitation_dates", path)
        ]
        for place, text in told:
            if isinstance(text, str) and time_of(text) > newest:
                yield place, f"{text} is after the newest revision; correct it or add a revision"


def discovered_after_disclosure(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.62: disclosed before it was discovered."""
    for path, vulnerability in csaf.vulnerabilities:
        found, told = vulnerability.get("discovery_date"), vulnerability.get("disclosure_date")
        if found is not None and told is not None and time_of(found) > time_of(told):
            yield f"{path}.discovery_date", "is after disclosure_date; correct one of them"


def exploited_after_record(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.53: exploitation is recorded before it happened."""
    for path, vulnerability in csaf.vulnerabilities:
        for place, each in items(vulnerability, "first_known_exploitation_dates", path):
            if time_of(each["exploitation_date"]) > time_of(each["date"]):
                yield f"{place}.exploitation_date", "is after the date of its record; correct one of them"


def wrong_first_release(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.66: a released document whose initial release is not its first revision."""
    first = min(time for time, _ in csaf.revisions)
    if csaf.is_released and time_of(csaf.tracking["initial_release_date"]) != first:
        yield "document.tracking.initial_release_date", "is not the date of the first revision; make them the same"
