"""All tables of a snapshot from a folder of metadata."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from passmuster.collect.connectors.salesforce.access import ENVIRONMENT_ID, Row
from passmuster.collect.connectors.salesforce.permissions import OBJECT_WRITES
from passmuster.collect.connectors.salesforce.reading import Reader, kinds_asked_for
from passmuster.collect.connectors.salesforce.setting_values import count_row
from passmuster.collect.connectors.salesforce.source_apps import app_tables, requires_mfa, with_packages
from passmuster.collect.connectors.salesforce.source_data import data_store_tables
from passmuster.collect.connectors.salesforce.source_files import Found, digest_of, find_components
from passmuster.collect.connectors.salesforce.source_links import read_links
from passmuster.collect.connectors.salesforce.source_logs import log_sources_table
from passmuster.collect.connectors.salesforce.source_people import add_ons_table, group_tables
from passmuster.collect.connectors.salesforce.source_roles import Roles, missing_sets, read_roles, role_tables
from passmuster.collect.connectors.salesforce.source_secrets import credentials_table, keys_table, read_clients
from passmuster.collect.connectors.salesforce.source_settings import read_settings, settings_table
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gap, Gathered
from passmuster.snapshot.tables import TABLES

Progress = Callable[[str], None]
_NAMED = 10
_BY_API = "read the organisation itself with --url"
_NOT_IN_A_FOLDER = {
    "principals": "users are data, and no folder of metadata holds them",
    "grants": "which user holds which profile or permission set is data, and no folder of metadata holds it",
    "audit_events": "who changed what is in no folder of metadata, but in the Setup Audit Trail",
    "backups": "Salesforce tells of no backup in its metadata",
    "data_flows": "flows of data are not derived from metadata",
    "verdicts": "Health Check's own verdicts are in no folder of metadata",
}


@dataclass(frozen=True)
class Source:
    """What a folder gave: the tables, who it is about, and what to tell the user."""

    tables: Mapping[str, Gathered]
    platform_id: str
    name: str
    sha256: str
    warnings: tuple[str, ...]


def read_source(folder: Path, platform_id: str | None, progress: Progress) -> Source:
    """Everything a folder of metadata tells; raises UnreadableInput where it is no folder."""
    found = find_components(folder)
    reader = Reader(found, progress, kinds_asked_for(found))
    name = found.project_name or "Salesforce"
    if not found.count:
        return Source(_foreign(), platform_id or "salesforce:source", name, "", found.warnings)
    settings = read_settings(reader, platform_id or "salesforce")
    name = _my_domain(settings) or name
    own_id = platform_id or f"salesforce:{_my_domain(settings) or found.project_name or 'source'}"
    settings = [{**row, "scope_id": own_id} for row in settings]
    tables = _tables(reader, settings, own_id, name)
    return Source(tables, own_id, name, digest_of(found), _warnings(reader, found))


def _tables(reader: Reader, settings: list[Row], platform_id: str, name: str) -> dict[str, Gathered]:
    roles = read_roles(reader)
    by_key = {str(row["key"]): row for row in settings}
    scope = ("platform", platform_id)
    apps, site_settings = app_tables(reader)
    stores, counts = data_store_tables(reader, roles)
    clients, client_settings = read_clients(reader)
    links = read_links(reader)
    apps["apps"] = with_packages(apps["apps"], links.tables["connections"])
    counted = {**counts, **links.counts, **_guest_counts(roles), **_saml_count(reader)}
    counted_rows = [count_row(scope, key, count, native_path="counted") for key, count in counted.items()]
    own = [*settings, *counted_rows, *site_settings, *client_settings]
    tables = {
        "platforms": _platform(name),
        "environments": _environment(name),
        **role_tables(reader, roles, org_requires_mfa=requires_mfa(by_key)),
        **apps,
        **links.tables,
        **group_tables(reader),
        "data_stores": stores,
        "credentials": credentials_table(reader, clients, links),
        "keys": keys_table(reader),
        "add_ons": add_ons_table(reader),
        "log_sources": log_sources_table(reader, by_key),
        "settings": settings_table(reader, own, roles),
    }
    absent = {
        table: Gathered(CollectionStatus.UNSUPPORTED, (), reason, _BY_API) for table, reason in _NOT_IN_A_FOLDER.items()
    }
    tables["roles"] = _with_missing(tables["roles"], missing_sets(roles))
    return {table: (tables | absent)[table] for table in TABLES}


def _platform(name: str) -> Gathered:
    row = {"vendor": "Salesforce", "product": "salesforce", "name": name, "hosting": "vendor"}
    return Gathered.of([row], source="the folder")


def _environment(name: str) -> Gathered:
    gap = Gap("kind", "metadata does not tell a production organisation from a sandbox", _BY_API)
    return Gathered.of([{"environment_id": ENVIRONMENT_ID, "name": name}], source="the folder", gaps=(gap,))


def _my_domain(settings: list[Row]) -> str:
    return next((str(row["value_text"]) for row in settings if row["key"] == "my_domain.myDomainName"), "")


def _saml_count(reader: Reader) -> dict[str, int]:
    """Identity providers that people may sign in through."""
    found = reader.read("samlssoconfig", lambda name, root: name if root.tag == "SamlSsoConfig" else None)
    return {"single_sign_on.samlConfigurations": len(found)} if found else {}


def _guest_counts(roles: Roles) -> dict[str, int]:
    """How many objects the guest profiles of the folder let visitors read and edit."""
    guests = roles.guests().values()
    rights: dict[str, frozenset[str]] = {}
    for access in guests:
        for name, found in access.objects.items():
            rights[name] = rights.get(name, frozenset()) | found
    if not guests:
        return {}
    return {
        "guest_access.readableObjects": sum(1 for found in rights.values() if "allowRead" in found),
        "guest_access.editableObjects": sum(1 for found in rights.values() if not OBJECT_WRITES.isdisjoint(found)),
    }


def _with_missing(roles: Gathered, missing: list[str]) -> Gathered:
    if not missing:
        return roles
    more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
    why = f"groups hold permission sets that are not in the folder: {', '.join(missing[:_NAMED])}{more}"
    gap = Gap("is_privileged", why, "retrieve these permission sets too")
    return Gathered(
        roles.status, roles.rows, roles.reason, roles.unlock, roles.source, (*roles.gaps, gap), roles.sources
    )


def _foreign() -> dict[str, Gathered]:
    why = "the folder holds no Salesforce metadata (no file such as profiles/NAME.profile-meta.xml)"
    mend = "name the folder of a project (where sfdx-project.json lies) or of a retrieved package (package.xml)"
    return {name: Gathered(CollectionStatus.ERROR, (), why, mend) for name in TABLES}


def _warnings(reader: Reader, found: Found) -> tuple[str, ...]:
    parts = reader.parts.values()
    files, bad = sum(part.files for part in parts), [problem for part in parts for problem in part.problems]
    told = list(found.warnings)
    if bad:
        more = f"; and {len(bad) - _NAMED} more" if len(bad) > _NAMED else ""
        told.append(f"{len(bad)} of {files} files could not be read: {'; '.join(bad[:_NAMED])}{more}")
    reader.progress(f"read {files - len(bad)} of {files} files")
    if found.superseded:
        told.append(
            f"{found.superseded} files outside the package directories of sfdx-project.json were passed over: "
            "the packages hold the same components"
        )
    if found.outside:
        told.append(f"{found.outside} files lie outside the package directories of sfdx-project.json and were read")
    return tuple(told)
