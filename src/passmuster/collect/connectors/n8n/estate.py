"""Everything that was read of one instance, before it is sorted into tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from passmuster.collect.base_url import BaseUrl
from passmuster.collect.fields import Record, dotted, inner, listed, records, text
from passmuster.collect.reads import NOT_ASKED, Read
from passmuster.collect.statuses import Verdict

ENVIRONMENT_ID = "instance"
LOGIN_UNLOCK = "sign in as an owner: set PASSMUSTER_N8N_USER and PASSMUSTER_N8N_PASSWORD"


@dataclass(frozen=True)
class Estate:
    """The answers of one instance by name. `owners` maps projects to the principal whose personal project it is."""

    platform_id: str
    base: BaseUrl | None
    reads: Mapping[str, Read]
    owners: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[str, Read] = field(default_factory=dict)
    has_session: bool = False

    def verdict(self, name: str) -> Verdict:
        """What became of the question of that name."""
        return self.reads[name].verdict if name in self.reads else NOT_ASKED

    def items(self, name: str) -> tuple[Record, ...]:
        """The records read; empty where none were."""
        return self.reads[name].items if name in self.reads else ()

    def body(self, name: str) -> Record:
        """The object that was answered; empty where there is none."""
        read = self.reads.get(name)
        return read.body if read and read.verdict.is_ok and isinstance(read.body, Mapping) else {}

    @cached_property
    def owner_settings(self) -> Record:
        """Settings as a signed-in owner sees them; empty without a session."""
        return inner(self.body("rest_settings"), "data")

    @cached_property
    def open_settings(self) -> Record:
        """Settings as anybody sees them before signing in."""
        return inner(self.body("rest_settings_anonymous"), "data")

    def setting(self, path: str) -> Any:
        """The value of a setting: the owner's view, else the open one; None where neither tells."""
        value = dotted(self.owner_settings, path)
        return dotted(self.open_settings, path) if value is None else value

    def audit_section(self, report: str, title: str) -> Record:
        """One section of the built-in audit by the start of its title; empty where the audit does not have it."""
        for section in records(inner(self.body("audit"), report), "sections"):
            if (text(section, "title") or "").startswith(title):
                return section
        return {}

    @cached_property
    def vetted_packages(self) -> frozenset[str]:
        """Names of community packages n8n vetted, as this instance knows them; empty where it does not tell."""
        names = (text(entry, "packageName") for entry in self.items("rest_community_node_types"))
        return frozenset(name for name in names if name)

    @cached_property
    def packages_called_unvetted(self) -> frozenset[str]:
        """Packages that the built-in audit lists as not vetted."""
        section = self.audit_section("Nodes Risk Report", "Community nodes")
        types = (text(entry, "nodeType") for entry in records(section, "location"))
        return frozenset(kind.rpartition(".")[0] for kind in types if kind)


def owner_project(record: Record, role: str) -> Record:
    """The share that names the owner's project, in the list a workflow or credential carries."""
    for share in records(record, "shared"):
        if share.get("role") == role:
            return share
    return {}


def extra_shares(record: Record) -> int | None:
    """With how many further projects it is shared; None where that is not told."""
    return max(len(listed(record, "shared")) - 1, 0) if "shared" in record else None
