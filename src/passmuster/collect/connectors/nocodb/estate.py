"""Everything that was read of one instance, before it is sorted into tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from passmuster.collect.base_url import BaseUrl
from passmuster.collect.fields import Record, flag, text
from passmuster.collect.reads import Read, Reads
from passmuster.collect.statuses import OK, Verdict, worst

ENVIRONMENT_ID = "instance"
PUBLIC_ID = "public"


@dataclass(frozen=True)
class Estate:
    """The answers of one instance: by name, and of single bases and tables by their ids."""

    platform_id: str
    base: BaseUrl | None
    reads: Reads
    users_of: Mapping[str, Read] = field(default_factory=dict)
    tables_of: Mapping[str, Read] = field(default_factory=dict)
    views_of: Mapping[str, Read] = field(default_factory=dict)
    hooks_of: Mapping[str, Read] = field(default_factory=dict)
    bounds: Verdict = OK
    """Says where there are more bases or tables than are asked about one by one."""

    def verdict(self, *names: str) -> Verdict:
        """The worst that became of the questions of these names."""
        return worst(*(self.reads.verdict(name) for name in names))

    def verdict_of(self, *groups: Mapping[str, Read]) -> Verdict:
        """The worst that became of questions about single bases or tables, and of the list of bases they come from."""
        return worst(self.verdict("bases"), self.bounds, *(read.verdict for group in groups for read in group.values()))

    def items(self, name: str) -> tuple[Record, ...]:
        """The records read; empty where none were."""
        return self.reads.items(name)

    @property
    def info(self) -> Record:
        """What the instance tells of itself; empty where it does not."""
        return self.reads.body("info")

    @property
    def is_community(self) -> bool:
        """Whether this is the free edition, by its own word."""
        return flag(self.info, "ee") is False

    @cached_property
    def names_of_bases(self) -> Mapping[str, str]:
        """Titles of bases by id."""
        return {str(base["id"]): text(base, "title") or str(base["id"]) for base in self.items("bases")}

    def tables(self) -> Iterator[tuple[str, Record]]:
        """Each table, with the base it is in."""
        for base_id, read in self.tables_of.items():
            for table in read.items:
                yield base_id, table

    def views(self) -> Iterator[tuple[str, str, Record]]:
        """Each view, with the base and the table it is of."""
        for base_id, table in self.tables():
            read = self.views_of.get(str(table["id"]))
            for view in read.items if read else ():
                yield base_id, str(table["id"]), view

    def hooks(self) -> Iterator[tuple[str, Record]]:
        """Each webhook, with the base it is in."""
        for base_id, table in self.tables():
            read = self.hooks_of.get(str(table["id"]))
            for hook in read.items if read else ():
                yield base_id, hook

    @cached_property
    def user_ids(self) -> Mapping[str, str]:
        """Ids of users by address."""
        return {email.lower(): str(user["id"]) for user in self.items("users") if (email := text(user, "email"))}


def is_shared(record: Record) -> bool:
    """Whether a view or base has a public link. The link itself is a secret and is not kept."""
    return text(record, "uuid") is not None


def has_password(record: Record) -> bool | None:
    """Whether a public link asks for a password; None where that was not told."""
    return None if "password" not in record else text(record, "password") is not None
