"""The quick check says yes exactly where the library finds nothing wrong."""

from __future__ import annotations

import copy
import json
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from passmuster.documents.schema_quick import quick_check

SCHEMA = json.loads(files("passmuster.controls.schemas").joinpath("plan-problem.schema.json").read_text("utf-8"))
FULL: dict[str, Any] = {
    "schema": "passmuster/plan-problem@1",
    "late_factor": 5,
    "horizon": {"start": "a", "end": "b"},
    "owners": [{"id": "o", "minutes_per_week": 600}],
    "windows": [{"id": "w", "environment": "e", "start": "a", "end": "b", "minutes": 60}],
    "recurring_windows": [
        {"id": "r", "environment": "e", "rrule": "FREQ=DAILY", "starts": "a", "timezone": "UTC", "minutes": 1}
    ],
    "freezes": [{"environments": ["e"], "start": "a", "end": "b", "binds": "both", "name": ""}],
    "jobs": [
        {
            "id": "j",
            "environment": "e",
            "minutes": 5.0,
            "available_at": "a",
            "weight": 1.5,
            "owner": None,
            "after": [{"job": "k", "hours": 2, "within_hours": None}],
            "mode": "vendor_range",
            "vendor": {"earliest": "a", "latest": "b"},
        }
    ],
}


def places_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, inner in pairs for place in places_in(inner, (*path, key)))]


def changed(path: tuple[Any, ...], value: Any) -> Any:
    document = copy.deepcopy(FULL)
    if not path:
        return value
    holder: Any = document
    for key in path[:-1]:
        holder = holder[key]
    if value is ...:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return document


ODD = [..., None, True, 0, -1, 1.5, 2.0, 1e9, 1e10, float("inf"), "", "ours", "x" * 61, "x" * 501, [], [1], {}, [{}]]


@pytest.mark.parametrize("path", places_in(FULL), ids=lambda path: ".".join(map(str, path)) or "all")
def test_it_agrees_with_the_library_on_every_odd_value_in_every_place(path: tuple[Any, ...]) -> None:
    fits, library = quick_check(SCHEMA), Draft202012Validator(SCHEMA)
    assert fits is not None
    for value in ODD:
        if path or value is not ...:
            document = changed(path, value)
            assert fits(document) == library.is_valid(document), value


WORDS = st.sampled_from(
    [
        {"type": "integer"},
        {"type": ["string", "null"]},
        {"minimum": 2},
        {"maximum": 2, "type": "number"},
        {"minLength": 1, "maxLength": 2},
        {"enum": ["a", "b"]},
        {"required": ["a"]},
        {"type": "array", "items": {"type": "boolean"}},
        {"properties": {"a": {"$ref": "#/$defs/a"}}, "type": "object"},
        {"anyOf": [{"type": "null"}, {"minLength": 1, "type": "string"}]},
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([2.0, 2.5, "", "a", "abc"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None)
@given(WORDS, WORDS, VALUES)
def test_it_agrees_with_the_library_on_random_schemas_and_values(schema: Any, other: Any, value: Any) -> None:
    whole = {**schema, "$defs": {"a": {key: rule for key, rule in other.items() if key != "properties"}}}
    fits = quick_check(whole)
    assert fits is not None
    assert fits(value) == Draft202012Validator(whole).is_valid(value)


@pytest.mark.parametrize(
    "schema",
    [
        {"pattern": "a"},
        {"properties": {"a": {"format": "uri"}}},
        {"enum": [1]},
        {"items": True},
        {"$ref": "#/$defs/a", "$defs": {"a": {"items": {"$ref": "#/$defs/a"}}}},
        {"$ref": "other.json"},
    ],
)
def test_a_schema_with_more_in_it_is_left_to_the_library(schema: dict[str, Any]) -> None:
    assert quick_check(schema) is None
