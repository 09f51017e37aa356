"""Folders of metadata made for tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from passmuster.collect.connectors.salesforce.connector import SalesforceConnector
from passmuster.collect.interface import Target
from passmuster.snapshot.gathered import CollectionResult

EXAMPLE = Path(__file__).parents[3] / "examples" / "salesforce"
D = "force-app/main/default"
NS = ' xmlns="http://soap.sforce.com/2006/04/metadata"'


def xml(type_name: str, body: str = "", *, namespace: str = NS) -> str:
    """A metadata file as Salesforce writes it."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{type_name}{namespace}>\n{body}\n</{type_name}>\n'


def may(*names: str, enabled: bool = True) -> str:
    """User permissions."""
    word = str(enabled).lower()
    return "".join(f"<userPermissions><enabled>{word}</enabled><name>{name}</name></userPermissions>" for name in names)


def profile(*names: str, more: str = "", custom: bool = True) -> str:
    """A profile with these permissions on."""
    return xml("Profile", f"<custom>{str(custom).lower()}</custom>{more}{may(*names)}")


def permission_set(*names: str, more: str = "") -> str:
    """A permission set with these permissions on."""
    return xml("PermissionSet", f"<label>A set</label>{more}{may(*names)}")


def folder(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write the files below `root`."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return root


def collect(root: Path) -> CollectionResult:
    """What the connector makes of a folder."""
    return SalesforceConnector().collect(Target(path=root))


def collected(root: Path, files: Mapping[str, str | bytes]) -> CollectionResult:
    """The same of files that are written first."""
    return collect(folder(root, files))


def rows(result: CollectionResult, table: str) -> list[Mapping[str, Any]]:
    """The rows of a table."""
    return list(result.tables[table].rows)


def status(result: CollectionResult, table: str) -> str:
    """The status of a table."""
    return result.tables[table].status.value


def roles(result: CollectionResult, kind: str) -> set[str]:
    """The ids of roles of a kind."""
    return {row["role_id"] for row in rows(result, "roles") if row["kind"] == kind}


def holders(result: CollectionResult, permission: str) -> set[str]:
    """The roles that hold a permission."""
    return {row["role_id"] for row in rows(result, "role_permissions") if row["permission"] == permission}


def setting(result: CollectionResult, key: str, scope: str = "platform") -> Mapping[str, Any]:
    """One setting."""
    return next(row for row in rows(result, "settings") if row["key"] == key and row["scope_kind"] == scope)
