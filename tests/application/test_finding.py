from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from passmuster.application.access import Actor, NotAllowed
from passmuster.application.acting import keeper
from passmuster.application.findings import finding_policy
from passmuster.application.findings.finding_policy import Standing, read_finding_policy, urgencies
from passmuster.application.findings.finding_work import assign_findings, put_back_findings, start_findings
from passmuster.application.findings.last_seen import with_last_seen
from passmuster.application.programme.platforms import Running, change_running
from passmuster.application.storage.verdicts import last_verdicts
from passmuster.errors import UnreadableInput, UsageError
from passmuster.model.keeping import DataClass, Tier
from passmuster.model.words import Severity
from passmuster.records.models import AuditEvent, Collection, Evaluation, Finding, Ownership, Platform
from tests.application.following import PACK, follow, places, result
from tests.keeping import NOW, actor, make_person, make_platform


def _day(number: int) -> Actor:
    return keeper(NOW + timedelta(days=number))


def _states(platform: Platform) -> dict[str, tuple[str, int]]:
    return {
        f"{f.control}/{f.resource_id}": (f.status, f.reopened_count) for f in Finding.objects.filter(platform=platform)
    }


@pytest.mark.usefixtures("db")
def test_found_again_is_the_same_gone_is_closed_and_back_is_reopened_with_its_history() -> None:
    platform = make_platform()
    follow(_day(0), platform, [result("A", "fail", {"x": "one"})])
    (first,) = Finding.objects.all()
    follow(_day(1), platform, [result("A", "fail", {"x": "two"})])
    (again,) = with_last_seen(Finding.objects.all())
    assert (again.pk, again.detail, again.first_seen_at) == (first.pk, "two", NOW)
    assert again.seen_at == NOW + timedelta(days=1)
    follow(_day(2), platform, [result("A", "pass")])
    (closed,) = Finding.objects.all()
    assert (closed.status, closed.closed_reason, closed.closed_at) == ("closed", "pass said the look", _day(2).now)
    follow(_day(3), platform, [result("A", "fail", {"x": "two"})])
    (back,) = Finding.objects.all()
    assert (back.pk, back.status, back.reopened_count, back.closed_at) == (first.pk, "open", 1, None)
    assert (back.age_from, back.due_on) == (_day(0).now, date(2026, 6, 1) + timedelta(days=45))
    assert back.priority == first.priority + 5
    assert [step.what for step in back.steps.order_by("pk")] == ["closed", "reopened"]


@pytest.mark.parametrize(("back_on", "counts_from"), [(4, 0), (32, 0), (33, 33)])
@pytest.mark.usefixtures("db")
def test_what_is_back_within_the_policys_days_keeps_its_age_and_date_and_later_begins_anew(
    back_on: int, counts_from: int
) -> None:
    platform = make_platform()
    for day, outcome in ((0, "fail"), (2, "pass"), (back_on, "fail")):
        follow(_day(day), platform, [result("A", outcome, {"x": ""} if outcome == "fail" else None)])
    back = Finding.objects.get()
    assert (back.status, back.age_from) == ("open", _day(counts_from).now)
    assert back.due_on == _day(counts_from).now.date() + timedelta(days=45)


@pytest.mark.parametrize(
    ("later", "status"),
    [
        (result("A", "pass"), "closed"),
        (result("A", "not_applicable"), "closed"),
        (result("A", "fail", {"other": ""}), "closed"),
        (result("A", "fail", {"other": ""}, unknown=1), "open"),
        (result("A", "unknown"), "open"),
        (result("A", "error"), "open"),
        (result("A", "manual"), "open"),
        (result("B", "pass"), "open"),
    ],
)
@pytest.mark.usefixtures("db")
def test_only_a_conclusive_look_closes(later: object, status: str) -> None:
    platform = make_platform()
    follow(_day(0), platform, [result("A", "fail", {"x": ""})])
    follow(_day(1), platform, [later])  # type: ignore[list-item]
    assert Finding.objects.get(resource_id="x").status == status


@pytest.mark.usefixtures("db")
def test_a_resource_named_twice_is_one_finding_with_the_worse_severity() -> None:
    platform = make_platform()
    once = result("A", "fail", {"x": "mild"}, severity="low")
    worse = replace(once.violations[0], detail="bad", severity=Severity.CRITICAL)
    follow(_day(0), platform, [replace(once, violations=(*once.violations, worse), violation_count=2)])
    (finding,) = Finding.objects.all()
    assert (finding.severity, finding.severity_rank, finding.detail) == ("critical", 0, "bad")


@pytest.mark.usefixtures("db")
def test_a_renamed_control_keeps_its_findings_and_can_close_them() -> None:
    platform = make_platform()
    follow(_day(0), platform, [result("OLD", "fail", {"x": "", "y": ""})])
    renamed = replace(PACK, renamed={"OLD": "NEW"})
    follow(_day(1), platform, [result("NEW", "fail", {"x": ""})], packs=(renamed,))
    assert _states(platform) == {"NEW/x": ("open", 0), "OLD/y": ("closed", 0)}


@pytest.mark.usefixtures("db")
def test_following_twice_or_an_older_look_late_changes_nothing() -> None:
    platform = make_platform()
    older = Collection.objects.create(platform=platform, state="done", started_at=_day(1).now)
    evaluation = follow(_day(5), platform, [result("A", "pass")])
    late = follow(_day(6), platform, [result("A", "fail", {"x": ""})], look=older)
    assert not Finding.objects.exists()
    assert evaluation.followed_at is not None
    assert Evaluation.objects.get(pk=late.pk).followed_at is None


@pytest.mark.usefixtures("db")
def test_a_look_at_a_wrong_time_keeps_none_that_comes_after_from_being_followed() -> None:
    platform = make_platform()
    follow(_day(400), platform, [result("A", "pass")])
    follow(_day(1), platform, [result("A", "fail", {"x": ""})])
    assert _states(platform) == {"A/x": ("open", 0)}
    assert [verdict.outcome for verdict in last_verdicts(platform)] == ["fail"]


@pytest.mark.usefixtures("db")
def test_the_owner_is_the_resources_else_the_controls_else_the_environments_else_the_platforms() -> None:
    platform = make_platform()
    people = {name: make_person(name) for name in ("resource", "control", "environment", "otto", "rita")}
    make_owner = {"app": "x", "control": "B", "environment": "env-1"}
    for (kind, identity), person in zip(make_owner.items(), list(people.values())[:3], strict=True):
        Ownership.objects.create(platform=platform, scope_kind=kind, scope_id=identity, owner=person)
    Ownership.objects.create(platform=platform, scope_kind="platform", scope_id="", owner=people["otto"])
    where = places(("z", "env-1", "sandbox"))
    looked = [result("A", "fail", {"x": "", "y": "", "z": ""}), result("B", "fail", {"y": ""})]
    follow(_day(0), platform, looked, where=where)
    owners = {f"{f.control}/{f.resource_id}": str(f.owner) for f in Finding.objects.select_related("owner")}
    assert owners == {"A/x": "Resource", "A/y": "Otto", "A/z": "Environment", "B/y": "Control"}
    assert Finding.objects.get(resource_id="z").environment_kind == "sandbox"
    # Whoever was chosen by a person stays; the others follow the register.
    rita = make_person("worker", "remediation_owner")
    chosen = Finding.objects.get(control="A", resource_id="y")
    assign_findings(actor(rita), [chosen.pk], people["rita"], why="she knows that flow")
    Ownership.objects.filter(scope_kind="app").update(owner=people["rita"])
    follow(_day(1), platform, looked, where=where)
    owners = {f"{f.control}/{f.resource_id}": str(f.owner) for f in Finding.objects.select_related("owner")}
    assert owners == {"A/x": "Rita", "A/y": "Rita", "A/z": "Environment", "B/y": "Control"}


@pytest.mark.usefixtures("db")
def test_many_are_decided_at_once_with_a_reason_by_people_who_may() -> None:
    ours, theirs = make_platform("Ours"), make_platform("Theirs")
    for platform in (ours, theirs):
        follow(_day(0), platform, [result("A", "fail", {"x": "", "y": ""})])
    otto = actor(make_person("otto", "platform_owner", platform=ours))
    mine = list(Finding.objects.filter(platform=ours).values_list("pk", flat=True))
    all_of_them = list(Finding.objects.values_list("pk", flat=True))
    assert start_findings(otto, mine, why="this sprint") == 2
    assert AuditEvent.objects.latest("number").after == {"count": 2, "findings": sorted(mine), "status": "in_progress"}
    with pytest.raises(UsageError, match="not yours to see"):
        start_findings(otto, all_of_them, why="all")
    with pytest.raises(UsageError, match="say why"):
        put_back_findings(otto, mine, why=" ")
    with pytest.raises(NotAllowed):
        start_findings(actor(make_person("ada", "auditor")), mine, why="x")
    # Found again, it is still being worked on.
    follow(_day(1), ours, [result("A", "fail", {"x": ""})])
    assert _states(ours) == {"A/x": ("in_progress", 0), "A/y": ("closed", 0)}


@pytest.mark.usefixtures("db")
def test_the_due_date_follows_tier_severity_and_data() -> None:
    high = make_platform("High", tier="high", data_class="restricted")
    follow(
        _day(0),
        high,
        [result("A", "fail", {"x": ""}, severity="critical"), result("B", "fail", {"x": ""}, severity="info")],
    )
    worst, mildest = Finding.objects.order_by("severity_rank")
    assert (worst.due_on, worst.due_reason) == (date(2026, 6, 8), "critical on a platform of the high tier: 7 days")
    assert (worst.priority, worst.priority_reason) == (95, "critical finding 70, high tier 15, restricted data 10")
    assert (mildest.due_on, mildest.due_reason) == (None, "info on a platform of the high tier: no date by policy")


@pytest.mark.usefixtures("db")
def test_the_business_priority_adds_points_from_the_next_look_on_and_the_usual_one_adds_none() -> None:
    platform = make_platform(tier="middle", data_class="internal")
    broken = [result("A", "fail", {"x": ""}, severity="high")]
    follow(_day(0), platform, broken)
    usual = Finding.objects.get()
    assert (usual.priority, usual.priority_reason) == (55, "high finding 50, middle tier 5")
    change_running(
        actor(make_person("otto", "platform_owner", platform=platform)), platform, Running(business_priority=1)
    )
    platform.refresh_from_db()
    follow(_day(1), platform, broken)
    raised = Finding.objects.get()
    assert (raised.priority, raised.priority_reason) == (
        65,
        "high finding 50, middle tier 5, highest business priority 10",
    )


def test_a_houses_policy_from_before_business_priorities_stays_one_and_a_wrong_one_is_told(tmp_path: Path) -> None:
    shipped = (Path(finding_policy.__file__).parents[1] / "policies" / "findings.yaml").read_text()
    own = tmp_path / "policies" / "findings.yaml"
    own.parent.mkdir()
    told = 'business_priority: {"1": 10, "2": 5, "3": 0, "4": 0, "5": 0}'
    own.write_text(shipped.replace(f"  {told}\n", ""))
    standing = Standing(Tier.LOW, DataClass.PUBLIC, 1)
    assert urgencies(read_finding_policy(tmp_path), standing)[0].priority == 70
    own.write_text(shipped.replace(told, 'business_priority: {"1": 10, "6": 5}'))
    with pytest.raises(UnreadableInput, match="business_priority"):
        read_finding_policy(tmp_path)
