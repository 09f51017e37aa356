"""Words of Salesforce's settings as numbers with units; a word that is not known stays a word and gets no number.

The words are the enumerations of the Metadata API (version 66): SessionTimeout, Expiration, LockoutInterval,
MaxLoginAttempts. What never ends or has no limit has no number either: it is told by its word.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from passmuster.collect.connectors.salesforce.metadata import as_flag, as_number
from passmuster.documents.secrets import is_sensitive_name, mask_secrets

Row = dict[str, Any]


@dataclass(frozen=True)
class Measure:
    """What a setting measures: its unit, the numbers of its words, and the words that stand for no end or no limit."""

    unit: str
    numbers: Mapping[str, int]
    kind: str = "duration"
    endless: frozenset[str] = frozenset()


_PASSWORDS = "security.passwordPolicies."
_SESSIONS = "security.sessionSettings."
MEASURES: Mapping[str, Measure] = {
    f"{_SESSIONS}sessionTimeout": Measure(
        "minutes",
        {
            "FifteenMinutes": 15,
            "ThirtyMinutes": 30,
            "SixtyMinutes": 60,
            "NinetyMinutes": 90,
            "TwoHours": 120,
            "FourHours": 240,
            "EightHours": 480,
            "TwelveHours": 720,
            "TwentyFourHours": 1440,
        },
    ),
    f"{_PASSWORDS}expiration": Measure(
        "days",
        {"ThirtyDays": 30, "SixtyDays": 60, "NinetyDays": 90, "SixMonths": 180, "OneYear": 365},
        endless=frozenset({"Never"}),
    ),
    f"{_PASSWORDS}lockoutInterval": Measure(
        "minutes",
        {"FifteenMinutes": 15, "ThirtyMinutes": 30, "SixtyMinutes": 60},
        endless=frozenset({"Forever"}),
    ),
    f"{_PASSWORDS}maxLoginAttempts": Measure(
        "count",
        {"ThreeAttempts": 3, "FiveAttempts": 5, "TenAttempts": 10},
        kind="int",
        endless=frozenset({"NoLimit"}),
    ),
    f"{_PASSWORDS}minimumPasswordLength": Measure("chars", {}, kind="int"),
    f"{_PASSWORDS}historyRestriction": Measure("count", {}, kind="int"),
    "event.eventLogRetentionDuration": Measure("days", {}),
}
_WORDS = frozenset(
    {
        *(f"{_PASSWORDS}complexity", f"{_PASSWORDS}questionRestriction"),
        *(
            f"{_SESSIONS}untrustedRedirect",
            f"{_SESSIONS}vfInlineScriptInjection",
            f"{_SESSIONS}referrerPolicyDirective",
        ),
    }
)


def setting_row(scope: tuple[str, str], key: str, text: str, *, native_path: str) -> Row | None:
    """The typed row of one setting; None where its name says that it holds a secret."""
    name = key.rpartition(".")[2]
    row: Row = {
        "scope_kind": scope[0],
        "scope_id": scope[1],
        "key": key,
        "is_set": True,
        "native_path": native_path,
    }
    flag = as_flag(text) if text.lower() in ("true", "false") else None
    if flag is not None:
        return {**row, "value_kind": "bool", "value_bool": flag}
    if is_sensitive_name(name) and not text.isdigit() and key not in MEASURES and key not in _WORDS:
        return None
    measure = MEASURES.get(key)
    if measure is not None:
        return {**row, **_measured(measure, text)}
    number = as_number(text)
    if number is not None:
        return {**row, "value_kind": "int", "value_int": number}
    return {**row, "value_kind": "enum" if key in _WORDS else "text", "value_text": mask_secrets(text)}


def list_row(scope: tuple[str, str], key: str, values: list[Any], *, native_path: str) -> Row:
    """The row of a setting that is a list."""
    return {
        "scope_kind": scope[0],
        "scope_id": scope[1],
        "key": key,
        "is_set": True,
        "native_path": native_path,
        "value_kind": "list",
        "value_json": json.dumps(values, ensure_ascii=False, sort_keys=True),
    }


def count_row(scope: tuple[str, str], key: str, count: int | None, *, native_path: str) -> Row:
    """The row of a number that was counted; None where it is not known."""
    return {
        "scope_kind": scope[0],
        "scope_id": scope[1],
        "key": key,
        "is_set": True,
        "native_path": native_path,
        "value_kind": "int",
        "value_int": count,
        "unit": "count",
    }


def _measured(measure: Measure, text: str) -> Row:
    number = measure.numbers.get(text)
    number = as_number(text) if number is None else number
    if number is not None:
        word = {"value_text": text} if text in measure.numbers else {}
        return {"value_kind": measure.kind, "value_int": number, "unit": measure.unit, **word}
    return {"value_kind": "enum", "value_text": mask_secrets(text), "unit": measure.unit}
