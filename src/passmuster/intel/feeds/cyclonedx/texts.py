"""The rules of CycloneDX's schema for plain texts, held without the detours of a general validator.

Most of a bill are short texts under rules of the simplest kind. What passes one of these is right; whatever does not,
and every other rule, goes the general way, which also says what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import ValidationError

_WORDS = frozenset({"title", "description", "examples", "$comment", "default", "meta:enum", "deprecated"})
_READ = frozenset({"type", "minLength", "maxLength", "enum"})
_HERE = "#/definitions/"


class Properties:
    """The keyword `properties`: each value under its own rule."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        """`schema` is the whole of it, for rules that are written elsewhere in it."""
        self._definitions = schema.get("definitions", {})
        self._kept: dict[int, tuple[Any, Mapping[str, Any] | None]] = {}

    def __call__(self, validator: Any, rules: Any, value: Any, _schema: Any) -> Iterator[ValidationError]:
        """What is wrong with the properties of a value."""
        if not isinstance(value, dict):
            return
        for name, rule in rules.items():
            if name in value and not self._is_right(value[name], rule):
                yield from validator.descend(value[name], rule, path=name, schema_path=name)

    def _is_right(self, value: Any, rule: Any) -> bool:
        """Whether it is a text that surely keeps the rule."""
        if type(value) is not str:
            return False
        if id(rule) not in self._kept:
            # The rule is kept beside what was read of it, so that nothing else can take its place in memory.
            self._kept[id(rule)] = (rule, self._plain(rule))
        plain = self._kept[id(rule)][1]
        if plain is None:
            return False
        longest = plain.get("maxLength")
        is_long = len(value) >= plain.get("minLength", 0) and (longest is None or len(value) <= longest)
        return is_long and ("enum" not in plain or value in plain["enum"])

    def _plain(self, rule: Any) -> Mapping[str, Any] | None:
        """The rule, or the one it refers to, if it is of texts and says nothing that is not held here."""
        if isinstance(rule, dict) and str(rule.get("$ref", "")).startswith(_HERE):
            # Beside a reference nothing else counts in this version of the language.
            rule = self._definitions.get(rule["$ref"].removeprefix(_HERE))
        is_plain = isinstance(rule, dict) and rule.get("type") == "string" and rule.keys() <= _WORDS | _READ
        return rule if is_plain else None
