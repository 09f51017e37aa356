"""The catalogue of apps and automations: who answers for each, what it uses, whether it touches personal data."""

from __future__ import annotations

_SQL = """
    WITH shown AS (
        SELECT * FROM apps ORDER BY is_active IS FALSE, name, app_id LIMIT 20000),
    uses AS (
        SELECT app_id, connector_id FROM app_steps
        WHERE connector_id IS NOT NULL AND is_enabled IS DISTINCT FROM false
        UNION SELECT app_id, connector_id FROM connections WHERE app_id IS NOT NULL AND connector_id IS NOT NULL),
    used AS (
        SELECT u.app_id, list_sort(list(DISTINCT coalesce(c.name, u.connector_id))) AS names
        FROM uses u SEMI JOIN shown s ON s.app_id = u.app_id
        LEFT JOIN connectors c ON c.connector_id = u.connector_id GROUP BY u.app_id),
    ends AS (
        SELECT f.app_id, s.contains_personal_data AS is_from, t.contains_personal_data AS is_to,
               f.from_kind = 'data_store' AS has_from, f.to_kind = 'data_store' AS has_to
        FROM data_flows f
        LEFT JOIN data_stores s ON f.from_kind = 'data_store' AND s.data_store_id = f.from_id
        LEFT JOIN data_stores t ON f.to_kind = 'data_store' AND t.data_store_id = f.to_id),
    touched AS (
        SELECT app_id,
               CASE WHEN bool_or(is_from OR is_to) THEN true
                    WHEN bool_and((has_from AND is_from IS FALSE AND (has_to IS NOT TRUE OR is_to IS FALSE))
                                  OR (has_to AND is_to IS FALSE AND has_from IS NOT TRUE)) THEN false END AS is_personal
        FROM ends GROUP BY app_id),
    named AS (
        SELECT scope_id, any_value(owner) AS owner, any_value(deputy) AS deputy FROM owners
        WHERE scope_kind = 'app' AND trim(owner) <> '' GROUP BY scope_id),
    people AS (SELECT principal_id, coalesce(display_name, login, principal_id) AS name, is_enabled FROM principals),
    listed AS (
        SELECT a.*, e.name AS environment, u.names, t.is_personal, n.deputy,
               coalesce(n.owner, p.name || CASE WHEN p.is_enabled IS FALSE THEN ' (disabled)' ELSE '' END,
                        a.owner_principal_id, a.business_contact) AS owner,
               n.owner IS NULL AND p.is_enabled IS FALSE AS is_orphaned
        FROM shown a
        LEFT JOIN environments e ON e.environment_id = a.environment_id
        LEFT JOIN used u ON u.app_id = a.app_id
        LEFT JOIN touched t ON t.app_id = a.app_id
        LEFT JOIN named n ON n.scope_id = a.app_id
        LEFT JOIN people p ON p.principal_id = a.owner_principal_id)
    SELECT CASE WHEN is_orphaned THEN 'bad' WHEN owner IS NULL THEN 'open' ELSE '' END AS mark,
           coalesce(name, app_id), kind, coalesce(environment, environment_id), owner, deputy, criticality, is_active,
           last_run_at, runs_30d, failures_30d,
           CASE WHEN len(names) > 6 THEN array_to_string(names[1:6], ', ') || ' and ' || (len(names) - 6) || ' more'
                ELSE array_to_string(names, ', ') END,
           is_personal
    FROM listed
    ORDER BY is_active IS FALSE, mark <> 'bad', mark <> 'open', name, app_id"""

AUTOMATIONS = (
    "automations",
    "Apps and automations",
    "Owner and deputy are those of owners.csv, else the platform's own. Personal data is read from the data flows.",
    "apps",
    (
        *("Name", "Kind", "Environment", "Owner", "Deputy", "Criticality", "Active", "Last run"),
        *("Runs in 30 days", "Failures in 30 days", "Connectors", "Personal data"),
    ),
    _SQL,
)
