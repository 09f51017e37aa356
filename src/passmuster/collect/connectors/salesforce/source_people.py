"""Groups and queues, and installed packages, from a folder. Users are in no folder of metadata."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from passmuster.collect.connectors.salesforce.access import ENVIRONMENT_ID, Row
from passmuster.collect.connectors.salesforce.metadata import as_flag, shown_text, text_of, texts_of
from passmuster.collect.connectors.salesforce.reading import Reader, only
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gap, Gathered, SourceState

_MEMBERS_UNTOLD = SourceState(
    "group",
    CollectionStatus.PARTIAL,
    "metadata holds the members of queues, and of public groups none",
    "read the organisation with --url",
)
_ADD_ON_GAPS = (
    Gap("publisher", "metadata does not tell who publishes a package", "read it with --url"),
    Gap("installed_at", "a folder of metadata has no times", "read it with --url"),
)


def group_tables(reader: Reader) -> dict[str, Gathered]:
    """The tables `groups` and `memberships`."""
    groups = only(reader.read("group", _group))
    queues = only(reader.read("queue", _queue))
    states = reader.states("group", "queue")
    rows = [*groups.values(), *(row["group"] for row in queues.values())]
    members = [member for row in queues.values() for member in row["members"]]
    member_states = (_MEMBERS_UNTOLD, *states[1:]) if groups else states
    return {
        "groups": Gathered.from_sources(rows, states),
        "memberships": Gathered.from_sources(members, member_states),
    }


def add_ons_table(reader: Reader) -> Gathered:
    """The table `add_ons`: packages that are installed in the organisation."""
    packages = only(reader.read("installedPackage", _package))
    return Gathered.from_sources(list(packages.values()), reader.states("installedPackage"), gaps=_ADD_ON_GAPS)


def _group(name: str, root: Element) -> Row | None:
    if root.tag != "Group":
        return None
    return {
        "group_id": f"group/{name}",
        "name": shown_text(root, "name") or name,
        "kind": "public",
        "source": "platform",
    }


def _queue(name: str, root: Element) -> Row | None:
    if root.tag != "Queue":
        return None
    group_id = f"queue/{name}"
    held = root.find("queueMembers")
    members: list[Row] = []
    for kind, wrapper, leaf in (("principal", "users", "user"), ("group", "publicGroups", "publicGroup")):
        entry = held.find(wrapper) if held is not None else None
        names = sorted(set(texts_of(entry, leaf))) if entry is not None else []
        members += [
            {
                "group_id": group_id,
                "member_id": f"group/{member}" if kind == "group" else member,
                "member_kind": kind,
                "source": "platform",
            }
            for member in names
        ]
    group = {"group_id": group_id, "name": shown_text(root, "name") or name, "kind": "queue", "source": "platform"}
    return {"group": group, "members": members}


def _package(name: str, root: Element) -> Row | None:
    if root.tag != "InstalledPackage":
        return None
    return {
        "add_on_id": name,
        "environment_id": ENVIRONMENT_ID,
        "name": name,
        "kind": "package",
        "version": text_of(root, "versionNumber"),
        "is_enabled": True,
        "raw": {
            "securityType": text_of(root, "securityType"),
            "activateRSS": as_flag(text_of(root, "activateRSS")),
        },
    }
