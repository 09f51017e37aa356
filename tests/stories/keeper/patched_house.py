"""The house of stories about patches: an n8n with a staging, nightly windows, and the feeds it hears of."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from passmuster.application.programme.environments import EnvironmentFacts, put_environment
from passmuster.model.keeping import Stage, Tier
from tests.stories.keeper.clock import Clock
from tests.stories.keeper.conftest import BOTH
from tests.stories.keeper.exploited_n8n import VULNERABLE, publish, record_n8n, write_feeds
from tests.stories.keeper.house import House
from tests.stories.keeper.patching import PatchingCalls, PatchingFace, PatchingPages
from tests.stories.keeper.patching_seen import FORENSICS, Statement

PLATFORM = "Automations"
CLEAN = Statement("logs and workflows of three months were read", result="clean")
# Ten at night in Berlin.
_NIGHT = {"id": "night", "rrule": "FREQ=DAILY", "starts": "2026-03-01T22:00:00", "minutes": 120}


def on(day: int, hour: int, minute: int = 0) -> datetime:
    """That day of March 2026, UTC; on the 11th the vulnerability is listed."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[Clock]:
    with Clock(on(10, 6)).running() as clock:
        yield clock


@pytest.fixture
def patched(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Olga owns the platform and is an approver too, Remi patches, Anna approves, Audi reads."""
    intel = house.home / "intel"
    shutil.rmtree(intel, ignore_errors=True)
    monkeypatch.setenv("PASSMUSTER_FEEDS", str(write_feeds(house.outside / "feeds")))
    platform = house.platform(PLATFORM, tier=Tier.HIGH)
    run_version(house, VULNERABLE)
    for stage in (Stage.STAGING, Stage.PRODUCTION):
        facts = EnvironmentFacts(stage.value, stage, "Europe/Berlin", windows=[_NIGHT])
        put_environment(house.administrator(), platform, facts)
    house.person("olga", "platform_owner", "approver", platform=platform)
    house.person("remi", "remediation_owner", platform=platform)
    house.person("anna", "approver", platform=platform)
    house.person("audi", "auditor")
    yield house
    shutil.rmtree(intel, ignore_errors=True)


@pytest.fixture(params=BOTH)
def face(request: pytest.FixtureRequest, patched: House) -> PatchingFace:
    if request.param == "pages":
        return PatchingPages(request.getfixturevalue("browser"))
    return PatchingCalls(request.getfixturevalue("program"))


def run_version(house: House, version: str) -> None:
    """From now on the platform is of that version."""
    record_n8n(house.outside / PLATFORM.lower(), version)


def the_feed_brings_it(house: House) -> None:
    """The mirror is filled, and a worker comes by."""
    publish(house.outside / "feeds")
    house.work()


def adopt_what_is_proposed(face: PatchingFace, house: House) -> None:
    """As Olga; Remi acts afterwards."""
    face.sign_in(house["olga"])
    plan = face.proposed_plan()
    assert plan is not None
    face.adopt_plan(plan)
    face.sign_in(house["remi"])


def deploy_in_staging(face: PatchingFace, note: str) -> None:
    """Traces were looked for, and it is in place."""
    face.state_gate("staging", FORENSICS, CLEAN)
    face.take_step("staging", "Deployed", note)
