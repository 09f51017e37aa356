"""Registers: what people keep beside the snapshots, handed over as CSV files of the same names."""

from __future__ import annotations

from passmuster.snapshot.columns import Table, declare

_REGISTERS = (
    declare(
        "allow_lists",
        "What was approved, refused, or still waits for a decision.",
        key="list_id item",
        lead=(),
        columns="""
        list_id TEXT {connectors, add_ons, hosts, administrators, regions, endpoints, credentials, roles, steps, tenants}
        item TEXT: the id the control names; for add_ons the package name, for hosts the host, for regions the region
        state TEXT {approved, pending, refused}
        reason TEXT
        approved_by TEXT
        expires_at TIMESTAMP""",
    ),
    declare(
        "attestations",
        "Statements and evidence that a person answers for.",
        key="attestation_id",
        lead=(),
        columns="""
        attestation_id TEXT
        control_id TEXT
        scope_kind TEXT: platform, environment, app, resource; empty covers everything
        scope_id TEXT
        statement TEXT
        result TEXT {met, not_met, not_applicable}
        made_by TEXT
        made_at TIMESTAMP
        valid_until TIMESTAMP
        evidence_sha256 TEXT
        kind TEXT {evidence, exception, approval, review}""",
    ),
    declare(
        "owners",
        "Who answers for what.",
        key="scope_kind scope_id",
        lead=(),
        columns="""
        scope_kind TEXT: platform, environment, app, connection, credential, control
        scope_id TEXT
        owner TEXT
        deputy TEXT""",
    ),
    declare(
        "updates",
        "Patches and vendor changes, and what became of them.",
        key="update_id component_id environment_id",
        lead=(),
        columns="""
        update_id TEXT
        component_kind TEXT
        component_id TEXT
        environment_id TEXT
        advisory_ids JSON
        severity TEXT {critical, high, medium, low, info}
        kev BOOLEAN: known to be exploited
        published_at TIMESTAMP
        available_at TIMESTAMP
        due_at TIMESTAMP
        target_version TEXT
        owner TEXT
        window_start_at TIMESTAMP
        window_end_at TIMESTAMP
        decision TEXT {pending, scheduled, applied, rejected, exception}
        who_patches TEXT {vendor, customer, shared}
        staged_ok_at TIMESTAMP
        applied_at TIMESTAMP
        rolled_back_at TIMESTAMP
        rollback_plan_ref TEXT
        backup_id TEXT
        disclosed_at TIMESTAMP
        vendor_fixed_at TIMESTAMP
        learned_at TIMESTAMP
        enforced_at TIMESTAMP
        verified_at TIMESTAMP
        verified_by TEXT {version, behaviour_test, vendor_statement}""",
    ),
    declare(
        "advisories",
        "Published vulnerabilities.",
        key="advisory_id source",
        lead=(),
        columns="""
        advisory_id TEXT
        source TEXT
        published_at TIMESTAMP
        modified_at TIMESTAMP
        severity TEXT {critical, high, medium, low, info}
        cvss TEXT
        kev_due_on DATE
        affected JSON""",
    ),
    declare(
        "reviews",
        "Posture reviews, held and due.",
        key="review_id",
        lead=(),
        columns="""
        review_id TEXT
        platform_id TEXT
        due_on DATE
        closed_on DATE""",
    ),
    declare(
        "findings",
        "Open and closed findings.",
        key="finding_id",
        lead=(),
        columns="""
        finding_id TEXT
        severity TEXT {critical, high, medium, low, info}
        owner TEXT
        due_on DATE
        status TEXT {open, in_progress, accepted, closed}
        title TEXT
        control_id TEXT: the check that found it, as its tool names it
        resource_id TEXT
        source TEXT: the tool it was brought from, and the platform where that was told
        accepted_by TEXT: who decided to live with it""",
    ),
    declare(
        "baselines",
        "Snapshots that were approved as the baseline.",
        key="platform_id snapshot_id",
        lead=(),
        columns="""
        platform_id TEXT
        snapshot_id TEXT
        approved_by TEXT
        approved_at TIMESTAMP
        reason TEXT
        snapshot_path TEXT: where the snapshot lies, relative to this file""",
    ),
)

REGISTERS: dict[str, Table] = {table.name: table for table in _REGISTERS}
