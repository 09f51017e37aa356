"""Objects from a folder: who sees their records by default, what visitors may do, how their fields are classified."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from passmuster.collect.connectors.salesforce.access import ENVIRONMENT_ID, Row
from passmuster.collect.connectors.salesforce.metadata import flag_of, shown_text, text_of
from passmuster.collect.connectors.salesforce.permissions import OBJECT_WRITES
from passmuster.collect.connectors.salesforce.reading import Reader
from passmuster.collect.connectors.salesforce.source_roles import Roles
from passmuster.snapshot.gathered import Gap, Gathered

# SharingModel of the Metadata API; what a parent or campaign controls is not told by the object itself.
_DEFAULTS = {
    "Private": "private",
    "Read": "read",
    "ReadSelect": "read",
    "ReadWrite": "read_write",
    "ReadWriteTransfer": "read_write",
    "FullAccess": "read_write",
}
# SecurityClassification of a field, from harmless to worst.
_CLASSES = {"Public": 1, "Internal": 2, "Confidential": 3, "Restricted": 4, "MissionCritical": 4}
_CLASS_WORDS = {1: "public", 2: "internal", 3: "confidential", 4: "restricted"}
_PERSONAL = frozenset({"PII", "GDPR", "CCPA", "HIPAA", "COPPA", "PersonalInfo"})
# Neither hold records of their own kind: custom settings, custom metadata, platform events.
_NO_STORES = ("__mdt", "__e", "__ChangeEvent", "__Share", "__History", "__Feed")


def data_store_tables(reader: Reader, roles: Roles) -> tuple[Gathered, dict[str, int]]:
    """The table `data_stores`, and counts about sharing that settings rules look at by key."""
    objects = reader.read("object", _object)
    fields = reader.read("field", _field)
    guest_rules = reader.read("sharingRules", _guest_rules)
    shared = {name for name, counts in guest_rules.items() if any(counts)}
    named: dict[str, list[Row]] = {name: list(rows) for name, rows in objects.items()}
    for name, rows in fields.items():
        named.setdefault(name.partition(".")[0], []).extend(rows)
    stores = [
        _store(name, rows, roles, has_guest_rule=name in shared, rules_read=name in guest_rules)
        for name, rows in sorted(named.items())
        if not name.endswith(_NO_STORES) and not any(row.get("is_setting") for row in rows)
    ]
    gaps = (
        Gap(
            "classification", "most fields carry no data classification", "classify them in Setup, Data Classification"
        ),
        Gap("encrypted_at_rest", "a folder of metadata does not tell which fields are encrypted", "read it with --url"),
    )
    table = Gathered.from_sources(stores, reader.states("object", "field", "sharingRules"), gaps=gaps)
    return table, _counts(objects, guest_rules)


def _object(_name: str, root: Element) -> Row | None:
    if root.tag != "CustomObject":
        return None
    fields = [row for entry in root.findall("fields") if (row := _field("", entry, is_inner=True))]
    return {
        "label": shown_text(root, "label"),
        "sharing": text_of(root, "sharingModel"),
        "external": text_of(root, "externalSharingModel"),
        "history": flag_of(root, "enableHistory"),
        "is_setting": root.find("customSettingsType") is not None,
        "is_external": root.find("externalDataSource") is not None,
        **_worst(fields),
    }


def _field(_name: str, root: Element, *, is_inner: bool = False) -> Row | None:
    if root.tag != "CustomField" and not is_inner:
        return None
    groups = {group.strip() for group in (text_of(root, "complianceGroup") or "").split(";")}
    return {
        "class": _CLASSES.get(text_of(root, "securityClassification") or "", 0),
        "personal": not _PERSONAL.isdisjoint(groups),
        "encrypted": text_of(root, "encryptionScheme") not in (None, "None")
        or text_of(root, "type") == "EncryptedText",
    }


def _worst(rows: list[Row]) -> Row:
    return {
        "class": max((int(row.get("class") or 0) for row in rows), default=0),
        "personal": any(row.get("personal") for row in rows),
    }


def _guest_rules(_name: str, root: Element) -> int | None:
    """How many rules give records to visitors; of a rule kept in a file of its own, whether it is one."""
    if root.tag == "SharingRules":
        return len(root.findall("sharingGuestRules"))
    return int(root.tag == "SharingGuestRule") if root.tag.startswith("Sharing") else None


def _store(name: str, rows: list[Row], roles: Roles, *, has_guest_rule: bool, rules_read: bool) -> Row:
    first = {key: next((row[key] for row in rows if row.get(key) is not None), None) for key in _TOLD}
    worst = _worst(rows)
    return {
        "data_store_id": name,
        "environment_id": ENVIRONMENT_ID,
        "name": first["label"] or name,
        "kind": "external" if first["is_external"] or name.endswith("__x") else "object",
        "classification": _CLASS_WORDS.get(worst["class"]),
        "contains_personal_data": True if worst["personal"] else None,
        "default_access": _default_access(first["sharing"]),
        "anonymous_access": _anonymous(name, roles, has_guest_rule=has_guest_rule, rules_read=rules_read),
        "audit_enabled": first["history"],
    }


_TOLD = ("label", "sharing", "history", "is_external")


def _default_access(model: str | None) -> str | None:
    return None if model is None else _DEFAULTS.get(model, "unknown")


def _anonymous(name: str, roles: Roles, *, has_guest_rule: bool, rules_read: bool) -> str | None:
    """What visitors may do by the guest profiles of the folder: to read, they need a sharing rule besides."""
    guests = roles.guests()
    if not guests:
        return None
    rights = frozenset().union(*(access.objects.get(name, frozenset()) for access in guests.values()))
    if not OBJECT_WRITES.isdisjoint(rights):
        return "write"
    if "allowRead" not in rights:
        return "none"
    if "viewAllRecords" in rights or has_guest_rule:
        return "read"
    return "none" if rules_read else None


def _counts(objects: Mapping[str, list[Row]], guest_rules: Mapping[str, list[int]]) -> dict[str, int]:
    """Numbers that Health Check looks at: objects open to all externals, and rules for visitors."""
    external = [rows for rows in objects.values() if any(row.get("external") for row in rows)]
    open_outside = sum(
        1 for rows in external if any((row.get("external") or "").startswith(("Read", "FullAccess")) for row in rows)
    )
    counts = {"sharing.objectsOpenToExternals": open_outside} if external else {}
    return counts | ({"sharing.guestSharingRules": sum(map(sum, guest_rules.values()))} if guest_rules else {})
