"""People, groups, roles, grants, credentials and keys."""

from __future__ import annotations

from passmuster.snapshot.columns import declare

DECLARED = (
    declare(
        "platforms",
        "The platform itself; one row.",
        key="platform_id",
        columns="""
        vendor TEXT: who makes it
        product TEXT {power_platform, salesforce, servicenow, n8n, directus, nocodb, node_red, other}
        catalogue_id TEXT: the platform's id in the catalogue, where the product alone does not tell it
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
        fingerprint TEXT: HMAC-SHA256 of the value; null where no value is ever seen, as with all connectors that ship""",
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
)
