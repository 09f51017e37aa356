"""Everything that was read of one instance, by table, and how records of one table name records of another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from passmuster.collect.base_url import BaseUrl
from passmuster.collect.connectors.servicenow.records import Record, flag, text
from passmuster.collect.connectors.servicenow.wanted import WANTED
from passmuster.collect.statuses import Verdict
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gap, Gathered, SourceState

ENVIRONMENT_ID = "instance"


@dataclass(frozen=True)
class Read:
    """What became of one table: its verdict, its records, the fields that were seen, and whether it was a CSV list."""

    verdict: Verdict
    records: tuple[Record, ...] = ()
    fields: frozenset[str] = frozenset()
    is_csv: bool = False


class Ids:
    """Records by every way they are named: their id, and names that only one of them has."""

    def __init__(self, named: Iterable[tuple[str, Sequence[str | None]]]) -> None:
        """Pairs of an id and the other names of the same record."""
        self._ids: dict[str, str] = {}
        self._by_name: dict[str, set[str]] = {}
        for identity, names in named:
            self._ids[identity] = identity
            for name in names:
                if name:
                    self._by_name.setdefault(name.lower(), set()).add(identity)

    def of(self, record: Record, name: str) -> str | None:
        """The id of the record a field refers to; the field's own words where no such record was read.

        None where the field is empty, or names several records alike.
        """
        told = text(record, name)
        display = record.shown.get(name)
        if told in self._ids:
            return told
        for word in (told, display):
            found = self._by_name.get((word or "").lower(), set())
            if len(found) == 1:
                return next(iter(found))
            if found:
                return None
        return told or display


@dataclass(frozen=True)
class Estate:
    """The tables of one instance. `base` is its address where it was asked, None where exports were read."""

    platform_id: str
    base: BaseUrl | None
    reads: Mapping[str, Read]

    def read(self, name: str) -> Read:
        """What became of a table; one that nobody handed over or asked for is `unsupported`."""
        wanted = WANTED[name]
        missing = Verdict(CollectionStatus.UNSUPPORTED, f"{name} is not in the export", wanted.unlock)
        return self.reads.get(name) or Read(missing)

    def has(self, name: str) -> bool:
        """Whether a table was handed over or asked for, whatever became of it."""
        return name in self.reads

    def records(self, name: str) -> tuple[Record, ...]:
        """The records of a table; empty where none were read."""
        return self.read(name).records

    def is_whole(self, name: str) -> bool:
        """Whether a table was read in full."""
        return self.read(name).verdict.is_ok

    def lacks(self, name: str, column: str) -> bool:
        """Whether the table was read without that field, so that nothing of it is known."""
        read = self.read(name)
        return bool(read.records) and column not in read.fields

    @cached_property
    def users(self) -> Ids:
        """Users by id, user name, display name and address."""
        return Ids(
            (identity, (text(user, "user_name"), text(user, "name"), text(user, "email")))
            for user in self.records("sys_user")
            if (identity := user_id(user))
        )

    @cached_property
    def groups(self) -> Ids:
        """Groups by id and name."""
        groups = self.records("sys_user_group")
        return Ids((identity, (text(group, "name"),)) for group in groups if (identity := group_id(group)))

    @cached_property
    def roles(self) -> Ids:
        """Roles by name, which is their id here, and by ServiceNow's id."""
        roles = self.records("sys_user_role")
        return Ids((identity, (text(role, "sys_id"),)) for role in roles if (identity := text(role, "name")))

    @cached_property
    def properties(self) -> Mapping[str, str]:
        """System properties by name."""
        return {
            name: record.values.get("value", "")
            for record in self.records("sys_properties")
            if (name := text(record, "name"))
        }

    def property_flag(self, name: str) -> bool | None:
        """A property that is true or false; None where it is neither, or is not there."""
        return flag(Record(self.properties), name)

    def table(
        self,
        rows: Sequence[Mapping[str, Any]],
        *names: str,
        refs: Sequence[str] = (),
        optional: Sequence[str] = (),
        gaps: Sequence[Gap] = (),
        odd: Sequence[SourceState] = (),
    ) -> Gathered:
        """A table made from these tables of the instance, whose records name others in `refs`.

        An optional table counts only where it was handed over; `refs` only where any of the first was.
        """
        there = tuple(name for name in optional if self._is_there(name))
        is_any = any(self._is_there(name) for name in (*names, *there))
        asked = (*names, *there, *(refs if is_any else ()))
        states = (*(self._state(name) for name in asked), *odd)
        return Gathered.from_sources(rows if is_any else (), states, gaps=tuple(gaps))

    def _is_there(self, name: str) -> bool:
        return self.read(name).verdict.status is not CollectionStatus.UNSUPPORTED

    def _state(self, name: str) -> SourceState:
        read = self.read(name)
        return SourceState(name, read.verdict.status, read.verdict.reason, read.verdict.unlock)


def user_id(user: Record) -> str | None:
    """ServiceNow's id of a user, or the user name where a list was exported without ids."""
    return text(user, "sys_id") or text(user, "user_name")


def group_id(group: Record) -> str | None:
    """ServiceNow's id of a group, or its name where a list was exported without ids."""
    return text(group, "sys_id") or text(group, "name")


def record_id(record: Record, *names: str) -> str | None:
    """ServiceNow's id of a record, or what these fields hold where a list was exported without ids."""
    told = [text(record, name) for name in names]
    return text(record, "sys_id") or ("/".join(filter(None, told)) or None)


def not_told(estate: Estate, name: str, columns: Mapping[str, str]) -> list[Gap]:
    """A gap for every column whose field the table was read without."""
    return [
        Gap(column, f"{name} was read without its field {field}", f"read {name} with the field {field}")
        for column, field in columns.items()
        if estate.lacks(name, field)
    ]
