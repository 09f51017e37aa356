"""Numbers with dots, pre-releases before them and updates after them: SemVer, and what resembles it."""

from __future__ import annotations

import re

from passmuster.intel.versions.key import Key
from passmuster.intel.versions.wording import bare

_SHAPE = re.compile(r"^(\d{1,18}(?:\.\d{1,18})*)(.*)$", re.DOTALL)
_DATE = re.compile(r"^(\d{4})-(\d{2})(?:-(\d{2}))?(?:T.*)?$")
_MONTH = re.compile(r"^([a-z]{3,9})\.?\s+(\d{4})$", re.IGNORECASE)
_EARLY = re.compile(
    r"^[-._ ]?(dev|snapshot|nightly|canary|alpha|a|beta|b|preview|pre|rc|cr|c|next|milestone|m)[-._ ]?(\d*)$"
)
_LATE = re.compile(r"^[-._ ]?(update|u|sp|patch|hotfix|hot fix|hf|post|p|rev|r|fix)[-._ ]?(\d+)$")
_SAME = re.compile(r"^[-._ ]?(final|ga|release|stable|lts)$")
_RANKS = ("dev", "snapshot", "nightly", "canary", "alpha", "beta", "milestone", "preview", "next", "rc")
_SHORT = {"a": "alpha", "b": "beta", "pre": "preview", "cr": "rc", "c": "rc", "m": "milestone"}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEARS = range(1990, 2101)
_LONGEST = 200

# After the numbers: before the release, the release, after the release.
_BEFORE, _AT, _AFTER = -1, 0, 1


def semver_key(text: str) -> Key | None:
    """SemVer 2.0 order for any count of numbers (`1.94` is 1.94.0); None where it does not start with a number."""
    shape = _shape(text)
    if shape is None:
        return None
    numbers, rest = shape
    rest = rest.split("+", 1)[0].strip()
    if rest.startswith("-") and len(rest) > 1:
        return _key(numbers, _BEFORE, tuple(_identifier(part) for part in rest[1:].split(".")))
    early = _EARLY.match(rest.casefold())
    if early:
        word = _SHORT.get(early[1], early[1])
        return _key(numbers, _BEFORE, (_identifier(word), _identifier(early[2] or "0")))
    return dotted_key(text)


def dotted_key(text: str) -> Key | None:
    """Order of dotted numbers with a known word behind them (`rc1`, `-u2`), dates and months; None for the rest."""
    date = _date(text)
    if date is not None:
        return Key("date", (date, _AT, ()))
    shape = _shape(text)
    if shape is None:
        return None
    numbers, rest = shape[0], shape[1].split("+", 1)[0].strip().casefold()
    if not rest or _SAME.match(rest):
        return _key(numbers, _AT, ())
    late = _LATE.match(rest)
    if late:
        return _key(numbers, _AFTER, (int(late[2]),))
    early = _EARLY.match(rest)
    if early:
        rank = _RANKS.index(_SHORT.get(early[1], early[1]))
        return _key(numbers, _BEFORE, ((1, 0, f"{rank:02}"), (0, int(early[2] or 0), "")))
    return None


def two_numberings_key(text: str) -> Key | None:
    """As `dotted_key`, for a product that numbers each release twice: 10.1 and 2024.2 say nothing of each other."""
    key = dotted_key(text)
    if key is None or key.family != "number":
        return key
    return key._replace(family="year") if numbers_of(key)[0] in _YEARS else key


def numbers_of(key: Key) -> tuple[int, ...]:
    """The release numbers of a key of this module, without trailing zeros."""
    numbers: tuple[int, ...] = key.order[0]
    return numbers


def _shape(text: str) -> tuple[tuple[int, ...], str] | None:
    # A text longer than any version is no version, and would cost more than it tells.
    match = _SHAPE.match(bare(text)) if len(text) <= _LONGEST else None
    return (tuple(int(part) for part in match[1].split(".")), match[2]) if match else None


def _date(text: str) -> tuple[int, ...] | None:
    day = _DATE.match(text.strip())
    if day:
        return tuple(int(part) for part in day.groups("0"))
    month = _MONTH.match(text.strip())
    if month and month[1][:3].casefold() in _MONTHS:
        return (int(month[2]), _MONTHS.index(month[1][:3].casefold()) + 1, 0)
    return None


def _key(numbers: tuple[int, ...], phase: int, detail: tuple[object, ...]) -> Key:
    end = len(numbers)
    while end > 1 and numbers[end - 1] == 0:
        end -= 1
    return Key("number", (numbers[:end], phase, detail))


def _identifier(part: str) -> tuple[int, int, str]:
    return (0, int(part), "") if part.isdecimal() and part.isascii() else (1, 0, part)
