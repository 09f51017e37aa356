"""A folder of the kit's tables as what a connector hands over."""

from __future__ import annotations

from pathlib import Path

from passmuster.collect.connectors.power_platform.coe import kit_tables as kit
from passmuster.collect.connectors.power_platform.coe.files import Exported, looks_like_kit, read_tables
from passmuster.collect.connectors.power_platform.coe.inventory import Inventory, Row, take_in
from passmuster.collect.connectors.power_platform.coe.steps import action_rows, endpoint_rows, trigger_rows
from passmuster.collect.connectors.power_platform.purview.collecting import EXPORT
from passmuster.collect.interface import Target
from passmuster.errors import UnreadableInput
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import CollectionResult, Gap, Gathered, SourceState
from passmuster.snapshot.tables import TABLES

_EXPORT = "export the table {name} of the kit into the folder, all rows and columns"
_NOT_TOLD = "the CoE starter kit keeps an inventory and does not hold it"
_LIVE = "read the tenant itself (see the connector's page), or declare {table} rows with --declared"
_EVERYONE: Row = {"group_id": "tenant", "name": "everyone in the tenant", "kind": "everyone", "source": "directory"}
_MAKERS_ONLY = SourceState(
    "directory",
    CollectionStatus.UNSUPPORTED,
    "the kit lists who makes things, not everybody who may sign in",
    "read the directory with a file of hosts and a token for Microsoft Graph",
)
_RECENT_ONLY = SourceState(
    "older flows",
    CollectionStatus.UNSUPPORTED,
    "the kit's inventory of actions is optional and takes in recently changed flows only",
    "read the flows themselves with a file of hosts and a token",
)
# The kit writes No where it failed to read the shares of an app, so that No proves nothing.
_SHARES_UNSURE = SourceState(
    "app_shares",
    CollectionStatus.UNSUPPORTED,
    "the kit writes that an app is not shared with everyone also where it could not look",
    "read the shares themselves with a file of hosts and a token",
)
_SITES_UNREAD = SourceState(
    "sites",
    CollectionStatus.UNSUPPORTED,
    "sites are not read from the kit, and it does not tell who may call a trigger",
    "read sites and flows themselves with a file of hosts and a token",
)


def is_kit(path: Path) -> bool:
    """Whether a file or folder holds tables of the kit."""
    return looks_like_kit(path)


def collect_kit(target: Target, path: Path, version: str) -> CollectionResult:
    """The folder's tables; raises UnreadableInput for files that cannot be read, and for rows of several tenants."""
    tables, remarks, digest = read_tables(path)
    found = take_in(tables)
    tenant = _tenant(found, path)
    if found.unlinked:
        remarks.append(f"{found.unlinked} links lead to rows that are not in the folder, or to several of one name")
    return CollectionResult(
        platform_id=target.platform_id or f"power-platform:{tenant or 'unknown'}",
        product="power_platform",
        name=tenant or "Power Platform tenant",
        connector="power-platform",
        connector_version=version,
        source_kind="export",
        tables=_tables(found, tenant),
        source_sha256=digest,
        warnings=tuple(remarks),
    )


def _tenant(found: Inventory, path: Path) -> str:
    names = {str(row["environment_id"]) for row in found.environments}
    tenants = sorted({name[len("Default-") :].lower() for name in names if name.startswith("Default-")})
    if len(tenants) > 1:
        raise UnreadableInput(
            f"{path}: holds environments of several tenants ({', '.join(tenants[:4])}); one snapshot is of one tenant: "
            "put each tenant's rows into a folder of its own and name each in the fleet file"
        )
    return tenants[0] if tenants else ""


def _tables(found: Inventory, tenant: str) -> dict[str, Gathered]:
    if not found.tables:
        reason = "no file is a table of the CoE starter kit that is read here"
        nothing = Gathered(CollectionStatus.ERROR, (), reason, _EXPORT.format(name="admin_environment"))
        return dict.fromkeys(TABLES, nothing)
    environments, apps = _state(found, kit.ENVIRONMENTS), _state(found, kit.APPS)
    flows, bots, makers = _state(found, kit.FLOWS), _state(found, kit.BOTS), _state(found, kit.MAKERS)
    actions = _state(found, kit.ACTIONS)
    told = {
        "platforms": Gathered.of([_platform(tenant)], source="admin_environment"),
        "environments": _table(found.environments, environments, gaps=_ENVIRONMENT_GAPS),
        "apps": _table(list({row["app_id"]: row for row in found.apps}.values()), apps, flows, bots, gaps=_APP_GAPS),
        "app_steps": _table(trigger_rows(found) + action_rows(found), flows, actions, _RECENT_ONLY),
        "endpoints": _table(endpoint_rows(found), flows, _SITES_UNREAD),
        "principals": _table(list(found.principals.values()), makers, _owners(found), _MAKERS_ONLY),
        "groups": _table([_EVERYONE] if found.grants else [], apps, _SHARES_UNSURE),
        "grants": _table(found.grants, apps, _SHARES_UNSURE),
        "connectors": _table(found.connectors, _state(found, kit.CONNECTORS), gaps=_CONNECTOR_GAPS),
        "connections": _table(found.connections, _state(found, kit.IDENTITIES), gaps=_CONNECTION_GAPS),
    }
    untold = {
        name: Gathered(CollectionStatus.UNSUPPORTED, (), _NOT_TOLD, _LIVE.format(table=name))
        for name in TABLES
        if name not in told
    } | {"audit_events": Gathered(CollectionStatus.UNSUPPORTED, (), _NOT_TOLD, EXPORT)}
    return {name: told.get(name) or untold[name] for name in TABLES}


_ENVIRONMENT_GAPS = (
    Gap("has_database", "the kit tells the address of a database, not that there is none"),
    Gap("owner_principal_id", "the kit knows who made an environment, not who answers for it"),
)
_APP_GAPS = (
    Gap("co_owner_count", "the kit does not count co-owners where this is read"),
    Gap("criticality", "the kit's answers of makers are not read"),
)
_CONNECTOR_GAPS = (Gap("can_be_blocked", "the kit does not tell which connectors cannot be blocked"),)
_CONNECTION_GAPS = (
    Gap(
        "identity_kind", "the kit tells the account and the maker; where they differ, whose account it is stays unknown"
    ),
    Gap("shared_with_count", "the kit does not tell with whom a connection is shared"),
    Gap("target_host", "the kit does not tell where a connection leads"),
    Gap("tls_verify", "the kit does not tell whether certificates are checked"),
)


def _platform(tenant: str) -> Row:
    return {
        "vendor": "Microsoft",
        "product": "power_platform",
        "name": tenant or None,
        "external_id": tenant or None,
        "hosting": "vendor",
    }


def _owners(found: Inventory) -> SourceState:
    """Owners of what is in the folder: known where the kit says of each thing whether its owner is still there."""
    unsaid = sum(
        1
        for table in (kit.APPS, kit.FLOWS, kit.BOTS)
        if (exported := found.tables.get(table.name)) is not None
        for row in exported.rows
        if exported.truth(row, "orphaned") is None
    )
    if unsaid:
        reason = f"{unsaid} row(s) do not say whether their owner is still there"
        return SourceState("owners", CollectionStatus.PARTIAL, reason, "export the columns `... is Orphaned` too")
    return SourceState("owners", CollectionStatus.OK)


def _state(found: Inventory, table: kit.KitTable) -> SourceState:
    exported: Exported | None = found.tables.get(table.name)
    mend = _EXPORT.format(name=table.name)
    if exported is None:
        return SourceState(table.name, CollectionStatus.UNSUPPORTED, f"the folder holds no {table.name}", mend)
    if exported.problem:
        return SourceState(table.name, CollectionStatus.ERROR, f"{exported.file} {exported.problem}", mend)
    if exported.is_cut:
        return SourceState(table.name, CollectionStatus.PARTIAL, f"{exported.file} holds one page of several", mend)
    nameless = sum(1 for row in exported.rows if exported.text(row, "id") is None)
    if nameless:
        reason = f"{exported.file} holds {nameless} row(s) without an id"
        return SourceState(table.name, CollectionStatus.PARTIAL, reason, mend)
    return SourceState(table.name, CollectionStatus.OK)


def _table(rows: list[Row], *states: SourceState, gaps: tuple[Gap, ...] = ()) -> Gathered:
    gathered = Gathered.from_sources(rows, states, gaps=gaps)
    names = ", ".join(state.name for state in states)
    return Gathered(
        gathered.status, gathered.rows, gathered.reason, gathered.unlock, names, gathered.gaps, gathered.sources
    )
