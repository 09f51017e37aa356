from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from passmuster.application.access import Actor, NotAllowed
from passmuster.application.acting import keeper
from passmuster.application.findings.deviations import (
    Wanted,
    decide_deviation,
    expire_deviations,
    lapse_what_fits_no_more,
    renew_deviation,
    request_deviation,
    revoke_deviation,
    settle_deviations,
    withdraw_deviation,
)
from passmuster.errors import UsageError
from passmuster.records.models import AuditEvent, Deviation, Environment, Finding, Message, Person, Platform
from tests.application.following import follow, places, result
from tests.keeping import NOW, actor, make_person, make_platform


def _at(person: Person, day: int) -> Actor:
    return actor(person, now=NOW + timedelta(days=day))


def _day(number: int) -> Actor:
    return keeper(NOW + timedelta(days=number))


def _wanted(owner: Person, platform: Platform | None = None, **more: object) -> Wanted:
    given = {"control": "A", "reason": "the vendor mends it in autumn", "ends_on": date(2026, 7, 1)} | more
    return Wanted(owner=owner, platform=platform, **given)  # type: ignore[arg-type]


@pytest.mark.usefixtures("db")
def test_from_request_to_expiry_the_age_counts_from_the_first_grant() -> None:
    platform = make_platform()
    otto, bea = make_person("otto", "platform_owner", platform=platform), make_person("bea", "approver")
    follow(_day(0), platform, [result("A", "fail", {"x": "", "y": ""})])
    asked = request_deviation(_at(otto, 1), _wanted(otto, platform, resource_id="x"))
    finding = Finding.objects.get(resource_id="x")
    assert finding.status == "open"
    decide_deviation(_at(bea, 2), asked, is_approved=True, reason="until the release")
    finding.refresh_from_db()
    assert (finding.status, finding.deviation_id, finding.age_from) == ("accepted", asked.pk, _day(2).now)
    assert Finding.objects.get(resource_id="y").status == "open"
    # Renewed before its end: the clock does not start again.
    asked.refresh_from_db()
    again = renew_deviation(_at(otto, 20), asked, reason="the release is late", ends_on=date(2026, 8, 1))
    decide_deviation(_at(bea, 21), again, is_approved=True, reason="one more month")
    again.refresh_from_db()
    assert again.first_granted_at == _day(2).now
    expire_deviations(_day(31))
    finding.refresh_from_db()
    assert (finding.status, finding.deviation_id) == ("accepted", again.pk)
    expire_deviations(_day(62))
    finding.refresh_from_db()
    assert (finding.status, finding.deviation_id, finding.age_from) == ("open", None, _day(2).now)
    assert finding.due_on == date(2026, 6, 3) + timedelta(days=45)
    assert [s.what for s in finding.steps.order_by("pk")] == ["accepted", "accepted", "reopened"]
    assert Deviation.objects.get(pk=again.pk).status == "expired"
    # Who owns it (here the platform's owner too) and who granted it hear that it is over, each once.
    over = Message.objects.filter(kind="deviation_over")
    assert [over.filter(person=person).count() for person in (otto, bea)] == [2, 2]
    assert expire_deviations(_day(62)) == []


@pytest.mark.usefixtures("db")
def test_asking_anew_instead_of_renewing_does_not_reset_the_clock_either() -> None:
    platform = make_platform()
    otto, bea = make_person("otto", "platform_owner", platform=platform), make_person("bea", "approver")
    follow(_day(0), platform, [result("A", "fail", {"x": ""})])
    for start, end in ((2, date(2026, 7, 1)), (40, date(2026, 8, 1))):
        asked = request_deviation(_at(otto, start), _wanted(otto, platform, resource_id="x", ends_on=end))
        decide_deviation(_at(bea, start), asked, is_approved=True, reason="yes")
        settle_deviations(_day((end - NOW.date()).days + 1))
    finding = Finding.objects.get()
    assert (finding.status, finding.age_from) == ("open", _day(2).now)


@pytest.mark.usefixtures("db")
def test_nobody_decides_on_their_own_request_and_only_approvers_decide() -> None:
    platform = make_platform()
    both = make_person("both", "approver", "reviewer")
    bea = make_person("bea", "approver")
    follow(_day(0), platform, [result("A", "fail", {"x": ""})])
    asked = request_deviation(actor(both), _wanted(both, platform))
    for who, words in ((both, "own request"), (make_person("rita", "reviewer"), "may not decide deviation")):
        for by in ("page", "api", "command"):
            with pytest.raises(NotAllowed, match=words):
                decide_deviation(actor(who, by=by), asked, is_approved=True, reason="fine")
    with pytest.raises(NotAllowed):
        decide_deviation(keeper(NOW), asked, is_approved=True, reason="fine")
    owned = request_deviation(actor(both), _wanted(bea, platform))
    with pytest.raises(NotAllowed, match="own exception"):
        decide_deviation(actor(bea), owned, is_approved=True, reason="fine")
    with pytest.raises(UsageError, match="needs a reason"):
        decide_deviation(actor(bea), asked, is_approved=True, reason="")
    refused = decide_deviation(actor(bea), asked, is_approved=False, reason="mend it")
    assert (refused.status, refused.first_granted_at) == ("refused", None)
    with pytest.raises(UsageError, match="is refused"):
        decide_deviation(actor(bea), asked, is_approved=True, reason="changed my mind")


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"reason": " "}, "reason: say why"),
        ({"control": ""}, "control: say which"),
        ({"ends_on": date(2026, 5, 31)}, "end: lies in the past"),
        ({"ends_on": date(2027, 6, 30)}, "366 days at most"),
        ({"rule": {"stages": ["sandbox"], "colour": ["red"]}}, "colour is not known"),
        ({"rule": {"stages": ["sandpit"]}}, "sandpit is none of"),
        ({"rule": {"tiers": []}}, "at least one word"),
        ({"resource_id": "x", "rule": {"tiers": ["low"]}}, "leave the rule out"),
        ({"compensating_control": "A"}, "is the same control"),
        ({"compensating_control": "NO-SUCH-CONTROL"}, "compensating control: no pack of Automations has NO-SUCH"),
        ({"control": "IAM-1"}, "^control: no pack of Automations has IAM-1"),
    ],
)
@pytest.mark.usefixtures("db")
def test_a_request_that_lacks_something_is_refused_with_what(more: dict[str, object], complaint: str) -> None:
    platform = make_platform()
    otto = make_person("otto", "reviewer")
    with pytest.raises(UsageError, match=complaint):
        request_deviation(actor(otto), _wanted(otto, platform, **more))
    with pytest.raises(UsageError, match="name the resource"):
        request_deviation(actor(otto), _wanted(otto, None))
    assert not Deviation.objects.exists()


@pytest.mark.usefixtures("db")
def test_a_rule_covers_the_sandboxes_of_a_tier_and_no_others_also_those_that_come_later() -> None:
    low, high = make_platform("Low", tier="low"), make_platform("High", tier="high")
    Environment.objects.create(platform=low, name="Trial room", external_id="env-3", stage="test")
    where = places(("box", "env-1", "sandbox"), ("live", "env-2", "production"), ("room", "env-3", "default"))
    looked = [result("A", "fail", {"box": "", "live": "", "room": "", "nowhere": ""})]
    for platform in (low, high):
        follow(_day(0), platform, looked, where=where)
    otto, bea = make_person("otto", "reviewer"), make_person("bea", "approver")
    rule = {"stages": ["sandbox", "test"], "tiers": ["low"]}
    asked = request_deviation(actor(otto), _wanted(otto, rule=rule))
    decide_deviation(_at(bea, 1), asked, is_approved=True, reason="nothing real lies there")
    accepted = Finding.objects.filter(status="accepted").values_list("platform__name", "resource_id")
    assert sorted(accepted) == [("Low", "box"), ("Low", "room")]
    where = places(("box2", "env-1", "sandbox"), ("box", "env-1", "sandbox"))
    follow(_day(3), low, [result("A", "fail", {"box": "", "box2": ""})], where=where)
    late = Finding.objects.get(resource_id="box2")
    # It cannot be older than itself.
    assert (late.status, late.age_from) == ("accepted", _day(3).now)
    expire_deviations(_day(40))
    assert not Finding.objects.filter(status="accepted").exists()


@pytest.mark.usefixtures("db")
def test_what_a_rule_fits_no_more_is_open_again_though_no_look_comes() -> None:
    platform, other = make_platform("Low", tier="low"), make_platform("Other", tier="low")
    room = Environment.objects.create(platform=other, name="Room", external_id="env-3", stage="test")
    for each in (platform, other):
        follow(_day(0), each, [result("A", "fail", {"x": ""})], where=places(("x", "env-3", "sandbox")))
    otto, bea = make_person("otto", "reviewer"), make_person("bea", "approver")
    for rule in ({"tiers": ["low"], "stages": ["sandbox"]}, {"stages": ["test"]}):
        asked = request_deviation(actor(otto), _wanted(otto, rule=rule))
        decide_deviation(_at(bea, 1), asked, is_approved=True, reason="nothing real lies there")
    assert (lapse_what_fits_no_more(_day(2)), Finding.objects.filter(status="accepted").count()) == (0, 2)
    Platform.objects.update(tier="high")
    # The other's is covered by the second rule still.
    assert [lapse_what_fits_no_more(_day(3)) for _ in range(2)] == [2, 0]
    finding = Finding.objects.get(platform=platform)
    assert (finding.status, finding.deviation_id, finding.age_from) == ("open", None, _day(1).now)
    assert finding.steps.latest("pk").why.endswith("its rule no longer fits")
    assert Finding.objects.get(platform=other).status == "accepted"
    room.stage = "production"
    room.save()
    assert [lapse_what_fits_no_more(_day(4)) for _ in range(2)] == [1, 0]
    assert not Finding.objects.filter(status="accepted").exists()
    assert AuditEvent.objects.filter(action="cover_findings").count() == 3


@pytest.mark.usefixtures("db")
def test_a_compensating_control_that_fails_suspends_it_and_one_that_cannot_tell_changes_nothing() -> None:
    platform = make_platform()
    otto, bea = make_person("otto", "reviewer"), make_person("bea", "approver")
    follow(_day(0), platform, [result("A", "fail", {"x": ""}), result("C", "pass")])
    asked = request_deviation(actor(otto), _wanted(otto, platform, resource_id="x", compensating_control="C"))
    decide_deviation(_at(bea, 1), asked, is_approved=True, reason="C holds")
    seen = []
    for day, outcome in enumerate(["pass", "unknown", "fail", "unknown", "fail", "pass"], start=2):
        found = {"c": ""} if outcome == "fail" else {}
        follow(_day(day), platform, [result("A", "fail", {"x": ""}), result("C", outcome, found)])
        seen.append(Finding.objects.get(control="A").status)
    assert seen == ["accepted", "accepted", "open", "open", "open", "accepted"]
    assert Finding.objects.get(control="A").age_from == _day(1).now
    assert Message.objects.filter(kind="compensation_lost", person=otto).count() == 1


@pytest.mark.usefixtures("db")
def test_one_whose_compensating_control_fails_already_accepts_nothing_when_it_is_approved() -> None:
    platform = make_platform()
    otto, bea = make_person("otto", "reviewer"), make_person("bea", "approver")
    follow(_day(0), platform, [result("A", "fail", {"x": ""}), result("C", "fail", {"c": ""})])
    asked = request_deviation(actor(otto), _wanted(otto, platform, resource_id="x", compensating_control="C"))
    decide_deviation(_at(bea, 1), asked, is_approved=True, reason="C will hold")
    assert Finding.objects.get(control="A").status == "open"
    follow(_day(2), platform, [result("A", "fail", {"x": ""}), result("C", "pass")])
    assert Finding.objects.get(control="A").status == "accepted"


@pytest.mark.usefixtures("db")
def test_a_closed_finding_that_comes_back_under_an_exception_is_accepted_and_withdrawing_reopens() -> None:
    platform = make_platform()
    otto, bea = make_person("otto", "reviewer"), make_person("bea", "approver")
    follow(_day(0), platform, [result("A", "fail", {"x": ""})])
    asked = request_deviation(actor(otto), _wanted(otto, platform))
    decide_deviation(_at(bea, 1), asked, is_approved=True, reason="ok")
    follow(_day(2), platform, [result("A", "pass")])
    assert Finding.objects.get().status == "closed"
    follow(_day(3), platform, [result("A", "fail", {"x": ""})])
    assert Finding.objects.get().status == "accepted"
    withdraw_deviation(_at(otto, 4), Deviation.objects.get(), reason="no longer needed")
    finding = Finding.objects.get()
    assert (finding.status, finding.age_from, finding.reopened_count) == ("open", _day(1).now, 1)


@pytest.mark.parametrize("outcome", ["unknown", "manual", "not_applicable", "gone"])
@pytest.mark.usefixtures("db")
def test_a_compensating_control_that_could_not_be_checked_is_shown_so_and_its_owner_told_once(outcome: str) -> None:
    platform = make_platform()
    otto, bea = make_person("otto", "platform_owner", platform=platform), make_person("bea", "approver")
    seen = [result("A", "fail", {"x": ""}), *([] if outcome == "gone" else [result("IAM-01", outcome)])]
    follow(_day(0), platform, seen)
    asked = request_deviation(actor(otto), _wanted(otto, platform, resource_id="x", compensating_control="IAM-01"))
    # Whoever decides sees it before they do; nobody is told of what is not granted.
    assert [(each.is_held, each.outcome) for each in asked.checks.all()] == [
        (True, "unknown" if outcome == "gone" else outcome)
    ]
    assert not Message.objects.filter(person=otto, kind="compensation_unchecked").exists()
    decide_deviation(_at(bea, 1), asked, is_approved=True, reason="IAM-01 will answer")
    follow(_day(2), platform, seen)
    assert Finding.objects.get().status == "accepted"
    assert Message.objects.filter(person=otto, kind="compensation_unchecked").count() == 1
    client = Client()
    client.force_login(bea)
    page = client.get(f"/deviations/{asked.pk}/").content.decode()
    assert "could not be checked; the exception counts all the same" in page


@pytest.mark.usefixtures("db")
def test_a_rule_for_all_platforms_takes_a_control_of_any() -> None:
    follow(_day(0), make_platform("One"), [result("HOUSE-1", "pass")])
    make_platform("Two")
    otto = make_person("otto", "reviewer")
    rule = {"tiers": ["low"]}
    assert request_deviation(actor(otto), _wanted(otto, control="HOUSE-1", rule=rule)).pk
    with pytest.raises(UsageError, match="control: no pack of any platform has HOUSE-2"):
        request_deviation(actor(otto), _wanted(otto, control="HOUSE-2", rule=rule))


@pytest.mark.usefixtures("db")
def test_a_request_that_nobody_decided_on_tells_only_its_owner_and_says_that_it_was_never_granted() -> None:
    platform = make_platform()
    otto, rita = make_person("otto", "platform_owner", platform=platform), make_person("rita", "reviewer")
    follow(_day(0), platform, [result("A", "fail", {"x": ""})])
    request_deviation(actor(rita), _wanted(rita, platform, ends_on=date(2026, 6, 10)))
    expire_deviations(_day(20))
    message = Message.objects.get(kind="deviation_over")
    assert message.person == rita
    assert "was not decided on before its end, 2026-06-10" in message.text
    assert not Message.objects.filter(person=otto, kind="deviation_over").exists()


@pytest.mark.parametrize("who", ["bea", "rita"])
@pytest.mark.usefixtures("db")
def test_who_grants_and_who_asks_can_end_it_with_a_reason_and_the_others_hear(who: str) -> None:
    platform = make_platform()
    otto, bea, rita = make_person("otto", "reviewer"), make_person("bea", "approver"), make_person("rita", "reviewer")
    follow(_day(0), platform, [result("A", "fail", {"x": ""})])
    asked = request_deviation(actor(otto), _wanted(otto, platform))
    with pytest.raises(UsageError, match="refuse it"):
        revoke_deviation(actor(bea), asked, reason="no")
    decide_deviation(_at(bea, 1), asked, is_approved=True, reason="ok")
    asked.refresh_from_db()
    ends, ender = (revoke_deviation, bea) if who == "bea" else (withdraw_deviation, rita)
    with pytest.raises(UsageError, match="say why it ends"):
        ends(_at(ender, 2), asked, reason=" ")
    with pytest.raises(NotAllowed):
        revoke_deviation(_at(rita, 2), asked, reason="x")
    ends(_at(ender, 2), asked, reason="an attack goes round")
    assert Finding.objects.get().status == "open"
    assert Deviation.objects.get().status == "withdrawn"
    heard = Message.objects.filter(kind="deviation_over", text__contains="an attack goes round")
    assert sorted(heard.values_list("person__name", flat=True)) == sorted({"Otto", "Bea"} - {who.title()})


@pytest.mark.parametrize("back_on", [6, 60])
@pytest.mark.usefixtures("db")
def test_being_gone_for_a_while_makes_nobody_forget_the_first_grant(back_on: int) -> None:
    platform = make_platform()
    otto, bea = make_person("otto", "reviewer"), make_person("bea", "approver")
    follow(_day(0), platform, [result("A", "fail", {"x": ""})])
    asked = request_deviation(actor(otto), _wanted(otto, platform, ends_on=date(2026, 6, 4)))
    decide_deviation(_at(bea, 1), asked, is_approved=True, reason="ok")
    settle_deviations(_day(4))
    follow(_day(5), platform, [result("A", "pass")])
    follow(_day(back_on), platform, [result("A", "fail", {"x": ""})])
    back = Finding.objects.get()
    assert (back.status, back.excepted_from) == ("open", _day(1).now)
    assert (back.age_from == _day(1).now) == (back_on == 6)
    again = request_deviation(_at(otto, back_on), _wanted(otto, platform, ends_on=_day(back_on + 9).now.date()))
    decide_deviation(_at(bea, back_on), again, is_approved=True, reason="ok")
    assert Finding.objects.get().age_from == _day(1).now
