"""The formats of single texts in CSAF and CycloneDX: times, addresses, languages, CPE names.

The validator's own checks need libraries of which one alone takes more than a second to load.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from jsonschema import FormatChecker

_TIME = re.compile(
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?"
    r"(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+")
_IRI_REFERENCE = re.compile(r"[^\s<>\"{}|\\^`]*")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
# RFC 5646: language with extensions, script, region, variants, extensions, private use; or private use; or irregular.
_LANGUAGE = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*(?:-[a-wy-z0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?"
    r"|x(?:-[a-z0-9]{1,8})+|i-(?:default|mingo)",
    re.IGNORECASE,
)
_CPE_PART = r"(?:[*\-]|(?:\?*|\*)(?:[A-Za-z0-9._\-]|\\[^A-Za-z0-9\s])+(?:\?*|\*))"
_CPE = re.compile(
    rf"cpe:2\.3:[aho*\-](?::{_CPE_PART}){{5}}:(?:[A-Za-z]{{2,3}}(?:-(?:[A-Za-z]{{2}}|\d{{3}}))?|[*\-])(?::{_CPE_PART}){{4}}"
    r"|[cC][pP][eE]:/[AHOaho]?(?::[A-Za-z0-9._\-~%]*){0,6}"
)

FORMATS = FormatChecker(formats=())
"""Of CSAF 2.1 and CycloneDX, where a time is a full one."""
FORMATS_2_0 = FormatChecker(formats=())
"""Of CSAF 2.0, where publishers also write a day alone."""


def parse_time(text: str) -> datetime | None:
    """An RFC 3339 time as an aware time (a leap second as the one before), a day as its start; None if it is none."""
    if _DAY.fullmatch(text):
        text = f"{text}T00:00:00Z"
    if not _TIME.fullmatch(text):
        return None
    # Python knows no 60th second and no more than six digits of a fraction.
    text = re.sub(r":60(?=[.Zz+-])", ":59", text.upper())
    text = re.sub(r"(\.\d{6})\d+", r"\1", text)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def is_full_time(value: Any) -> bool:
    """Whether a text is a time with its zone; what is no text is not judged."""
    return not isinstance(value, str) or (parse_time(value) is not None and _DAY.fullmatch(value) is None)


def _is_time_or_day(value: Any) -> bool:
    return not isinstance(value, str) or parse_time(value) is not None


def _is_uri(value: Any) -> bool:
    return not isinstance(value, str) or _URI.fullmatch(value) is not None


def _is_language(value: Any) -> bool:
    return not isinstance(value, str) or _LANGUAGE.fullmatch(value) is not None


def _is_cpe(value: Any) -> bool:
    return not isinstance(value, str) or (len(value) <= 2048 and _CPE.fullmatch(value) is not None)


def _is_iri_reference(value: Any) -> bool:
    return not isinstance(value, str) or _IRI_REFERENCE.fullmatch(value) is not None


def _is_email(value: Any) -> bool:
    return not isinstance(value, str) or _EMAIL.fullmatch(value) is not None


for _checker, _is_date in ((FORMATS, is_full_time), (FORMATS_2_0, _is_time_or_day)):
    for _name, _check in (("date-time", _is_date), ("uri", _is_uri), ("language", _is_language), ("cpe", _is_cpe)):
        _checker.checks(_name)(_check)
FORMATS.checks("iri-reference")(_is_iri_reference)
FORMATS.checks("idn-email")(_is_email)
