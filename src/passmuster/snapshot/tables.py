"""The tables of a snapshot, typed and described in one place.

Conventions: ids are the platform's own; times are UTC (`_at`); durations carry their unit; **NULL means not collected
or not knowable, never "no"**. The reference page `docs/reference/snapshot.md` is generated from here.
"""

from __future__ import annotations

from passmuster.snapshot.columns import Table, declare

_DECLARED = (
    declare(
        "platforms",
        "The platform itself; one row.",
        key="platform_id",
        columns="""
        vendor TEXT: who makes it
        product TEXT {power_platform, salesforce, servicenow, n8n, directus, nocodb, node_red, other}
        name TEXT: what its owner calls it
        external_id TEXT: tenant, organisation or instance id
        base_url TEXT: without credentials or query
        hosting TEXT {vendor, self, hybrid}: who runs the servers
        version TEXT: NULL for evergreen services; a release name goes here
        version_scheme TEXT {semver, calver, release_name, other}
        region TEXT
        edition TEXT: plan or licence level
        criticality TEXT {low, medium, high, critical}""",
    ),
    declare(
        "environments",
        "Separate spaces of one platform; single-tenant tools have one row.",
        key="environment_id",
        columns="""
        environment_id TEXT
        name TEXT
        kind TEXT {production, sandbox, developer, trial, default, test, other}
        is_default BOOLEAN: where everyone builds unless told otherwise
        region TEXT
        version TEXT
        governed BOOLEAN: the vendor's governance features are on
        owner_principal_id TEXT
        purpose TEXT
        created_at TIMESTAMP
        expires_at TIMESTAMP
        has_database BOOLEAN
        allows_public_sites BOOLEAN""",
    ),
    declare(
        "principals",
        "People, services and the anonymous visitor.",
        key="principal_id",
        columns="""
        principal_id TEXT
        kind TEXT {human, service, application, guest, anonymous, system}: anonymous is the visitor without sign-in
        display_name TEXT
        login TEXT
        email_domain TEXT: lower case
        is_enabled BOOLEAN: may sign in
        is_external BOOLEAN: not of this organisation
        is_pending BOOLEAN: invited, has not joined yet
        auth_source TEXT {sso, local, certificate, none}
        mfa TEXT {none, otp, push, phishing_resistant, delegated}: delegated means the identity provider asks for it
        sso_exempt BOOLEAN: may sign in past single sign-on
        created_at TIMESTAMP
        last_sign_in_at TIMESTAMP volatile: NULL is not "never"
        never_signed_in BOOLEAN volatile: true only where the platform says so
        password_changed_at TIMESTAMP
        expires_at TIMESTAMP
        has_expiry BOOLEAN: false means known to have no end date
        employment_ended_at TIMESTAMP: the person left the organisation
        owner_principal_id TEXT: who answers for a service account
        sponsor TEXT: who answers for a guest
        manager TEXT
        raw JSON: source record, redacted""",
    ),
    declare(
        "groups",
        "Sets of principals.",
        key="group_id",
        columns="""
        group_id TEXT
        name TEXT
        kind TEXT {security, queue, public, business_unit, team, everyone, dynamic}: everyone holds every enabled human
        source TEXT {platform, directory}
        owner_principal_id TEXT""",
    ),
    declare(
        "memberships",
        "Edges of groups as given; nesting is resolved in effective_memberships.",
        key="group_id member_kind member_id",
        columns="""
        group_id TEXT
        member_id TEXT
        member_kind TEXT {principal, group}
        valid_from TIMESTAMP
        valid_until TIMESTAMP
        source TEXT""",
    ),
    declare(
        "roles",
        "Named sets of permissions.",
        key="role_id",
        columns="""
        role_id TEXT
        environment_id TEXT
        name TEXT
        kind TEXT {role, profile, permission_set, permission_set_group, policy, scope_set}
        is_builtin BOOLEAN
        is_privileged BOOLEAN: can administer the platform or an environment
        privilege_rank INTEGER: 0 (none) to 100 (everything)
        requires_mfa BOOLEAN
        ip_allow JSON: array of networks""",
    ),
    declare(
        "role_inclusions",
        "Roles that contain other roles.",
        key="role_id included_role_id",
        columns="""
        role_id TEXT
        included_role_id TEXT""",
    ),
    declare(
        "role_permissions",
        "What a role allows or denies.",
        key="role_id permission resource_kind resource_id effect",
        columns="""
        role_id TEXT
        permission TEXT: the platform's own name
        capability TEXT {read_all, write_all, manage_users, manage_roles, author_code, deploy, impersonate, export_bulk, api_access, install_addons, manage_logs, manage_settings, manage_connections, create_environment, create_app, publish_site, read, create, update, delete, share}: the same word on every platform
        resource_kind TEXT
        resource_id TEXT
        field_scope TEXT {all, some, none}
        row_scope TEXT {all, filtered, own}
        effect TEXT {allow, deny}""",
    ),
    declare(
        "grants",
        "Who holds which role on what.",
        key="grant_id",
        columns="""
        grant_id TEXT
        subject_kind TEXT {principal, group}
        subject_id TEXT
        role_id TEXT
        object_kind TEXT {platform, environment, app, connection, data_store}
        object_id TEXT
        environment_id TEXT
        granted_at TIMESTAMP
        granted_by TEXT
        expires_at TIMESTAMP
        has_expiry BOOLEAN: false means known to be standing
        is_eligible_only BOOLEAN: just-in-time, not active by itself""",
    ),
    declare(
        "credentials",
        "Keys, tokens and stored secrets; never their values.",
        key="credential_id",
        columns="""
        credential_id TEXT
        kind TEXT {api_key, pat, oauth_client, oauth_grant, basic, webhook_secret, stored_secret, session_token}: stored_secret is what flows use to reach other systems
        name TEXT
        owner_principal_id TEXT
        app_id TEXT
        scopes JSON: array of the platform's own words
        created_at TIMESTAMP
        rotated_at TIMESTAMP
        last_used_at TIMESTAMP volatile: NULL is not "never"
        expires_at TIMESTAMP
        has_expiry BOOLEAN: false means known never to expire
        is_enabled BOOLEAN
        storage TEXT {vault, encrypted, plaintext, unknown}
        fingerprint TEXT: HMAC-SHA256, only where PASSMUSTER_FINGERPRINT_KEY is set""",
    ),
    declare(
        "keys",
        "Cryptographic keys, certificates and instance secrets.",
        key="key_id",
        columns="""
        key_id TEXT
        kind TEXT {symmetric, asymmetric, certificate, instance_secret}
        purpose TEXT {at_rest, signing, tls, saml, credential_store}
        algorithm TEXT
        size_bits INTEGER
        custody TEXT {vendor, customer, unknown}
        created_at TIMESTAMP
        rotated_at TIMESTAMP
        not_after TIMESTAMP
        is_default_value BOOLEAN: unset, or a value the product ships with""",
    ),
    declare(
        "apps",
        "Apps, workflows, sites, bots.",
        key="app_id",
        columns="""
        app_id TEXT
        environment_id TEXT
        kind TEXT {app, workflow, site, bot, agent, dashboard, script}
        name TEXT
        is_active BOOLEAN
        owner_principal_id TEXT
        co_owner_count INTEGER
        business_contact TEXT
        criticality TEXT {low, medium, high, critical}
        created_at TIMESTAMP
        modified_at TIMESTAMP
        modified_by TEXT
        published_at TIMESTAMP
        last_run_at TIMESTAMP volatile
        version TEXT
        runs_30d INTEGER volatile
        failures_30d INTEGER volatile
        error_handler_app_id TEXT
        is_managed BOOLEAN: deployed, not edited by hand
        raw JSON: source record, redacted""",
    ),
    declare(
        "app_steps",
        "Steps of apps: nodes, actions, operations.",
        key="app_id step_id",
        columns="""
        app_id TEXT
        step_id TEXT
        name TEXT
        step_type TEXT: the platform's own name
        category TEXT {trigger, webhook, http, script, command, filesystem, sql, ai, connector, logic}
        connector_id TEXT
        connection_id TEXT
        is_enabled BOOLEAN
        auth_mode TEXT {none, basic, header, jwt, oauth, platform}
        has_expression_in_query BOOLEAN: values are pasted into SQL
        uses_bound_parameters BOOLEAN
        validates_input BOOLEAN
        secret_hits INTEGER: places that look like a secret in clear; NULL if not looked
        next_step_ids JSON: array of step_id""",
    ),
    declare(
        "connectors",
        "Kinds of thing apps can connect to.",
        key="connector_id",
        columns="""
        connector_id TEXT
        name TEXT
        kind TEXT {builtin, premium, custom, community, generic_http}
        publisher TEXT
        host TEXT
        can_be_blocked BOOLEAN
        retired_at TIMESTAMP: past this time the vendor no longer serves it
        raw JSON: source record, redacted""",
    ),
    declare(
        "connections",
        "Configured links to other systems.",
        key="connection_id",
        columns="""
        connection_id TEXT
        connector_id TEXT
        environment_id TEXT
        app_id TEXT: the app it belongs to, where it belongs to one
        owner_principal_id TEXT
        identity_kind TEXT {service, personal, shared, none}
        target_host TEXT
        tls_verify BOOLEAN: certificates are checked
        scheme TEXT: https, http, mqtt, mqtts, ...
        credential_id TEXT
        shared_with_count INTEGER
        status TEXT volatile
        created_at TIMESTAMP
        last_used_at TIMESTAMP volatile""",
    ),
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
        "add_ons",
        "Installed packages, plugins, extensions.",
        key="add_on_id",
        columns="""
        add_on_id TEXT
        environment_id TEXT
        app_id TEXT
        name TEXT
        kind TEXT {package, plugin, extension, node_module, store_app, solution, connector_pack}
        publisher TEXT
        publisher_verified BOOLEAN
        version TEXT
        latest_version TEXT volatile
        purl TEXT: package URL, ties to advisories
        source_url TEXT
        licence TEXT
        installed_at TIMESTAMP
        updated_at TIMESTAMP
        installed_by TEXT
        is_builtin BOOLEAN: ships with the platform
        is_enabled BOOLEAN
        in_use BOOLEAN volatile
        supported_until DATE
        permissions JSON
        raw JSON: source record, redacted""",
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
        derived_by TEXT {declared, inferred}""",
    ),
    declare(
        "endpoints",
        "Addresses that answer.",
        key="endpoint_id",
        columns="""
        endpoint_id TEXT
        app_id TEXT
        environment_id TEXT
        kind TEXT {webhook, site, api, admin_ui, public_link, form}
        url TEXT: without credentials or query
        is_public BOOLEAN: reachable by anyone who can reach the platform
        auth_mode TEXT {none, basic, header, jwt, oauth, platform}
        tls_min TEXT {none, 1.0, 1.1, 1.2, 1.3}: none means clear text
        cors JSON: array of allowed origins
        methods JSON: array of HTTP methods
        rate_limited BOOLEAN
        password_protected BOOLEAN
        expires_at TIMESTAMP""",
    ),
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

TABLES: dict[str, Table] = {table.name: table for table in _DECLARED}
