"""Where a decision counts among the environments of a platform."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from passmuster.application.changes.gate_policy import read_gate_policy
from passmuster.application.changes.places import planned_of
from passmuster.application.changes.plan_inputs import Place, Planned, calendar_document, placed_decisions, takers
from passmuster.application.changes.planning import propose_plan
from passmuster.model.keeping import Stage, Tier
from passmuster.pipeline.intelligence import import_paths
from passmuster.pipeline.triage_documents import triage_documents
from passmuster.pipeline.triaging import prepare_triaging
from passmuster.records.models import Environment
from tests.application.house import House, house
from tests.keeping import make_platform
from tests.making import make_snapshot

__all__ = ["house"]

PLACES = tuple(
    Place(number, f"flows/{name}", (name,), stage, "UTC")
    for number, (name, stage) in enumerate([("eu", Stage.PRODUCTION), ("us", Stage.PRODUCTION), ("trial", Stage.TEST)])
)
PLANNED = Planned(1, "flows", Tier.MIDDLE, "tenant", PLACES)


@pytest.mark.parametrize(
    ("environment", "component_id", "is_called_alike", "counts_in"),
    [
        ("tenant", "tenant", True, ["eu", "us"]),
        ("", "tenant", True, ["eu", "us"]),
        ("eu", "tenant", True, ["eu"]),
        ("trial", "tenant", True, ["trial"]),
        ("0c8f", "tenant", True, []),
        ("0c8f", "tenant", False, ["eu", "us"]),
        ("0c8f", "an add-on", False, []),
    ],
)
def test_a_decision_counts_where_it_is_named_or_else_in_production(
    environment: str, component_id: str, is_called_alike: bool, counts_in: list[str]
) -> None:
    decision = {"environment": environment, "component_id": component_id}
    found = takers(decision, replace(PLANNED, is_called_alike=is_called_alike))
    assert [place.names[0] for place in found] == counts_in


NOTICE = """
schema: passmuster/notice@1
id: fix
kind: security_fix
vendor: Microsoft
platforms: [Power Platform]
severity: high
text: A fix.
waves:
  - {regions: [US], enforced_at: 2026-12-03}
  - {regions: [EU], enforced_at: 2026-12-10}
"""
NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ids", "days"),
    [
        (("eu-1", "us-1"), {("berlin", "2026-12-10"), ("boston", "2026-12-03")}),
        (("eu-1", ""), {("berlin", "2026-12-10")}),
        (("", ""), {(name, day) for name in ("berlin", "boston") for day in ("2026-12-03", "2026-12-10")}),
    ],
)
@pytest.mark.usefixtures("db")
def test_an_environment_of_the_keeper_has_its_own_wave_once_it_is_told_which_it_is(
    tmp_path: Path, ids: tuple[str, str], days: set[tuple[str, str]]
) -> None:
    platform = make_platform("Apps", platform_id="test:1")
    for name, external in zip(("berlin", "boston"), ids, strict=True):
        Environment.objects.create(platform=platform, name=name, external_id=external, stage="production")
    rows = {
        "platforms": [{"product": "power_platform", "vendor": "Microsoft", "hosting": "vendor", "name": "Tenant"}],
        "environments": [
            {"environment_id": "eu-1", "region": "westeurope"},
            {"environment_id": "us-1", "region": "unitedstates"},
        ],
    }
    make_snapshot(tmp_path / "snapshot", rows)
    (tmp_path / "notice.yaml").write_text(NOTICE, encoding="utf-8")
    import_paths([tmp_path / "notice.yaml"], tmp_path / "store", as_of=NOW)
    look = triage_documents(tmp_path / "store", prepare_triaging("severity", as_of=NOW), tmp_path / "snapshot")
    placed = list(placed_decisions(look.documents, planned_of(platform, look)))
    told = {(each["environment"].partition("/")[2], each["times"]["enforced_at"][:10]) for each in placed}
    assert {each for each in told if each[0]} == days


def test_a_day_of_waiting_is_dearer_where_the_business_says_so() -> None:
    policy = read_gate_policy(Path("/nowhere"))
    first = replace(PLANNED, slug="first", business_priority=1, places=(replace(PLACES[0], id="first/eu"),))
    document = calendar_document([PLANNED, first], [], policy, start=NOW, weeks=4)
    weights = {name: each["weight"] for name, each in document["tiers"].items()}
    tiers = {each["id"]: each["tier"] for each in document["environments"]}
    usual = policy.tiers[Tier.MIDDLE].weight
    assert (weights[tiers["flows/eu"]], weights[tiers["first/eu"]]) == (usual, 2 * usual)
    assert set(weights) == {"high", "middle", "low", tiers["first/eu"]}


def test_what_the_business_says_of_a_platform_weighs_in_the_plan_that_is_made(house: House) -> None:
    weights = []
    for business_priority in (3, 1):
        house.platform.business_priority = business_priority
        house.platform.save()
        plan = propose_plan(house.at("remi"), [house.platform])
        weights.append({job["id"]: job["weight"] for job in plan.problem["jobs"]})
    usual, raised = weights
    assert usual
    assert raised == {name: pytest.approx(2 * weight, rel=0.001) for name, weight in usual.items()}
