"""A platform with environments, people, advisories and real looks at two versions of it, for tests of changes."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from passmuster.application.access import Actor
from passmuster.application.acting import keeper
from passmuster.application.changes.adopting import adopt_plan
from passmuster.application.changes.planning import propose_plan
from passmuster.controls.catalogue import shipped_folder
from passmuster.pipeline.collecting import Collecting, collect
from passmuster.pipeline.intelligence import import_paths
from passmuster.records.models import Change, Collection, Environment, Person, Plan, Platform
from tests.keeping import actor, make_person, make_platform

# bod-26-04 applies from 2026-06-10.
BEGIN = datetime.fromisoformat("2026-06-15T08:00:00+00:00")
OLD, NEW = "2.40.7", "2.41.0"
# A look in which the platform does not say which version it is.
HIDDEN = "hidden"
ADVISORIES = """
schema: passmuster/advisories@1
feed: test house
advisories:
  - id: CVE-2026-90001
    title: "Code runs without sign-in"
    published: 2026-06-12
    vendor: n8n
    product: n8n
    purl: pkg:npm/n8n
    affected: ["< 2.41.0"]
    fixed: ["2.41.0"]
    cvss: CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H
    ssvc: {exploitation: active, automatable: "yes", technical_impact: total, judged_on: 2026-06-13}
    kev: {added: 2026-06-13, due: 2026-06-16}
    source: https://example.org/CVE-2026-90001
"""
# What every test of a process finds the same is made once and copied: the looks, and the store of advisories.
_MADE = Path(tempfile.mkdtemp(prefix="house-"))
atexit.register(shutil.rmtree, _MADE, ignore_errors=True)


@cache
def _looked(version: str) -> Path:
    """A real look at the example, with that version of it."""
    export = _MADE / f"export-{version}"
    shutil.copytree(shipped_folder("examples") / "n8n", export)
    settings = export / "rest_settings.json"
    text = settings.read_text()
    settings.write_text(text.replace(f'"{OLD}"', "null") if version == HIDDEN else text.replace(OLD, version))
    if version == HIDDEN:
        (export / "metrics_version.json").unlink()
    snapshot = _MADE / f"look-{version}"
    collect(Collecting("n8n", path=export, declared=export / "declared.yaml", platform_id="n8n:demo"), snapshot)
    return snapshot


@cache
def _learned() -> Path:
    """A store of advisories that knows of the one."""
    told, store = _MADE / "advisories.yaml", _MADE / "intel"
    told.write_text(ADVISORIES)
    import_paths([told], store, as_of=BEGIN - timedelta(hours=1))
    return store


@dataclass
class House:
    """The platform with people who may act on it; `at` makes them act at another time."""

    platform: Platform
    staging: Environment
    production: Environment
    people: dict[str, Person]
    home: Path
    name: str

    def at(self, who: str, hours: float = 0.0) -> Actor:
        return actor(self.people[who], now=BEGIN + timedelta(hours=hours))

    def keeper(self, hours: float = 0.0) -> Actor:
        return keeper(BEGIN + timedelta(hours=hours))

    def look(self, version: str, hours: float = 0.0) -> Collection:
        """A real look at the example, with that version of it."""
        number = Collection.objects.count() + 1
        key = f"snapshots/{self.platform.slug}/{number}-{self.name}"
        shutil.copytree(_looked(version), self.home / key)
        when = BEGIN + timedelta(hours=hours)
        return Collection.objects.create(
            platform=self.platform, state="done", started_at=when, ended_at=when, store_key=key
        )

    def adopted(self, hours: float = 0.0) -> Plan:
        """A plan, proposed by the remediation owner and adopted by the platform's."""
        return adopt_plan(self.at("olga", hours), propose_plan(self.at("remi", hours), [self.platform]))

    def vendors_change(self) -> Change:
        """What the vendor will change in production on the 20th, from an adopted plan."""
        plan = propose_plan(self.at("remi"), [self.platform])
        place = f"{self.platform.slug}/production"
        plan.problem["jobs"] = [
            {
                **plan.problem["jobs"][0],
                "id": f"n8n:vendor:CVE-2026-90001/{place}",
                "patch": "n8n:vendor:CVE-2026-90001",
                "environment": place,
                "minutes": 0,
                "after": [],
                "owner": None,
                "mode": "vendor_fixed",
                "vendor": {"earliest": "2026-06-20T00:00:00Z", "latest": "2026-06-20T00:00:00Z"},
            }
        ]
        plan.problem["patches"] = [
            {
                "id": "n8n:vendor:CVE-2026-90001",
                "environment": place,
                "action": "vendor",
                "advisories": ["CVE-2026-90001"],
            }
        ]
        plan.plan = {**plan.plan, "placements": [], "unplaced": [], "late": [], "conflicts": []}
        plan.save()
        adopt_plan(self.at("olga"), plan)
        return self.change(self.production)

    def change(self, environment: Environment) -> Change:
        return Change.objects.get(environment=environment)


@pytest.fixture
def house(db: Path, tmp_path: Path) -> Iterator[House]:
    """The house before anything was planned, looked at once in the old version."""
    platform = make_platform("Automations", tier="high", platform_id="n8n:demo")
    nightly = {"id": "night", "rrule": "FREQ=DAILY", "starts": "2026-06-15T22:00:00", "minutes": 120}
    production, staging = (
        Environment.objects.create(
            platform=platform, name=name, external_id=external, stage=name, time_zone="Europe/Berlin", windows=[nightly]
        )
        for name, external in (("production", "instance"), ("staging", ""))
    )
    people = {
        "olga": make_person("olga", "platform_owner", platform=platform),
        "remi": make_person("remi", "remediation_owner", platform=platform),
        "anna": make_person("anna", "approver", platform=platform),
        "vera": make_person("vera", "approver"),
        "rita": make_person("rita", "remediation_owner"),
        "audi": make_person("audi", "auditor"),
    }
    shutil.copytree(_learned(), db / "intel")
    found = House(platform, staging, production, people, db, tmp_path.name)
    found.look(OLD, hours=-1)
    yield found
    shutil.rmtree(db / "intel", ignore_errors=True)
    shutil.rmtree(db / "snapshots", ignore_errors=True)
