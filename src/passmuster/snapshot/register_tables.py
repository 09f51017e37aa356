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
        clock_started_at TIMESTAMP: from when the policy that gave the due date counts
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
_FROM_ASSURANCE = (
    declare(
        "assurance_documents",
        "What vendors gave us about their own security, a row a document and platform; made from `assurance/*.yaml`.",
        key="vendor document_id platform_id",
        lead=(),
        columns="""
        vendor TEXT
        document_id TEXT
        platform_id TEXT: the platform of ours that rests on the vendor
        kind TEXT {soc1, soc2, soc3, bridge_letter, certificate, attestation, penetration_test, subprocessors, bill_of_materials, responsibility_split, incident_exercise, contract}
        standard TEXT: of a certificate or attestation
        report_type INTEGER: 1 or 2, of a SOC report
        status TEXT {pending, requested, received, refused}: pending means that nobody has asked
        is_independent BOOLEAN: an auditor tells that security works (SOC 2 of type 2, ISO/IEC 27001, an auditor's attestation)
        covered_from_on DATE
        covered_until_on DATE: the last day it speaks of, with the bridge letters that follow on it
        dated_on DATE: the day of what happened once (a test, a list looked at, an exercise, a split agreed)
        issued_on DATE
        read_on DATE: when somebody on our side had read it
        covers_platform BOOLEAN: its scope holds the services and regions we use
        exceptions_open INTEGER: exceptions without an answer of ours; NULL where it is not known what there is
        user_controls_open INTEGER: controls left to us without an answer
        changes_open INTEGER: announced changes without an answer
        findings_open INTEGER: findings of a test that the vendor has not mended
        subprocessor_count INTEGER
        sha256 TEXT""",
    ),
    declare(
        "assurance_terms",
        "What the contracts with vendors set, a row a term and platform; made from `assurance/*.yaml`.",
        key="vendor document_id platform_id term",
        lead=(),
        columns="""
        vendor TEXT
        document_id TEXT
        platform_id TEXT
        term TEXT {incident_notice_hours, critical_fix_days, evidence_access, audit_right, subprocessor_notice_days, processing_agreement, data_return, data_deletion_days, exit_support, availability_percent}
        is_agreed BOOLEAN: false where the contract is known to lack it
        amount TEXT: the number agreed, in the unit of the term's name
        ends_on DATE: the last day of the contract""",
    ),
)

FROM_ASSURANCE: dict[str, Table] = {table.name: table for table in _FROM_ASSURANCE}
FROM_CSV: dict[str, Table] = {table.name: table for table in _REGISTERS}
REGISTERS: dict[str, Table] = {**FROM_CSV, **FROM_ASSURANCE}
