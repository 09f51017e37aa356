"""Invented ScubaGear exports of Power Platform, to be made odd by tests."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from passmuster.collect.connectors.power_platform.connector import PowerPlatformConnector
from passmuster.collect.interface import Target
from passmuster.snapshot.gathered import CollectionResult

TENANT = "11111111-2222-3333-4444-555555555555"
DEFAULT = f"Default-{TENANT}"
API = "/providers/Microsoft.PowerApps/apis/shared_"


def policy(scope: str | None = "OnlyEnvironments", *environments: str, **more: Any) -> dict[str, Any]:
    """A data policy as ScubaGear exports it; a part given as None is left out."""
    entry: dict[str, Any] = {
        "name": "p1",
        "displayName": "Policy",
        "environmentType": scope,
        "environments": [{"name": name, "id": f"/environments/{name}"} for name in environments],
        "connectorGroups": [],
    } | more
    return {key: value for key, value in entry.items() if value is not None}


def group(classification: str, *connectors: str) -> dict[str, Any]:
    """A connector group of a data policy."""
    return {"classification": classification, "connectors": [{"id": connector} for connector in connectors]}


def environment(name: str, *, is_default: Any = False, **more: Any) -> dict[str, Any]:
    """An environment as ScubaGear lists it."""
    return {
        "EnvironmentName": name,
        "DisplayName": name,
        "IsDefault": is_default,
        "EnvironmentType": "Production",
        **more,
    }


GOOD: dict[str, Any] = {
    "tenant_id": TENANT,
    "tenant_details": [{"DisplayName": "Invented Ltd", "TenantId": TENANT}],
    "environment_creation": [
        {
            "disableEnvironmentCreationByNonAdminUsers": True,
            "disableTrialEnvironmentCreationByNonAdminUsers": True,
            "disablePortalsCreationByNonAdminUsers": True,
            "powerPlatform": {"powerApps": {"disableShareWithEveryone": True}, "licensing": {"threshold": 85}},
        }
    ],
    "dlp_policies": [
        {"value": [policy("OnlyEnvironments", DEFAULT, "e2", connectorGroups=[group("General", f"{API}teams")])]}
    ],
    "environment_list": [environment(DEFAULT, is_default=True, EnvironmentType="Default"), environment("e2")],
    "tenant_isolation": [{"properties": {"tenantId": TENANT, "isDisabled": False, "allowedTenants": []}}],
    "powerplatform_successful_commands": [],
    "powerplatform_unsuccessful_commands": [],
}


def export(**changes: Any) -> dict[str, Any]:
    """The good export with parts replaced."""
    return copy.deepcopy(GOOD) | changes


def settings(**changes: Any) -> list[dict[str, Any]]:
    """`environment_creation` of the good export with settings replaced."""
    return [copy.deepcopy(GOOD["environment_creation"][0]) | changes]


def collect(document: Any, folder: Path) -> CollectionResult:
    """What the connector makes of a document."""
    file = folder / "export.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return PowerPlatformConnector().collect(Target(path=file))
