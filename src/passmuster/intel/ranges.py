"""What one version string of a record says: a version, a whole range, several ranges, or nothing at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote

from passmuster.intel.feeds.ordering import order_of
from passmuster.model.advisory import RangeStatus, VersionRange

_NOTHING = frozenset(
    {"", "-", "--", "?", "n/a", "na", "n.a.", "none", "null", "unspecified", "unknown", "not specified", "tbd"}
    | {"not applicable", "not available", "see references", "see advisory", "see description", "multiple versions"}
    | {"multiple", "various", "various versions"}
)
_EVERY = frozenset({"*", "all", "all versions", "any", "any version", "every version", "all versions affected"})
_OPERATORS = {"≤": "<=", "≥": ">=", "=<": "<=", "=>": ">=", "==": "=", "＜": "<", "＞": ">"}
_OPERATOR = re.compile(r"<=|>=|=<|=>|==|!=|<|>|=|≤|≥|＜|＞")
_VERSION = r"[vV]?\.?\d[\w.+:~-]*\*?"
_EDGES = " \t\r\n,;|&"
_LONGEST = 400


def parse_ranges(
    text: str, *, status: RangeStatus = RangeStatus.AFFECTED, scheme: str = ""
) -> tuple[VersionRange, ...]:
    """The ranges a version string states; () where it says nothing (`n/a`, `unspecified`).

    Text that is no range stands as one `exact` version, as it is; nothing is guessed and nothing raised. A lower bound
    that is excluded (`> 1.0`) is a range from it beside an exact version of the opposite status.
    """
    words = " ".join(text.split())
    found = _read(words)
    return tuple(
        replace(each, status=_opposite(status) if each.status is RangeStatus.UNAFFECTED else status, scheme=scheme)
        for each in found
    )


def is_nothing(text: str) -> bool:
    """Whether a version string names no version (`n/a`, `unspecified`, a dash)."""
    return text.strip().lower() in _NOTHING


def is_every(text: str) -> bool:
    """Whether a version string names all versions there are."""
    return text.strip().lower() in _EVERY


def _opposite(status: RangeStatus) -> RangeStatus:
    return RangeStatus.AFFECTED if status is RangeStatus.UNAFFECTED else RangeStatus.UNAFFECTED


def _read(words: str) -> tuple[VersionRange, ...]:
    lowered = words.lower()
    if lowered in _NOTHING:
        return ()
    if lowered in _EVERY:
        return (VersionRange(),)
    if lowered.startswith("vers:"):
        return _read_vers(words)
    if len(words) > _LONGEST:
        # No range is this long; patterns shall not be tried on a text that was made to be slow.
        return (VersionRange(exact=words),)
    for reader in (_read_intervals, _read_operators, _read_sentence, _read_list):
        found = reader(words)
        if found is not None:
            return found
    return (VersionRange(exact=words),)


@dataclass(frozen=True)
class _Bound:
    operator: str
    version: str


def _read_operators(words: str) -> tuple[VersionRange, ...] | None:
    """`>= 1, < 2`, `< 1 || >= 2, < 3`, `All versions >= V1 < V2`, `4.0.0 < 4.13.1`; None where it is no such text."""
    if not _OPERATOR.search(words):
        return None
    found: list[VersionRange] = []
    for part in re.split(r"\|\||;|\bor\b", words):
        bounds = _bounds_of(part.strip(_EDGES))
        if bounds is None:
            return None
        found += _ranges_of(bounds)
    return tuple(found)


def _bounds_of(part: str) -> list[_Bound] | None:
    """The operators of one part with their versions, or None where something else stands among them."""
    places = list(_OPERATOR.finditer(part))
    if not places:
        return [_Bound("=", part)] if re.fullmatch(_VERSION, part) else ([] if not part else None)
    head = _without_filler(part[: places[0].start()])
    bounds: list[_Bound] = []
    if head:
        # `4.0.0 < 4.13.1` says from where to where; any other word before an operator is not understood.
        if not re.fullmatch(_VERSION, head) or _plain(places[0][0]) not in {"<", "<="}:
            return None
        bounds.append(_Bound(">=", head))
    for place, follower in zip(places, [*places[1:], None], strict=True):
        version = part[place.end() : follower.start() if follower else None]
        version = re.sub(r"\band\s*$", "", version.strip(_EDGES)).strip(_EDGES)
        version = _without_filler(version)
        if not version:
            return None
        bounds += _bounds_with_list(_plain(place[0]), version)
    return bounds


def _bounds_with_list(operator: str, version: str) -> list[_Bound]:
    """`= 1.0, 1.1` names two versions; a comma within what any other operator bounds belongs to the version."""
    parts = [part.strip() for part in version.split(",")]
    if len(parts) > 1 and all(re.fullmatch(_VERSION, part) for part in parts):
        return [_Bound(operator, parts[0]), *(_Bound("=", part) for part in parts[1:])]
    return [_Bound(operator, version)]


def _plain(operator: str) -> str:
    return _OPERATORS.get(operator, operator)


def _without_filler(words: str) -> str:
    """Words that only introduce a version (`All versions`, `version`, `from`) taken away."""
    pattern = r"^(?:all\s+|any\s+)?(?:versions?|releases?)?\s*(?:from\b|of\b)?\s*:?\s*"
    return re.sub(pattern, "", words.strip(_EDGES), count=1, flags=re.IGNORECASE).strip(_EDGES)


def _ranges_of(bounds: list[_Bound]) -> Iterator[VersionRange]:
    """Bounds in reading order as ranges: a lower bound after an upper one begins the next range."""
    lower: _Bound | None = None
    for bound in reversed(bounds) if _is_upside_down(bounds) else bounds:
        if bound.operator == "=":
            yield VersionRange(exact=bound.version)
        elif bound.operator == "!=":
            yield VersionRange(status=RangeStatus.UNAFFECTED, exact=bound.version)
        elif bound.operator in {">", ">="}:
            if lower is not None:
                yield from _closed(lower, None)
            lower = bound
        else:
            yield from _closed(lower, bound)
            lower = None
    if lower is not None:
        yield from _closed(lower, None)


def _is_upside_down(bounds: list[_Bound]) -> bool:
    """Whether two bounds are one range told from its upper end (`<= 1.5, >= 1.0`)."""
    if [bound.operator[0] for bound in bounds] != ["<", ">"]:
        return False
    upper, lower = (order_of(bound.version) for bound in bounds)
    return upper is not None and lower is not None and lower < upper


def _closed(lower: _Bound | None, upper: _Bound | None) -> Iterator[VersionRange]:
    introduced = lower.version if lower else None
    if upper is None or is_every(upper.version):
        yield VersionRange(introduced=introduced)
    elif upper.operator == "<":
        yield VersionRange(introduced=introduced, fixed=upper.version)
    else:
        yield VersionRange(introduced=introduced, last_affected=upper.version)
    if lower is not None and lower.operator == ">":
        yield VersionRange(status=RangeStatus.UNAFFECTED, exact=lower.version)


_INTERVAL = re.compile(r"([\[(])\s*([^,\[\]()]*?)\s*(?:,\s*([^,\[\]()]*?)\s*)?([\])])")


def _read_intervals(words: str) -> tuple[VersionRange, ...] | None:
    """`[1.0,2.0)`, `(,1.5]`, several of them, and `[1.2]` for one version; None where it is no such text."""
    if not re.fullmatch(rf"{_INTERVAL.pattern}(?:\s*,?\s*{_INTERVAL.pattern})*", words):
        return None
    found: list[VersionRange] = []
    for opens, low, high, closes in _INTERVAL.findall(words):
        if "," not in words and low and not high:
            found.append(VersionRange(exact=low))
            continue
        lower = _Bound(">=" if opens == "[" else ">", low) if low else None
        upper = _Bound("<=" if closes == "]" else "<", high) if high else None
        found += _closed(lower, upper)
    return tuple(found)


_NAME = r"(?P<{0}>[vV]?\.?\w[\w.+:~-]*?(?:\s(?:Patch|Hot\s?Fix|SP|HF|Update|Release|R)\s?\w+)*)"
_LOW = rf"(?:from\s+|since\s+)?(?:version\s+)?{_NAME.format('low')}"
_HIGH = rf"(?:version\s+)?{_NAME.format('high')}"
_UP_TO = r"up\s+to(?:,?\s*\(?(?:and\s+)?including\)?)?"
_BEFORE = (
    r"(?:before|prior\s+to|(?:earlier|older|lower|less)\s+than|below|"
    r"up\s+to,?\s*(?:but\s+)?\(?(?:not\s+including|excluding)\)?)"
)
_THROUGH = rf"(?:through|thru|{_UP_TO}|to|until|till|-|–|—)"
_OLDER = r"(?:and|or|&)\s+(?:all\s+)?(?:earlier|below|before|prior|older|lower|previous|under)(?:\s+versions?)?"
_NEWER = r"(?:(?:and|or|&)\s+(?:later|above|newer|higher|up|after|greater)(?:\s+versions?)?|onwards?|\+)"
_ANY = r"(?:all\s+|any\s+)?(?:versions?|releases?)?\s*"
_TAIL = r"(?:\s+versions?)?(?:\s*\((?:inclusive|included)\))?"
_SENTENCES = (
    (rf"{_ANY}{_LOW},?\s+(?:and\s+)?(?:versions?\s+)?{_BEFORE}\s+{_HIGH}{_TAIL}", "before"),
    (rf"{_ANY}{_BEFORE}\s+{_HIGH}{_TAIL}", "before"),
    (rf"{_ANY}{_LOW},?\s+{_THROUGH}\s+{_HIGH}{_TAIL}", "through"),
    (rf"{_ANY}(?:through|thru|{_UP_TO})\s+{_HIGH}{_TAIL}", "through"),
    (rf"{_ANY}{_HIGH},?\s+{_OLDER}", "through"),
    (rf"{_ANY}{_LOW},?\s*{_NEWER}", "from"),
    (rf"{_ANY}(?:from|since|starting\s+(?:from|with))\s+{_LOW}", "from"),
)
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE), kind) for pattern, kind in _SENTENCES)


def _read_sentence(words: str) -> tuple[VersionRange, ...] | None:
    """`before 1.2`, `1.0 through 1.5`, `1.2 and earlier`, `from 1.0 before 1.5`; None where it is no such text."""
    for pattern, kind in _COMPILED:
        match = pattern.fullmatch(words)
        if match is None:
            continue
        parts = match.groupdict()
        low, high = parts.get("low"), parts.get("high")
        if not all(any(letter.isdigit() for letter in part) for part in (low, high) if part):
            continue
        if kind == "from":
            return (VersionRange(introduced=low),)
        if kind == "before":
            return (VersionRange(introduced=low, fixed=high),)
        return (VersionRange(introduced=low, last_affected=high),)
    return None


def _read_list(words: str) -> tuple[VersionRange, ...] | None:
    """`1.0, 1.1 and 1.2` as the versions named; None where anything in it is not a version."""
    parts = [part.strip() for part in re.split(r"[,;]|\band\b", words) if part.strip()]
    if len(parts) < 2 or not all(re.fullmatch(_VERSION, part) for part in parts):
        return None
    return tuple(VersionRange(exact=part) for part in parts)


def _read_vers(words: str) -> tuple[VersionRange, ...]:
    """A `vers:scheme/constraints` text; one without a scheme or constraints stands as it is."""
    _, _, rest = words.partition(":")
    _, slash, constraints = rest.partition("/")
    parts = [unquote(part.strip()) for part in constraints.split("|") if part.strip()]
    if not slash or not parts:
        return (VersionRange(exact=words),)
    if parts == ["*"]:
        return (VersionRange(),)
    bounds = []
    for part in parts:
        match = _OPERATOR.match(part)
        operator = _plain(match[0]) if match else "="
        version = part[match.end() :].strip() if match else part
        if not version:
            return (VersionRange(exact=words),)
        bounds.append(_Bound(operator, version))
    return tuple(_ranges_of(bounds))
