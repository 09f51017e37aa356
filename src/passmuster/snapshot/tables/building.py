"""What people build: apps, their steps, what these connect to, add-ons, and the addresses that answer."""

from __future__ import annotations

from passmuster.snapshot.columns import declare

DECLARED = (
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
)
