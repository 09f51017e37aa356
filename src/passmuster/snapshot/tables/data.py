"""Where data lies, where it flows, and where it may."""

from __future__ import annotations

from passmuster.snapshot.columns import declare

DECLARED = (
    declare(
        "data_policies",
        "Rules about where data may go.",
        key="policy_id",
        columns="""
        policy_id TEXT
        name TEXT
        kind TEXT {dlp, tenant_isolation, egress, cors}
        scope TEXT {all, only, except}: which environments it covers, with rules of kind environment
        default_classification TEXT {allow, business, non_business, block}: of connectors no rule names
        is_enabled BOOLEAN
        modified_at TIMESTAMP""",
    ),
    declare(
        "data_policy_rules",
        "The lines of a data policy.",
        key="policy_id rule_kind ordinal ref_id",
        columns="""
        policy_id TEXT
        rule_kind TEXT {environment, connector, endpoint, tenant}
        ref_id TEXT
        classification TEXT {business, non_business, blocked, allow, deny}
        direction TEXT {inbound, outbound, both}
        ordinal INTEGER""",
    ),
    declare(
        "data_stores",
        "Tables, objects, collections, file areas.",
        key="data_store_id",
        columns="""
        data_store_id TEXT
        environment_id TEXT
        name TEXT
        kind TEXT {table, object, collection, file_area, external}
        classification TEXT {public, internal, confidential, restricted}
        contains_personal_data BOOLEAN
        region TEXT
        encrypted_at_rest BOOLEAN
        key_id TEXT
        default_access TEXT {private, read, read_write, unknown}
        anonymous_access TEXT {none, read, write}
        audit_enabled BOOLEAN
        retention_days INTEGER
        record_count INTEGER volatile""",
    ),
    declare(
        "data_flows",
        "Edges along which data moves.",
        key="flow_id",
        columns="""
        flow_id TEXT
        app_id TEXT
        from_kind TEXT {data_store, connection, endpoint, app}
        from_id TEXT
        to_kind TEXT {data_store, connection, endpoint}
        to_id TEXT
        to_host TEXT
        boundary TEXT {internal, partner, external}
        max_classification TEXT {public, internal, confidential, restricted}
        derived_by TEXT {declared, inferred}
        to_region TEXT: where the destination keeps the data
        transfer_basis TEXT: why the data may leave its region (an adequacy decision, contract clauses, ...); none where there is known to be none""",
    ),
)
