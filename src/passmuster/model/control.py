"""A control as its pack states it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from passmuster.model.words import Responsibility, Severity

_PARAM = re.compile(r"\$([a-z_][a-z0-9_]*)")


@dataclass(frozen=True)
class SqlLook:
    """One way to look by SQL: which rows were looked at, and which of them are in violation."""

    needs: tuple[str, ...]
    population: str
    violations: str
    must_know: tuple[str, ...] = ()
    must_decide: tuple[str, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()
    """(table, source) where one source of the table is enough, whatever became of its others."""
    names_from: tuple[str, ...] = ()
    """Those of `needs` that only turn ids into names in the details; the verdict does not wait for them."""

    @property
    def parameters(self) -> frozenset[str]:
        """The `$names` both statements use."""
        return frozenset(_PARAM.findall(self.population)) | frozenset(_PARAM.findall(self.violations))


@dataclass(frozen=True)
class SettingRule:
    """What one setting must be. `value` is a literal, or `Param` for a house limit."""

    key: str
    operator: str
    value: Any
    unit: str
    when_missing: str
    platforms: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True)
class Param:
    """A house limit, by name."""

    name: str


@dataclass(frozen=True)
class SettingLook:
    """One way to look by settings: all rules that apply to the platform must hold."""

    rules: tuple[SettingRule, ...]
    needs: tuple[str, ...] = ("settings",)


Look = SqlLook | SettingLook


@dataclass(frozen=True)
class Control:
    """One control. `looks` are alternatives, the first conclusive one answers; none means attest only.

    With `statement_suffices` a statement answers where the looks cannot; else it completes a look that passes.
    """

    id: str
    title: str
    severity: Severity
    responsibility: Responsibility
    looks: tuple[Look, ...]
    must_attest: bool
    remediation: str
    hosting: str = "any"
    platforms: tuple[str, ...] = ()
    supersedes: tuple[str, ...] = ()
    rationale: str = ""
    maps: Mapping[str, Sequence[str]] = field(default_factory=dict)
    references: tuple[str, ...] = ()
    is_tabled: bool = False
    """Whether it stands in the pack's settings.csv and not in a folder of its own."""
    statement_suffices: bool = False


@dataclass(frozen=True)
class Pack:
    """A control pack. `is_trusted` packs ship with Passmuster; all others run in the locked child process."""

    id: str
    version: str
    title: str
    folder: Path
    is_trusted: bool
    controls: tuple[Control, ...]
    params: Mapping[str, Any] = field(default_factory=dict)
    domains: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    description: str = ""

    def domain_of(self, control_id: str) -> str:
        """The domain of the longest matching prefix, or the pack's title."""
        prefixes = [prefix for prefix in self.domains if control_id.startswith(prefix)]
        return self.domains[max(prefixes, key=len)] if prefixes else self.title

    def first_name_of(self, control_id: str) -> str:
        """The oldest id of a control that was renamed; its fingerprints are made of that."""
        former = {new: old for old, new in self.renamed.items()}
        seen = set()
        while control_id in former and control_id not in seen:
            seen.add(control_id)
            control_id = former[control_id]
        return control_id

    def name_today(self, control_id: str) -> str:
        """Today's id of a control that may have been renamed since."""
        seen = set()
        while control_id in self.renamed and control_id not in seen:
            seen.add(control_id)
            control_id = self.renamed[control_id]
        return control_id
