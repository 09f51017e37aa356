"""Every table of the snapshot, as far as the interfaces of a tenant tell."""

from __future__ import annotations

from passmuster.collect.connectors.power_platform.live.estate import Estate, text
from passmuster.collect.connectors.power_platform.live.map_apps import app_tables, built
from passmuster.collect.connectors.power_platform.live.map_database import database_tables, read_databases
from passmuster.collect.connectors.power_platform.live.map_links import link_tables
from passmuster.collect.connectors.power_platform.live.map_log import audit_events
from passmuster.collect.connectors.power_platform.live.map_people import people_of, people_tables
from passmuster.collect.connectors.power_platform.live.map_tenant import tenant_tables
from passmuster.collect.unlocks import by_declaring
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gathered
from passmuster.snapshot.tables import TABLES

_UNTOLD = {
    "credentials": (
        "no interface of Power Platform lists secrets; app registrations lie in Microsoft Entra",
        by_declaring("credentials", "credential_id", "kind", "owner_principal_id", "expires_at", "has_expiry"),
    ),
    "data_stores": (
        "table definitions of databases are not read",
        by_declaring("data_stores", "data_store_id", "name", "classification", "default_access"),
    ),
    "backups": (
        "Microsoft keeps backups and does not tell of single ones",
        by_declaring("backups", "backup_id", "kind", "taken_at", "retention_days"),
    ),
}


def tables_of(estate: Estate) -> dict[str, Gathered]:
    """The tables; all of them errors where the answers are of another tenant or nothing at all was answered."""
    refusal = _total_refusal(estate)
    if refusal is not None:
        return dict.fromkeys(TABLES, refusal)
    people = people_of(estate)
    databases = read_databases(estate, people)
    settings_states = [databases.organization] if estate.databases else []
    made = built(estate)
    tables = {
        "platforms": _platform(estate),
        **tenant_tables(estate, databases.settings, settings_states),
        **people_tables(estate, people, (databases.people,)),
        **app_tables(estate, made),
        **link_tables(estate, made),
        **database_tables(databases),
        "verdicts": Gathered(CollectionStatus.EMPTY, (), "no verdicts of other tools are read here"),
    }
    tables |= {name: Gathered(CollectionStatus.UNSUPPORTED, (), *why) for name, why in _UNTOLD.items()}
    tables["audit_events"] = audit_events(estate, tables)
    return {name: tables[name] for name in TABLES}


def name_of(estate: Estate) -> str:
    """What the tenant is called; its id where nothing tells a name."""
    names = (text(item, "displayName") for item in estate.read("graph_organization").items)
    return next((name for name in names if name), estate.tenant or "Power Platform tenant")


def _platform(estate: Estate) -> Gathered:
    row = {
        "vendor": "Microsoft",
        "product": "power_platform",
        "name": name_of(estate),
        "external_id": estate.tenant or None,
        "hosting": "vendor",
    }
    return Gathered.of([row], source="environments")


def _total_refusal(estate: Estate) -> Gathered | None:
    if estate.foreign:
        unlock = "hand over tokens and a tenant id that belong together"
        return Gathered(CollectionStatus.ERROR, (), estate.foreign, unlock)
    verdicts = [estate.read(name).verdict for name in ("environments", "tenant_settings", "policies")]
    if any(verdict.is_ok or verdict.status is CollectionStatus.PARTIAL for verdict in verdicts):
        return None
    blamed = max(verdicts, key=lambda verdict: verdict.status.rank)
    return Gathered(blamed.status, (), f"nothing was answered; {blamed.reason}", blamed.unlock)
