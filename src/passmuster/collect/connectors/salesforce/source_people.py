"""Groups and queues, and installed packages, from a folder. Users are in no folder of metadata."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from passmuster.collect.connectors.salesforce.access import ENVIRONMENT_ID, Row
from passmuster.collect.connectors.salesforce.metadata import as_flag, shown_text, text_of
from passmuster.collect.connectors.salesforce.reading import Reader, only
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gap, Gathered

_MEMBERS_UNTOLD = Gathered(
    CollectionStatus.UNSUPPORTED,
    (),
    "metadata holds no members of public groups, and of queues the users by name alone",
    "read the organisation itself with --url",
)
_ADD_ON_GAPS = (
    Gap("publisher", "metadata does not tell who publishes a package", "read it with --url"),
    Gap("installed_at", "a folder of metadata has no times", "read it with --url"),
)


def group_tables(reader: Reader) -> dict[str, Gathered]:
    """The tables `groups` and `memberships`; who is in a group is data."""
    groups = only(reader.read("group", _group))
    queues = only(reader.read("queue", _queue))
    states = reader.states("group", "queue")
    rows = [*groups.values(), *queues.values()]
    return {"groups": Gathered.from_sources(rows, states), "memberships": _MEMBERS_UNTOLD}


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
    return {
        "group_id": f"queue/{name}",
        "name": shown_text(root, "name") or name,
        "kind": "queue",
        "source": "platform",
    }


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
