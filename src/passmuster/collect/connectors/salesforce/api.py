"""All tables of a snapshot from the answers of one organisation, live or recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from passmuster.collect.answers import Answers
from passmuster.collect.base_url import BaseUrl
from passmuster.collect.connectors.salesforce.access import ENVIRONMENT_ID
from passmuster.collect.connectors.salesforce.api_asking import (
    Organization,
    ask_organization,
    flag_at,
    text_at,
    time_at,
)
from passmuster.collect.connectors.salesforce.api_audit import audit_events
from passmuster.collect.connectors.salesforce.api_built import built_tables
from passmuster.collect.connectors.salesforce.api_people import people_tables
from passmuster.collect.connectors.salesforce.api_questions import ORGANIZATION
from passmuster.collect.connectors.salesforce.api_settings import settings_rows, settings_table
from passmuster.collect.http import Clock, LiveAnswers, Patience
from passmuster.collect.interface import Secret, Target
from passmuster.errors import UsageError
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gathered
from passmuster.snapshot.tables import TABLES

TOKEN = Secret(
    "PASSMUSTER_SALESFORCE_ACCESS_TOKEN", "access token (a session) of a user who may read; see the permissions below"
)
_REFUSED = frozenset({CollectionStatus.DENIED, CollectionStatus.ERROR, CollectionStatus.UNSUPPORTED})


@dataclass(frozen=True)
class Asked:
    """What an organisation gave: the tables, who it is, and what to tell the user."""

    tables: Mapping[str, Gathered]
    platform_id: str
    name: str
    warnings: tuple[str, ...]


def is_recorded(folder: Path) -> bool:
    """Whether a folder holds recorded answers of an organisation and not its metadata."""
    return (folder / f"{ORGANIZATION.name}.json").is_file() or (folder / f"{ORGANIZATION.name}_page1.json").is_file()


def read_organization(answers: Answers, *, platform_id: str | None, base: BaseUrl | None, since: datetime) -> Asked:
    """Everything one organisation answers, its audit trail from `since` on."""
    organization = ask_organization(answers, since=since)
    own_id = platform_id or f"salesforce:{organization.org_id or (base.authority if base else 'recorded')}"
    tables = _tables(organization, own_id, base, since if base else None)
    name = text_at(organization.own, "Name") or (base.authority if base else own_id.removeprefix("salesforce:"))
    return Asked({table: tables[table] for table in TABLES}, own_id, name, organization.warnings)


@contextmanager
def live_answers(base: BaseUrl, target: Target, *, patience: Patience, clock: Clock) -> Iterator[LiveAnswers]:
    """Answers of a live organisation; raises UsageError without a token, or where it would be sent in clear."""
    token = target.secrets.get(TOKEN.variable, "").strip()
    if not token:
        raise UsageError(
            f"set {TOKEN.variable} (an access token, as `sf org display --verbose` shows) and try again; or read a "
            "folder of metadata with --from"
        )
    headers = {"Authorization": f"Bearer {token}"}
    progress: Callable[[str], None] = target.progress
    answers = LiveAnswers(base, headers=headers, patience=patience, clock=clock, progress=progress)
    try:
        yield answers
    finally:
        with suppress(OSError):
            answers.close()


def _tables(
    organization: Organization, platform_id: str, base: BaseUrl | None, since: datetime | None
) -> dict[str, Gathered]:
    refusal = organization.verdict(ORGANIZATION.name)
    if refusal.status in _REFUSED and all(read.verdict.status in _REFUSED for read in organization.reads.values()):
        why = f"nothing was answered; {refusal.reason}"
        unlock = refusal.unlock or f"set {TOKEN.variable} to a valid access token of this organisation"
        return {table: Gathered(refusal.status, (), why, unlock) for table in TABLES}
    rows = settings_rows(organization, platform_id)
    return {
        "platforms": _platform(organization, base),
        "environments": _environment(organization),
        **people_tables(organization),
        **built_tables(organization),
        "audit_events": audit_events(organization, since),
        "settings": settings_table(organization, rows),
    }


def _platform(organization: Organization, base: BaseUrl | None) -> Gathered:
    """One row in any case: that it is Salesforce, and where, was said by the user."""
    own = organization.own
    row = {
        "vendor": "Salesforce",
        "product": "salesforce",
        "name": text_at(own, "Name"),
        "external_id": text_at(own, "Id"),
        "base_url": base.text if base else None,
        "hosting": "vendor",
        "region": text_at(own, "InstanceName"),
        "edition": text_at(own, "OrganizationType"),
    }
    verdict = organization.verdict(ORGANIZATION.name)
    if verdict.is_ok and own:
        return Gathered.of([row], source="Organization")
    why = verdict.reason or "the organisation did not tell about itself"
    return Gathered(CollectionStatus.PARTIAL, [row], why, verdict.unlock, "Organization")


def _environment(organization: Organization) -> Gathered:
    own = organization.own
    verdict = organization.verdict(ORGANIZATION.name)
    if not verdict.is_ok or not own:
        status = verdict.status if not verdict.is_ok else CollectionStatus.ERROR
        return Gathered(status, (), verdict.reason or "the organisation did not tell about itself", verdict.unlock)
    is_sandbox, expires = flag_at(own, "IsSandbox"), time_at(own, "TrialExpirationDate")
    edition = (text_at(own, "OrganizationType") or "").lower()
    kind = "sandbox" if is_sandbox else "developer" if "developer" in edition else "trial" if expires else None
    row = {
        "environment_id": ENVIRONMENT_ID,
        "name": text_at(own, "Name"),
        "kind": kind or ("production" if is_sandbox is False else None),
        "region": text_at(own, "InstanceName"),
        "created_at": time_at(own, "CreatedDate"),
        "expires_at": expires,
    }
    return Gathered.of([row], source="Organization")
