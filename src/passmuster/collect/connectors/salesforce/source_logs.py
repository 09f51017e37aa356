"""What a folder tells of logging: whether event logs are made, and how long they are kept."""

from __future__ import annotations

from collections.abc import Mapping

from passmuster.collect.connectors.salesforce.access import ENVIRONMENT_ID, Row
from passmuster.collect.connectors.salesforce.reading import Reader
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gap, Gathered

_UNTOLD = "the folder holds no event settings (settings/Event.settings-meta.xml)"
_CLASSES = ["sign_in", "data_access", "data_export", "execution", "integration"]
_ALWAYS = (
    # The two logs every organisation has and nobody can switch off (Salesforce Help, "Monitor Setup Changes with Setup
    # Audit Trail" and "Monitor Login History").
    {
        "log_source_id": "setup_audit_trail",
        "kind": "admin_audit",
        "event_classes": ["admin_change", "permission_change"],
        "retention_days": 180,
    },
    {
        "log_source_id": "login_history",
        "kind": "sign_in",
        "event_classes": ["sign_in"],
        "retention_days": 180,
    },
)
DELIVERY = Gap(
    "delivered_to",
    "Salesforce does not tell where somebody carries its logs",
    "declare log_sources.delivered_to with --declared",
)


def always_on() -> list[Row]:
    """The logs of every organisation."""
    return [{**row, "environment_id": ENVIRONMENT_ID, "is_enabled": True, "admin_can_delete": False} for row in _ALWAYS]


def log_sources_table(reader: Reader, settings: Mapping[str, Row]) -> Gathered:
    """The table `log_sources`: what every organisation has, and event log files where their settings are there."""
    enabled = settings.get("event.enableEventLogGeneration")
    if enabled is None:
        state = reader.parts["settings"].state()
        why = state.reason if not state.status.is_readable else _UNTOLD
        return Gathered(
            CollectionStatus.UNSUPPORTED, (), why, "retrieve it: sf project retrieve start -m Settings:Event"
        )
    # 0 stands in files of organisations that never chose; what it then is, the file does not tell.
    retention = settings.get("event.eventLogRetentionDuration", {}).get("value_int") or None
    deletes = settings.get("event.enableDeleteMonitoringData", {}).get("value_bool")
    row = {
        "log_source_id": "event_log_file",
        "environment_id": ENVIRONMENT_ID,
        "kind": "data_access",
        "is_enabled": enabled.get("value_bool"),
        "event_classes": _CLASSES,
        "retention_days": retention,
        "admin_can_delete": deletes,
    }
    return Gathered.of([*always_on(), row], source="Event.settings", gaps=(DELIVERY,))
