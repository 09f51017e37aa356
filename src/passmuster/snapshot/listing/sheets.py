"""The registers that are lists: keys, credentials, data flows, apps. Each is a statement and its columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from passmuster.model.register_view import Sheet
from passmuster.snapshot.listing.automations import AUTOMATIONS
from passmuster.snapshot.listing.opening import Opened

MOST_ROWS = 20_000


@dataclass(frozen=True)
class Listing:
    """A register: the table it is about, and a SELECT whose first column is the mark and the others `columns`.

    `limits` are house limits the SELECT names; without one of them what it decides is not known. `counting` counts the
    rows where the SELECT itself is bounded.
    """

    key: str
    title: str
    intro: str
    table: str
    columns: tuple[str, ...]
    sql: str
    limits: tuple[str, ...] = ()
    counting: str = ""


_SOON = "$as_of + to_days(coalesce(CAST($certificate_warning_days AS INTEGER), 30))"
_STATE = f"""
    CASE WHEN due_at IS NULL THEN NULL WHEN due_at <= $as_of THEN 'overdue' WHEN due_at <= {_SOON} THEN 'due soon'
         ELSE 'in time' END"""
_MARK = "CASE WHEN due_at IS NULL THEN 'open' WHEN due_at <= $as_of THEN 'bad' ELSE '' END"
_LAST = "coalesce(rotated_at, created_at)"


def _due(ends_at: str, limit: str) -> str:
    """When to act: at the end, or when the age limit is reached; NULL where a last change is not known to be recent."""
    days = f"to_days(CAST(${limit} AS INTEGER))"
    return (
        f"CASE WHEN {_LAST} IS NULL AND ({ends_at} IS NULL OR {ends_at} > $as_of + {days}) THEN NULL "
        f"ELSE least({ends_at}, {_LAST} + {days}) END"
    )


KEYS = Listing(
    key="keys",
    title="Keys and certificates",
    intro="A certificate is due when it ends; a key when it is older than the house limit.",
    table="keys",
    columns=(
        *("Id", "State", "Due", "Kind", "Purpose", "Algorithm", "Bits", "Held by"),
        *("Created", "Rotated", "Ends"),
    ),
    sql=f"""
        SELECT {_MARK}, key_id, {_STATE}, due_at, replace(kind, '_', ' '), replace(purpose, '_', ' '), algorithm,
               size_bits, custody, created_at, rotated_at, not_after
        FROM (SELECT *, CASE WHEN kind = 'certificate' THEN not_after ELSE {_due("not_after", "key_rotation_days")} END
                        AS due_at FROM keys)
        ORDER BY due_at IS NULL, due_at, key_id""",  # noqa: S608 - fixed text
    limits=("key_rotation_days", "certificate_warning_days"),
)
CREDENTIALS = Listing(
    key="credentials",
    title="Tokens, secrets and API keys",
    intro="Due when it ends, or when it is older than the house limit. Sessions and what is disabled are left out.",
    table="credentials",
    columns=("Name", "State", "Due", "Kind", "Owner", "Created", "Rotated", "Last used", "Ends", "Stored"),
    sql=f"""
        SELECT CASE WHEN expires_at <= $as_of THEN '' ELSE {_MARK} END AS mark,
               coalesce(name, credential_id), CASE WHEN expires_at <= $as_of THEN 'ended' ELSE {_STATE} END, due_at,
               replace(kind, '_', ' '),
               coalesce((SELECT any_value(coalesce(p.display_name, p.login)) FROM principals p
                         WHERE p.principal_id = c.owner_principal_id), c.owner_principal_id),
               created_at, rotated_at, last_used_at, expires_at, storage
        FROM (SELECT *, {_due("expires_at", "secret_rotation_days")} AS due_at FROM credentials
              WHERE kind IS DISTINCT FROM 'session_token' AND is_enabled IS DISTINCT FROM false) c
        ORDER BY mark <> 'bad', mark <> 'open', due_at, credential_id""",  # noqa: S608 - fixed text
    limits=("secret_rotation_days", "certificate_warning_days"),
)
FLOWS = Listing(
    key="data-flows",
    title="Data flows and residency",
    intro=(
        "Where data lies, where it goes, and on which basis it may leave its region: as declared for the flow, or as "
        "the list of approved regions says."
    ),
    table="data_flows",
    columns=(
        *("App", "From", "To", "Most sensitive data", "Personal data", "Lies in", "Goes to", "Crosses", "Basis"),
        *("Host", "Boundary"),
    ),
    sql="""
        WITH places AS (
            SELECT 'data_store' AS kind, data_store_id AS id, name, region, contains_personal_data, classification
            FROM data_stores
            UNION ALL SELECT 'endpoint', endpoint_id, url, NULL, NULL, NULL FROM endpoints
            UNION ALL SELECT 'connection', connection_id, coalesce(target_host, connector_id), NULL, NULL, NULL
                      FROM connections),
        approved AS (SELECT lower(trim(item)) AS region, any_value(coalesce(reason, 'approved region')) AS reason
                     FROM allow_lists WHERE list_id = 'regions' AND state = 'approved'
                      AND (expires_at IS NULL OR expires_at > $as_of) GROUP BY ALL),
        told AS (
            SELECT coalesce(a.name, d.app_id) AS app, coalesce(f.name,
                        CASE WHEN d.from_kind IS DISTINCT FROM 'app' THEN d.from_id END, 'the app itself') AS source,
                   coalesce(d.max_classification, f.classification) AS classification, f.contains_personal_data,
                   coalesce(f.region, e.region, (SELECT any_value(region) FROM platforms)) AS from_region,
                   coalesce(t.name, d.to_id) AS target, d.to_host, d.boundary,
                   coalesce(d.to_region, t.region) AS to_region, nullif(trim(d.transfer_basis), '') AS basis, d.flow_id
            FROM data_flows d
            LEFT JOIN places f ON f.kind = d.from_kind AND f.id = d.from_id
            LEFT JOIN places t ON t.kind = d.to_kind AND t.id = d.to_id
            LEFT JOIN apps a ON a.app_id = d.app_id
            LEFT JOIN environments e ON e.environment_id = a.environment_id),
        crossing AS (
            SELECT *, lower(trim(from_region)) <> lower(trim(to_region)) AS crosses,
                   coalesce(basis, (SELECT reason FROM approved r WHERE r.region = lower(trim(to_region)))) AS why
            FROM told)
        SELECT CASE WHEN crosses AND lower(why) = 'none' THEN 'bad'
                    WHEN crosses IS NULL OR (crosses AND why IS NULL) THEN 'open' ELSE '' END AS mark,
               app, source, target, classification, contains_personal_data, from_region, to_region, crosses,
               CASE WHEN crosses IS FALSE THEN 'none needed' ELSE why END, to_host, boundary
        FROM crossing
        ORDER BY mark <> 'bad', crosses IS NOT TRUE, mark <> 'open', boundary = 'internal' NULLS FIRST, app, flow_id
       """,
)
LISTINGS = (KEYS, CREDENTIALS, FLOWS, Listing(*AUTOMATIONS, counting="SELECT count(*) FROM apps"))


def sheet_of(listing: Listing, opened: Opened) -> Sheet:
    """The register as it stands."""
    status, reason = opened.status_of(listing.table)
    values: Mapping[str, Any] = {name: opened.days(name) for name in listing.limits}
    rows = opened.rows(f"{listing.sql} LIMIT {MOST_ROWS}", **values)
    count = len(rows)
    if count == MOST_ROWS:
        counting = listing.counting or f"SELECT count(*) FROM ({listing.sql})"  # noqa: S608 - fixed text
        count = int(opened.rows(counting, **values)[0][0])
    return Sheet(
        key=listing.key,
        title=listing.title,
        intro=listing.intro,
        columns=listing.columns,
        rows=tuple(tuple(row[1:]) for row in rows),
        marks=tuple(row[0] for row in rows),
        count=count if rows or status.is_readable else None,
        status=status,
        reason=reason,
    )
