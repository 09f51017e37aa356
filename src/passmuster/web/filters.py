"""The filter bar of a list: what can be chosen, what is chosen, and how many rows each choice leaves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from passmuster.web.counting import Facet

_LONGEST = 200


@dataclass(frozen=True)
class Choice:
    """One value; `n` rows, or None where it is not counted."""

    value: str
    label: str
    n: int | None = None


@dataclass(frozen=True)
class Field:
    """One filter, by its parameter's name; without choices it is a text to search for."""

    name: str
    label: str
    choices: tuple[Choice, ...] = ()
    any_label: str = "Any"
    value: str = ""

    @property
    def is_search(self) -> bool:
        """Whether any text may be given."""
        return not self.choices and self.any_label == ""


def search(name: str, label: str) -> Field:
    """A filter by any text."""
    return Field(name, label, any_label="")


def one_of(name: str, label: str, words: Iterable[str] | type[StrEnum], any_label: str = "Any") -> Field:
    """A filter by a word of a closed list."""
    held = tuple(Choice(str(word), str(word).replace("_", " ")) for word in words)
    return Field(name, label, held, any_label)


def counted(name: str, label: str, facets: Sequence[Facet], labels: Mapping[str, str] | None = None) -> Field:
    """A filter by the values that are there, with how many rows each leaves."""
    named = labels or {}
    held = tuple(Choice(each.value, named.get(each.value, each.value.replace("_", " ")), each.n) for each in facets)
    return Field(name, label, held)


def chosen(fields: Iterable[Field], given: Mapping[str, str]) -> tuple[Field, ...]:
    """The fields with what the request chose; a value that is no choice counts as none."""
    return tuple(replace(field, value=_value(field, given.get(field.name, ""))) for field in fields)


def values_of(fields: Iterable[Field]) -> dict[str, str]:
    """What is chosen, by parameter; what is not chosen is left out."""
    return {field.name: field.value for field in fields if field.value}


def _value(field: Field, given: str) -> str:
    if field.is_search:
        return given.strip().replace("\0", "")[:_LONGEST]
    return given if any(choice.value == given for choice in field.choices) else ""
