from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from passmuster.application.acting import keeper
from passmuster.application.findings.deviations import Wanted, decide_deviation, request_deviation
from passmuster.application.findings.reach import scope_in_words
from passmuster.records.models import Deviation, Environment, Finding, Person, Platform
from tests.application.following import follow, result
from tests.keeping import actor, make_person, make_platform
from tests.web.api.house import caller

pytestmark = pytest.mark.usefixtures("db")
NOW = timezone.now()


@pytest.fixture
def people() -> tuple[Person, Person]:
    return make_person("otto", "reviewer"), make_person("bea", "approver")


def _seen(platform: Platform, *resources: str, severity: str = "high") -> None:
    results = [result("A", "fail", dict.fromkeys(resources, ""), severity=severity), result("B", "fail", {"z": ""})]
    follow(keeper(NOW), platform, results)


def _ask(otto: Person, platform: Platform | None, **more: object) -> Deviation:
    given = {"control": "A", "reason": "in autumn", "owner": otto, "ends_on": NOW.date() + timedelta(days=30)} | more
    return request_deviation(actor(otto, now=NOW), Wanted(platform=platform, **given))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "covered", "scope"),
    [
        ({"resource_id": "x"}, ["x"], "what A finds of x on Acme"),
        ({}, ["x", "y"], "everything of A on Acme, also what comes later"),
        ({"rule": {"tiers": ["low"]}}, [], "everything of A on Acme (tiers: low), also what comes later"),
    ],
)
def test_a_request_tells_what_it_would_cover_and_covers_just_that_once_granted(
    people: tuple[Person, Person], asked: dict[str, object], covered: list[str], scope: str
) -> None:
    otto, bea = people
    platform, other = make_platform(), make_platform("other")
    _seen(platform, "x", "y", severity="critical")
    _seen(other, "x")
    deviation = _ask(otto, platform, **asked)
    told = caller(bea).get(f"/api/v1/deviations/{deviation.pk}").json()
    assert told["would_cover"]["count"] == len(covered)
    assert told["would_cover"]["worst"] == ("critical" if covered else None)
    assert told["scope"] == scope_in_words(deviation) == scope.replace("Acme", platform.name)
    listed = caller(bea).get(f"/api/v1/deviations/{deviation.pk}/would-cover").json()["items"]
    assert sorted(each["resource_id"] for each in listed) == covered
    client = Client()
    client.force_login(bea)
    page = client.get(f"/deviations/{deviation.pk}/").content.decode()
    assert scope.replace("Acme", platform.name) in page
    assert page.count("/findings/") - page.count('href="/findings/"') >= len(covered)
    assert ("the worst" in page) == bool(covered)
    assert not Finding.objects.filter(status="accepted").exists(), "telling it grants nothing"
    decide_deviation(actor(bea, now=NOW), deviation, is_approved=True, reason="fine")
    held = Finding.objects.filter(status="accepted")
    assert sorted(held.values_list("resource_id", flat=True)) == covered
    assert {each.platform_id for each in held} <= {platform.pk}
    after = caller(bea).get(f"/api/v1/deviations/{deviation.pk}").json()
    assert after["would_cover"] is None


def test_a_rule_for_all_platforms_tells_of_each_by_its_own_tier_and_stage(people: tuple[Person, Person]) -> None:
    otto, bea = people
    low, high = make_platform("low"), make_platform("high")
    Platform.objects.filter(pk=low.pk).update(tier="low")
    Platform.objects.filter(pk=high.pk).update(tier="high")
    for platform in (low, high):
        Environment.objects.create(platform=platform, name="test", stage="test")
        _seen(platform, "x", "y")
    Finding.objects.filter(resource_id="y").update(environment="test")
    by_tier = _ask(otto, None, rule={"tiers": ["low"]})
    by_stage = _ask(otto, None, rule={"stages": ["test"]})
    asks = caller(bea)
    told = [
        sorted(
            (each["platform"], each["resource_id"])
            for each in asks.get(f"/api/v1/deviations/{each.pk}/would-cover").json()["items"]
        )
        for each in (by_tier, by_stage)
    ]
    assert told == [[("low", "x"), ("low", "y")], [("high", "y"), ("low", "y")]]


def test_whoever_sees_one_platform_is_told_of_that_one_alone(people: tuple[Person, Person]) -> None:
    otto, _ = people
    mine, other = make_platform("mine"), make_platform("other")
    _seen(mine, "x")
    _seen(other, "x", "y")
    deviation = _ask(otto, None, rule={"tiers": ["high", "middle", "low"]})
    pat = make_person("pat", "reviewer", platform=mine)
    assert caller(pat).get(f"/api/v1/deviations/{deviation.pk}").json()["would_cover"]["count"] == 1
