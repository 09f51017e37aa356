"""Finding secrets in text and in nested JSON, so that no value of one is ever stored, shown or logged."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from passmuster.documents.secret_patterns import (
    ASSIGNMENT,
    BESIDE,
    HARMLESS_KEY,
    HEADER,
    KNOWN,
    NO_VALUES,
    ORDINARY,
    PERMISSION,
    PLURAL,
    PRIVATE_KEY,
    QUERY_KEY,
    REFERENCE,
    SCHEME,
    SENSITIVE_KEY,
    SIGNS,
    USERINFO,
)

REDACTED = "[redacted]"
_DEEPEST = 40


@dataclass(frozen=True)
class _Hit:
    """A span of text that holds a secret; `is_certain` where it can hardly be anything else."""

    start: int
    end: int
    is_certain: bool = True


def mask_secrets(text: str) -> str:
    """`text` with every secret replaced by `[redacted]`; ids, names, addresses and ordinary text stay as they are."""
    if not _has_sign(text):
        return text
    parts, position = [], 0
    for hit in _merged(_hits(text)):
        parts += [text[position : hit.start], REDACTED]
        position = hit.end
    return "".join([*parts, text[position:]])


def count_secrets(value: Any) -> int:
    """How many places in nested JSON look like a secret in clear; expressions and references do not count."""
    return _count(value, _DEEPEST)


def redact(value: Any) -> Any:
    """Nested JSON with secrets masked by key name and by pattern; what lies deeper than 40 levels is masked whole."""
    return _redact(value, is_secret=False, depth=_DEEPEST)


def strip_url(url: str) -> str:
    """The address without userinfo, query and fragment; text that is no address loses what follows `?` or `#`."""
    try:
        parts = urlsplit(url.strip())
        bare = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    except ValueError:
        bare = re.split(r"[?#]", url, maxsplit=1)[0]
    return mask_secrets(bare)


def fingerprint(value: str, key: str | None) -> str | None:
    """HMAC-SHA256 of the value as hex, to tell whether two secrets are the same; None without a key."""
    return hmac.new(key.encode(), value.encode(), hashlib.sha256).hexdigest() if key else None


def is_sensitive_name(name: str) -> bool:
    """Whether a key, header or parameter of that name usually holds a secret."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return bool(SENSITIVE_KEY.search(plain)) and not HARMLESS_KEY.search(plain)


def _has_sign(text: str) -> bool:
    lowered = text.lower()
    return any(sign in lowered for sign in SIGNS)


def _hits(text: str) -> Iterator[_Hit]:
    if not _has_sign(text):
        return
    for pattern in (PRIVATE_KEY, KNOWN):
        yield from (_Hit(*match.span()) for match in pattern.finditer(text))
    yield from _assigned(text)
    for pattern, accepts in _VALUE_PATTERNS:
        for match in pattern.finditer(text):
            group = match.lastgroup or "value"
            if accepts(match):
                yield _Hit(*match.span(group))


def _merged(hits: Iterator[_Hit]) -> list[_Hit]:
    merged: list[_Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if merged and hit.start < merged[-1].end:
            last = merged.pop()
            hit = _Hit(last.start, max(last.end, hit.end), last.is_certain or hit.is_certain)  # noqa: PLW2901
        merged.append(hit)
    return merged


def _assigned(text: str) -> Iterator[_Hit]:
    covered = 0
    for match in ASSIGNMENT.finditer(text):
        start = match.end()
        quote = re.match(r"\\*[\"'`]", text[start : start + 8])
        start += quote.end() if quote else 0
        if match.start() < covered or REFERENCE.match(text, start):
            continue
        in_query = match["query"] is not None
        end = _closing(text, start, quote.group()) if quote else _unquoted_end(text, start, in_query=in_query)
        value, covered = text[start:end], end
        if _is_literal(value) and (quote or _is_assigned_word(match.group(), value)):
            yield _Hit(start, end, bool(quote) or in_query or _is_certain(match.group(), value))


def _is_assigned_word(assignment: str, value: str) -> bool:
    """Whether an unquoted value is one: not the next word of a sentence, not a number such as `max_tokens=500`."""
    if assignment.endswith(":") and PERMISSION.match(value):
        return False
    is_plural_number = value.isdigit() and re.search(r"s\W*$", assignment) is not None
    return value.lower().strip(".,") not in ORDINARY and not is_plural_number


def _is_certain(assignment: str, value: str) -> bool:
    """Whether an unquoted value can hardly be code: `Password=hunter2;` is a secret, `token = readToken()` is not."""
    is_code = re.fullmatch(r"[\w.$()\[\]]*", value) is not None
    return _looks_random(value, 6) or (assignment[-1] == "=" and assignment[-2:-1] not in ("=", " ") and not is_code)


def _closing(text: str, start: int, quote: str) -> int:
    """Where the quoted value ends; the end of the line where its quote never closes."""
    position = start
    while (position := text.find(quote, position)) >= 0:
        if len(quote) > 1 or text[position - 1] != "\\":
            return position
        position += 1
    line = text.find("\n", start)
    return line if line >= 0 else len(text)


_UNQUOTED = re.compile(r"[^\s;\"'<>`]+")
_IN_QUERY = re.compile(r"[^\s;\"'<>`&#]+")


def _unquoted_end(text: str, start: int, *, in_query: bool) -> int:
    match = (_IN_QUERY if in_query else _UNQUOTED).match(text, start)
    if match is None:
        return start
    value = match.group()
    ampersand = value.find("&")
    if ampersand >= 0 and "=" in value[ampersand:]:
        value = value[:ampersand]
    # Brackets and stops at the end belong to the sentence or structure around, unless the value opened them.
    return start + len(value) - (len(value) - len(value.rstrip(")]},.")) if not re.search(r"[(\[{]", value) else 0)


def _is_literal(value: str) -> bool:
    text = value.strip()
    return text.lower() not in NO_VALUES and REFERENCE.match(text) is None and not _is_expression(text)


def _is_expression(text: str) -> bool:
    """Whether a template gives the value, and what stands around it is no more than a word such as `Bearer`."""
    if "{{" not in text:
        return False
    around = re.sub(r"\{\{.*?(?:\}\}|$)", "", text, flags=re.DOTALL)
    return len(re.sub(r"(?i)bearer|basic|token|apikey", "", around).strip("= \t\r\n:")) < 8


def _entropy(value: str) -> float:
    counts = Counter(value)
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())


def _looks_random(value: str, shortest: int) -> bool:
    if len(value) < shortest or re.fullmatch(r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*|\(.*|\[.*)+", value):
        return False
    return bool(re.search(r"\d", value)) and bool(re.search(r"[A-Za-z]", value)) and _entropy(value) > 2.5


def _is_long_random(match: re.Match[str]) -> bool:
    return _looks_random(match["value"], 20) and _entropy(match["value"]) > 3.0


def _is_scheme_value(match: re.Match[str]) -> bool:
    """Whether what follows `Bearer` or `Basic` is a credential and not the next word of a sentence."""
    value = match["value"]
    if match["scheme"].lower() == "bearer":
        return bool(re.search(r"\d|[a-z][A-Z]", value)) and not REFERENCE.match(value)
    try:
        return b":" in base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
    except (binascii.Error, ValueError):
        return False


def _is_header_value(match: re.Match[str]) -> bool:
    return _is_literal(match["value"] or match["cookie"] or "") and (match["value"] or "x").lower() not in ORDINARY


def _is_userinfo(match: re.Match[str]) -> bool:
    value = match["value"] or match["other"] or ""
    return value not in ("", REDACTED) and not REFERENCE.match(value)


_VALUE_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], bool]], ...] = (
    (HEADER, _is_header_value),
    (SCHEME, _is_scheme_value),
    (USERINFO, _is_userinfo),
    (QUERY_KEY, lambda match: _is_literal(match["value"])),
    (BESIDE, _is_long_random),
)


def _count(value: Any, depth: int) -> int:
    if depth == 0:
        return 0
    if isinstance(value, str):
        return sum(hit.is_certain for hit in _merged(_hits(value)))
    if isinstance(value, Mapping):
        named = _named_value(value)
        found = 0
        for key, item in value.items():
            is_secret = is_sensitive_name(str(key)) or key == named
            found += 1 if is_secret and _is_secret_leaf(str(key), item) else _count(item, depth - 1)
        return found
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return sum(_count(item, depth - 1) for item in value)
    return 0


def _named_value(pair: Mapping[Any, Any]) -> str | None:
    """The key that holds a secret in a pair such as `{"name": "Authorization", "value": "..."}`; None if none does."""
    name = pair.get("name", pair.get("key"))
    return "value" if isinstance(name, str) and is_sensitive_name(name) else None


def _is_secret_leaf(key: str, value: Any) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return value > 999 and not PLURAL.search(key.lower())
    return isinstance(value, str) and _is_literal(value)


def _redact(value: Any, *, is_secret: bool, depth: int) -> Any:
    if depth == 0:
        return REDACTED
    if isinstance(value, str):
        return REDACTED if is_secret and (_is_literal(value) or value.startswith("***")) else mask_secrets(value)
    if isinstance(value, Mapping):
        named = _named_value(value)
        return {
            mask_secrets(str(key)): _redact(
                item, is_secret=is_secret or is_sensitive_name(str(key)) or key == named, depth=depth - 1
            )
            for key, item in value.items()
        }
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [_redact(item, is_secret=is_secret, depth=depth - 1) for item in value]
    if isinstance(value, int | float) and not isinstance(value, bool) and is_secret:
        return REDACTED
    return value
