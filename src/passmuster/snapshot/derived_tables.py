"""Tables that are not collected: read from the manifest, or computed when a snapshot is loaded."""

from __future__ import annotations

from passmuster.snapshot.columns import Table, declare

_FROM_MANIFEST = (
    declare(
        "snapshots",
        "The snapshot itself; one row.",
        key="snapshot_id",
        lead=(),
        columns="""
        snapshot_id TEXT
        platform_id TEXT
        taken_at TIMESTAMP
        started_at TIMESTAMP
        collector TEXT
        collector_version TEXT
        source_kind TEXT {api, export, scubagear, sfdx, cli, manual}
        source_sha256 TEXT
        parent_snapshot_id TEXT""",
    ),
    declare(
        "collection",
        "What became of each table.",
        key="table_name",
        lead=(),
        columns="""
        table_name TEXT
        source TEXT
        status TEXT {ok, empty, partial, denied, error, unsupported, not_licensed}
        reason TEXT
        row_count INTEGER
        collected_at TIMESTAMP""",
    ),
)
_COMPUTED = (
    declare(
        "effective_memberships",
        "Every principal in every group, nesting resolved.",
        key="group_id principal_id",
        lead=(),
        columns="""
        group_id TEXT
        principal_id TEXT""",
    ),
    declare(
        "effective_roles",
        "Closure of role_inclusions; each role includes itself.",
        key="role_id included_role_id",
        lead=(),
        columns="""
        role_id TEXT
        included_role_id TEXT""",
    ),
    declare(
        "effective_grants",
        "One row per principal, role and object; groups and included roles expanded.",
        key="principal_id role_id object_kind object_id environment_id",
        lead=(),
        columns="""
        principal_id TEXT
        role_id TEXT
        object_kind TEXT
        object_id TEXT
        environment_id TEXT
        via TEXT {direct, group}: direct wins over group
        expires_at TIMESTAMP
        has_expiry BOOLEAN
        is_eligible_only BOOLEAN""",
    ),
    declare(
        "privileged_grants",
        "The effective grants of roles that are privileged or may be; quick also where the whole is large.",
        key="principal_id role_id object_kind object_id environment_id",
        lead=(),
        columns="""
        principal_id TEXT
        role_id TEXT
        is_privileged BOOLEAN: NULL where nobody told the role's rank
        object_kind TEXT
        object_id TEXT
        environment_id TEXT
        via TEXT {direct, group}: direct wins over group
        expires_at TIMESTAMP
        has_expiry BOOLEAN
        is_eligible_only BOOLEAN""",
    ),
    declare(
        "baseline_differences",
        "Where this snapshot differs from the approved baseline.",
        key="table_name resource_id change column_name",
        lead=(),
        columns="""
        table_name TEXT
        resource_id TEXT: the row's key
        change TEXT {added, removed, changed}
        column_name TEXT
        before TEXT
        after TEXT""",
    ),
)

FROM_MANIFEST: dict[str, Table] = {table.name: table for table in _FROM_MANIFEST}
COMPUTED: dict[str, Table] = {table.name: table for table in _COMPUTED}

INPUTS: dict[str, tuple[str, ...]] = {
    "effective_memberships": ("memberships", "groups", "principals"),
    "effective_roles": ("roles", "role_inclusions"),
    "effective_grants": ("grants", "roles", "role_inclusions", "memberships", "groups", "principals"),
    "privileged_grants": ("grants", "roles", "role_inclusions", "memberships", "groups", "principals"),
}
"""The collected tables each computed table is made from; it has the worst status of these."""
