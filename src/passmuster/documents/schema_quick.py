"""Whether a document fits a JSON Schema, in a tenth of the time of the library, which then only says why not.

Only the words that plain formats use are known; a schema with any other one gets no quick check.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any], bool]
_SILENT = frozenset({"$schema", "$id", "title", "description", "$defs"})


class _NotPlain(Exception):
    """The schema uses a word that is not known here."""


def quick_check(schema: Mapping[str, Any]) -> Check | None:
    """Whether a document of parsed JSON fits the schema (draft 2020-12); None where the schema is not that plain."""
    try:
        return _Compiler(schema).check(schema)
    except _NotPlain:
        return None


class _Compiler:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self.definitions = root.get("$defs", {})
        self.known: dict[str, Check] = {}
        self.open: set[str] = set()

    def check(self, schema: Any) -> Check:
        if not isinstance(schema, dict):
            raise _NotPlain
        checks = [self._word(word, schema[word]) for word in schema if word not in _SILENT]
        if len(checks) == 1:
            return checks[0]
        return lambda value: all(check(value) for check in checks)

    def _word(self, word: str, rule: Any) -> Check:
        if word == "$ref":
            return self._reference(rule)
        if word == "properties":
            return self._properties(rule)
        if word == "items":
            item = self.check(rule)
            return lambda value: not isinstance(value, list) or all(map(item, value))
        if word == "anyOf":
            ways = [self.check(way) for way in rule]
            return lambda value: any(way(value) for way in ways)
        if word not in _WORDS:
            raise _NotPlain
        return _WORDS[word](rule)

    def _reference(self, rule: str) -> Check:
        name = rule.removeprefix("#/$defs/")
        if name not in self.definitions or name in self.open:
            raise _NotPlain
        if name not in self.known:
            self.open.add(name)
            self.known[name] = self.check(self.definitions[name])
            self.open.remove(name)
        return self.known[name]

    def _properties(self, rule: Mapping[str, Any]) -> Check:
        checks = [(name, self.check(schema)) for name, schema in rule.items()]

        def fits(value: Any) -> bool:
            return not isinstance(value, dict) or all(check(value[name]) for name, check in checks if name in value)

        return fits


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: dict[str, Check] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "number": _is_number,
    "integer": lambda value: _is_number(value) and (isinstance(value, int) or value.is_integer()),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


def _type(rule: Any) -> Check:
    checks = [_TYPES[name] for name in ([rule] if isinstance(rule, str) else rule)]
    if len(checks) == 1:
        return checks[0]
    return lambda value: any(check(value) for check in checks)


def _enum(rule: Any) -> Check:
    if not all(isinstance(word, str) for word in rule):
        raise _NotPlain
    words = frozenset(rule)
    return lambda value: isinstance(value, str) and value in words


_WORDS: dict[str, Callable[[Any], Check]] = {
    "type": _type,
    "enum": _enum,
    "required": lambda rule: lambda value: not isinstance(value, dict) or all(name in value for name in rule),
    "minLength": lambda rule: lambda value: not isinstance(value, str) or len(value) >= rule,
    "maxLength": lambda rule: lambda value: not isinstance(value, str) or len(value) <= rule,
    "minimum": lambda rule: lambda value: not _is_number(value) or not value < rule,
    "maximum": lambda rule: lambda value: not _is_number(value) or not value > rule,
}
