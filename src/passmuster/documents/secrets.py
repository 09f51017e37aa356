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

REDACTED = "[redacted]"
_DEEPEST = 40
_KEY_WORDS = "api|access|secret|private|signing|encryption|account|shared|master|hmac|subscription|auth|license|licence"
_NAMES = (
    r"passwords?|passwd|passphrase|(?<![a-z])pwd|(?<![a-z])pass|secrets?|tokens?|connection[_-]?string"
    rf"|(?:{_KEY_WORDS})[_ -]?keys?|(?<![a-z])sig(?:nature)?|(?<![a-z])sas|session[_-]?id|(?<![a-z])otp"
)
# A name, a possible closing quote or bracket, and what assigns: `=`, `:`, `=>`, `:=`, `==`.
_ASSIGNMENT = re.compile(
    rf"(?P<query>[?&][\w.\-\[\]]{{0,64}}?)?(?:{_NAMES})(?:[_-]?(?:value|hash|\d{{1,2}}))?"
    r"(?P<close>\\*[\"'`]?\]?)[ \t]{0,8}(?:=>|:=|={1,3}|:)[ \t]{0,8}",
    re.IGNORECASE,
)
_QUERY_KEY = re.compile(r"[?&](?:key|auth|pass|sig|hash)=(?P<value>[^\s&#\"'<>]+)", re.IGNORECASE)
_HEADER = re.compile(
    r"(?:proxy-)?authorization\\*[\"'`]?\]?[ \t]{0,8}(?:=>|[:=])[ \t]{0,8}\\*[\"'`]?(?P<value>[^\r\n\"'`\\]+)"
    r"|(?<![\w-])(?:set-)?cookie\\*[\"'`]?[ \t]{0,8}:[ \t]{0,8}\\*[\"'`]?(?P<cookie>[^\r\n\"'`\\]+)",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"\b(?P<scheme>bearer|basic)[ \t]{1,4}(?P<value>[A-Za-z0-9._~+/=-]{8,})", re.IGNORECASE)
# Outside the web a password may stand unescaped in a connection string, slash and all.
_USERINFO = re.compile(
    r"\b(?:https?|wss?)://(?P<value>[^\s/?#\"'<>`]{1,1024})@"
    r"|\b(?!https?:|wss?:)[a-z][a-z0-9+.-]{0,20}://(?P<other>[^\s/:@\"'<>`]{0,256}(?::[^\s?\"'<>`]{0,512})?)@",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    rf"(?:{_NAMES})[ \t]{{1,4}}(?:is|was)?[ \t]{{0,4}}(?P<value>[A-Za-z0-9+/_=-]{{20,}})", re.IGNORECASE
)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----.*?"
    r"(?:-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----|\Z)",
    re.DOTALL,
)
# Formats that vendors publish for their own keys, so that scanners can tell them by sight.
_KNOWN = re.compile(
    "|".join(
        (
            r"\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){1,3}",  # JWT, and with it the keys of n8n
            r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
            r"\bgh[pousr]_[A-Za-z0-9]{20,}",
            r"\bgithub_pat_[A-Za-z0-9_]{20,}",
            r"\bglpat-[A-Za-z0-9_-]{20,}",
            r"\bxox[abeprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,}",
            r"\bxapp-\d-[A-Za-z0-9-]{10,}",
            r"(?<=hooks\.slack\.com/services/)[A-Za-z0-9/]{8,}",
            r"(?<=discord\.com/api/webhooks/)\d+/[\w-]{20,}",
            r"\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{8,}",
            r"\bwhsec_[A-Za-z0-9+/=]{16,}",
            r"\bAIza[0-9A-Za-z_-]{35}",
            r"\bya29\.[0-9A-Za-z_-]{20,}",
            r"\bGOCSPX-[0-9A-Za-z_-]{20,}",
            r"\b[A-Za-z0-9_.~-]{3}[78]Q~[A-Za-z0-9_.~-]{31,34}",  # client secret of Entra ID
            r"\bsk-(?:proj-|ant-|or-)?[A-Za-z0-9_-]{20,}",
            r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
            r"\bnpm_[A-Za-z0-9]{36}",
            r"\bpypi-AgE[A-Za-z0-9_-]{20,}",
            r"\bn8n_api_[A-Za-z0-9]{16,}",
            r"\bdop_v1_[0-9a-f]{32,}",
            r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",
            r"\bpat[A-Za-z0-9]{14}\.[0-9a-f]{64}",
            r"\bpat-(?:na|eu)\d-[0-9a-f]{8}-[0-9a-f-]{27}",
            r"\b00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{40,}",  # session of Salesforce
            r"\b\d{8,10}:AA[A-Za-z0-9_-]{33}",  # bot of Telegram
        )
    )
)
# What stands where a secret could stand without being one: an expression, a reference, a placeholder.
_REFERENCE = re.compile(
    r"=?\s*\{\{|\$\{|\$\(|\$[A-Za-z_]\w*(?:\.|\[|$)|%[A-Za-z_]\w*%$|<[^<>]*>?$|\[redacted|\*{3,}|@Microsoft\.KeyVault|op://|vault:"
    r"|(?:process\.env|import\.meta\.env|os\.environ|os\.getenv|secrets?|vars?|env)[.\[(]|__n8n_BLANK_VALUE_|\.{3}|…"
    r"|(?:items?|this|json|msg|req|request|self|data|options|config)(?:\.[a-z_]|\[)",
    re.IGNORECASE,
)
_NO_VALUES = frozenset({"", "true", "false", "null", "none", "undefined", "nil", "yes", "no", "string", "optional"})
_ORDINARY = frozenset(
    {"required", "missing", "see", "the", "a", "an", "click", "not", "must", "should", "is", "are", "was", "it", "this"}
    | {"that", "your", "expired", "invalid", "set", "unset", "at", "least", "never", "enabled", "disabled", "on", "off"}
    | {"and", "or", "for", "with"}
)
# `apiKey:create` is the name of a permission, not a key that somebody called "create".
_PERMISSION = re.compile(
    r"(?:\*|(?:create|delete|list|read|update|manage|write|rotate|use|admin|view|edit|get|share|unshare|move|revoke"
    r"|generate|export|import|connect|owner|user|any|all)[A-Za-z]*)$"
)
_PLURAL = re.compile(r"(?:passwords|secrets|tokens|keys)$")
_SENSITIVE_KEY = re.compile(
    r"(?:passwords?|passwd|passphrase|pwd|secrets?|tokens?|authorization|cookie|connectionstring|sessionid|rawapikey"
    rf"|(?:{_KEY_WORDS}|ssh)keys?|recoverycodes?|privatekeypem|otp|bearer)(?:value|hash|\d{{1,2}})?$"
)
_HARMLESS_KEY = re.compile(
    r"(?:next|page|continuation|sync|delta|sort)tokens?$|^(?:max|total|prompt|completion|num|n)\w*tokens$"
)


@dataclass(frozen=True)
class _Hit:
    """A span of text that holds a secret; `is_certain` where it can hardly be anything else."""

    start: int
    end: int
    is_certain: bool = True


def mask_secrets(text: str) -> str:
    """`text` with every secret replaced by `[redacted]`; ids, names, addresses and ordinary text stay as they are."""
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
    return bool(_SENSITIVE_KEY.search(plain)) and not _HARMLESS_KEY.search(plain)


def _hits(text: str) -> Iterator[_Hit]:
    if len(text) < 6:
        return
    for pattern in (_PRIVATE_KEY, _KNOWN):
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
    for match in _ASSIGNMENT.finditer(text):
        start = match.end()
        quote = re.match(r"\\*[\"'`]", text[start : start + 8])
        start += quote.end() if quote else 0
        if match.start() < covered or _REFERENCE.match(text, start):
            continue
        in_query = match["query"] is not None
        end = _closing(text, start, quote.group()) if quote else _unquoted_end(text, start, in_query=in_query)
        value, covered = text[start:end], end
        if _is_literal(value) and (quote or _is_assigned_word(match.group(), value)):
            yield _Hit(start, end, bool(quote) or in_query or _is_certain(match.group(), value))


def _is_assigned_word(assignment: str, value: str) -> bool:
    """Whether an unquoted value is one: not the next word of a sentence, not a number such as `max_tokens=500`."""
    if assignment.endswith(":") and _PERMISSION.match(value):
        return False
    is_plural_number = value.isdigit() and re.search(r"s\W*$", assignment) is not None
    return value.lower().strip(".,") not in _ORDINARY and not is_plural_number


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
    return text.lower() not in _NO_VALUES and _REFERENCE.match(text) is None and not _is_expression(text)


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
        return bool(re.search(r"\d|[a-z][A-Z]", value)) and not _REFERENCE.match(value)
    try:
        return b":" in base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
    except (binascii.Error, ValueError):
        return False


def _is_header_value(match: re.Match[str]) -> bool:
    return _is_literal(match["value"] or match["cookie"] or "") and (match["value"] or "x").lower() not in _ORDINARY


def _is_userinfo(match: re.Match[str]) -> bool:
    value = match["value"] or match["other"] or ""
    return value not in ("", REDACTED) and not _REFERENCE.match(value)


_VALUE_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], bool]], ...] = (
    (_HEADER, _is_header_value),
    (_SCHEME, _is_scheme_value),
    (_USERINFO, _is_userinfo),
    (_QUERY_KEY, lambda match: _is_literal(match["value"])),
    (_BESIDE, _is_long_random),
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
        return value > 999 and not _PLURAL.search(key.lower())
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
