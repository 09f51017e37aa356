"""Settings, logs, backups, and peers' verdicts."""

from __future__ import annotations

from passmuster.snapshot.columns import declare

DECLARED = (
    declare(
        "settings",
        "One typed row a setting.",
        key="scope_kind scope_id key",
        columns="""
        scope_kind TEXT {platform, environment, site, role, app}
        scope_id TEXT
        key TEXT: dotted, namespaced
        value_kind TEXT {bool, int, text, enum, list, duration}
        value_bool BOOLEAN
        value_int INTEGER
        value_text TEXT
        value_json JSON
        unit TEXT {s, minutes, days, chars, count, bits}
        is_default BOOLEAN
        is_set BOOLEAN
        modified_at TIMESTAMP
        modified_by TEXT
        native_path TEXT: where the platform keeps it""",
    ),
    declare(
        "log_sources",
        "What is logged, kept and delivered.",
        key="log_source_id",
        columns="""
        log_source_id TEXT
        environment_id TEXT
        kind TEXT {admin_audit, sign_in, data_access, execution, api, system}
        is_enabled BOOLEAN
        event_classes JSON: array of {admin_change, sign_in, permission_change, data_export, data_access, execution, integration}
        retention_days INTEGER
        delivered_to TEXT
        last_event_at TIMESTAMP volatile
        last_delivered_at TIMESTAMP volatile
        admin_can_delete BOOLEAN
        redacts_payload BOOLEAN""",
    ),
    declare(
        "backups",
        "Copies that a restore could start from.",
        key="backup_id",
        columns="""
        backup_id TEXT
        environment_id TEXT
        kind TEXT {full, incremental, config_export, vendor}
        taken_at TIMESTAMP
        size_bytes INTEGER
        encrypted BOOLEAN
        location TEXT
        separate_admin BOOLEAN: platform administrators cannot delete it
        retention_days INTEGER
        restore_tested_at TIMESTAMP
        restore_test_result TEXT {ok, failed}
        integrity_sha256 TEXT""",
    ),
    declare(
        "audit_events",
        "Changes in the platform's own audit log since the look before: who changed what. A log, it makes no drift.",
        key="audit_event_id object_table object_id",
        is_log=True,
        columns="""
        audit_event_id TEXT
        happened_at TIMESTAMP
        actor_principal_id TEXT
        action TEXT {create, update, delete}
        object_table TEXT: the table of this snapshot that the changed thing stands in
        object_id TEXT: its id there
        native_kind TEXT: what the platform calls the thing""",
    ),
    declare(
        "verdicts",
        "Verdicts of a peer's tool, where only its results were kept.",
        key="tool policy_id",
        columns="""
        tool TEXT: whose verdict
        policy_id TEXT
        criticality TEXT
        result TEXT {pass, fail, warning, manual, error, omitted, not_applicable}
        details TEXT
        judged_at TIMESTAMP""",
    ),
)
