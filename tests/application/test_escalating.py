from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client

from passmuster.application.acting import keeper
from passmuster.application.calendar.deadlines import end_of
from passmuster.application.calendar.escalating import remind, tell_late
from passmuster.application.programme.escalation_steps import escalation, read_escalation_policy
from passmuster.application.programme.ownership import set_escalation
from passmuster.application.reviews.review_work import remind_reviewers
from passmuster.errors import UnreadableInput
from passmuster.model.keeping import DutyRole
from passmuster.records.models import (
    ApiToken,
    Change,
    EscalationStep,
    Evidence,
    Finding,
    Message,
    Ownership,
    Person,
    Platform,
    Review,
    ReviewItem,
    Vendor,
    VendorRequest,
)
from tests.keeping import NOW, actor, make_person, make_platform

_YESTERDAY = date(2026, 5, 31)


def _finding(platform: Platform, number: int, owner: Person | None, due_on: date, **more: object) -> Finding:
    told = {"severity": "high", "severity_rank": 1} | more
    return Finding.objects.create(
        platform=platform,
        fingerprint=str(number),
        pack="p",
        control="C-1",
        title="t",
        resource_id=str(number),
        owner=owner,
        due_on=due_on,
        first_seen_at=NOW,
        last_seen_at=NOW,
        age_from=NOW,
        **told,
    )


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("UTC", "2026-06-01T00:00Z"), ("Europe/Berlin", "2026-05-31T22:00Z"), ("America/New_York", "2026-06-01T04:00Z")],
)
def test_a_day_is_over_when_it_is_over_there(zone: str, expected: str) -> None:
    assert end_of(_YESTERDAY, zone) == datetime.fromisoformat(expected)


@pytest.mark.usefixtures("db")
def test_of_a_platform_that_is_not_looked_at_any_more_nobody_is_reminded() -> None:
    platform = make_platform()
    owner = make_person("otto", "platform_owner", platform=platform)
    for day in (_YESTERDAY, date(2026, 6, 2)):
        _finding(platform, day.day, owner, day)
    Change.objects.create(platform=platform, job="j", title="Upgrade", due_at=NOW, owner=owner, created_at=NOW)
    review = Review.objects.create(
        platform=platform, occurrence="o", because="b", status="open", due_on=_YESTERDAY, opened_at=NOW
    )
    ReviewItem.objects.create(
        review=review, kind="question", key="q", title="t", assignee=owner, due_on=_YESTERDAY, status="open"
    )
    Evidence.objects.create(
        title="Test", kind="report", sha256="0" * 64, size_bytes=1, uploaded_by=owner, uploaded_at=NOW,
        platform=platform, expires_on=_YESTERDAY,
    )  # fmt: skip
    platform.is_active = False
    platform.save()
    assert [tell_late(NOW), remind(NOW), remind_reviewers(keeper(NOW))] == [0, 0, 0]
    platform.is_active = True
    platform.save()
    assert tell_late(NOW) == 4
    assert remind(NOW) == 1
    assert remind_reviewers(keeper(NOW)) == 1


@pytest.mark.usefixtures("db")
def test_what_is_late_goes_up_step_by_step_and_each_hears_once() -> None:
    platform = make_platform()
    owner = make_person("otto", "platform_owner", platform=platform)
    sponsor = make_person("sue", "sponsor")
    for hours, role in ((0, "platform_owner"), (48, "sponsor")):
        EscalationStep.objects.create(after_hours=hours, role=role)
    for number in range(3):
        _finding(platform, number, owner, _YESTERDAY)
    _finding(platform, 7, owner, _YESTERDAY, status="closed")
    _finding(platform, 8, owner, date(2026, 6, 30))
    assert [tell_late(NOW), tell_late(NOW)] == [1, 0]
    message = Message.objects.get(person=owner)
    assert message.text.startswith("Automations: 3 findings (worst: high): late since 2026-06-01 00:00 UTC. It is y")
    assert message.link == f"/findings/?platform={platform.pk}&owner={owner.pk}&late=1"
    assert tell_late(NOW + timedelta(hours=47)) == 1
    assert Message.objects.filter(person=sponsor).count() == 1
    assert tell_late(NOW + timedelta(days=9)) == 0


@pytest.mark.usefixtures("db")
def test_the_owner_the_deputy_and_the_steps_that_ship_each_hear_once_also_as_several_of_these() -> None:
    platform = make_platform()
    otto = make_person("otto", "platform_owner", platform=platform)
    olga = make_person("olga", "platform_owner", "approver", platform=platform)
    sue = make_person("sue", "sponsor")
    Ownership.objects.create(platform=platform, scope_kind="platform", owner=otto, deputy=olga)
    _finding(platform, 1, otto, _YESTERDAY)
    told = {}
    for hours in (0, 24, 72, 168, 900):
        told[hours] = tell_late(NOW + timedelta(hours=hours))
    assert told == {0: 2, 24: 0, 72: 0, 168: 1, 900: 0}
    words = {each.person: each.text.rpartition("UTC. ")[2] for each in Message.objects.all()}
    assert words == {
        otto: "It is yours: do it, or hand it on.",
        olga: "You stand in for Otto: see to it.",
        sue: "See to it that it is done, or decide what becomes of it.",
    }


@pytest.mark.usefixtures("db")
def test_the_steps_that_ship_hold_until_the_house_or_a_platform_has_its_own() -> None:
    here, there = make_platform("Here"), make_platform("There")
    shipped = ((24, "platform_owner"), (72, "approver"), (168, "sponsor"))

    def told(platform: Platform) -> tuple[tuple[int, str], ...]:
        return tuple((step.after_hours, str(step.role)) for step in escalation().of(platform.pk))

    client = Client()
    client.force_login(make_person("ada", "administrator", "sponsor"))
    assert (told(here), told(there), escalation().is_default) == (shipped, shipped, True)
    page = client.get("/settings/escalation/").content.decode()
    assert "they hold until you save steps here" in page
    assert 'value="168"' in page
    client.post("/settings/escalation/", {"hours": ["8"], "role": ["sponsor"]})
    set_escalation(actor(make_person("otto", "platform_owner", platform=here)), [(1, DutyRole.LEGAL)], here)
    assert (told(here), told(there)) == (((1, "legal"),), ((8, "sponsor"),))
    assert "they hold until you save" not in client.get("/settings/escalation/").content.decode()
    client.post("/settings/escalation/", {"hours": [""], "role": ["sponsor"]})
    assert told(there) == shipped


@pytest.mark.usefixtures("db")
def test_a_house_that_wants_no_steps_says_so_in_its_policy(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    own = tmp_path / "policies/escalation.yaml"
    own.write_text("schema: passmuster/escalation-policy@1\nsteps: []\n")
    assert read_escalation_policy(tmp_path) == ()
    own.write_text("schema: passmuster/escalation-policy@1\nsteps: [{after_hours: -1, role: vendor_contact}]\n")
    with pytest.raises(UnreadableInput) as refused:
        read_escalation_policy(tmp_path)
    assert "after_hours" in str(refused.value)
    assert "role" in str(refused.value)


@pytest.mark.usefixtures("db")
def test_a_platforms_own_steps_replace_those_for_all() -> None:
    platform = make_platform()
    make_person("sue", "sponsor")
    approver = make_person("ann", "approver")
    EscalationStep.objects.create(after_hours=0, role="sponsor")
    EscalationStep.objects.create(after_hours=0, role="approver", platform=platform)
    Change.objects.create(
        platform=platform, job="j", patch="p", title="Update n8n", due_at=NOW - timedelta(hours=1), created_at=NOW
    )
    assert tell_late(NOW) == 1
    assert Message.objects.get().person == approver


@pytest.mark.usefixtures("db")
def test_a_review_and_its_open_lines_are_late_only_while_it_is_open() -> None:
    platform = make_platform()
    make_person("sue", "sponsor")
    EscalationStep.objects.create(after_hours=0, role="sponsor")
    review = Review.objects.create(
        platform=platform, occurrence="1", because="due", status="open", due_on=_YESTERDAY, opened_at=NOW
    )
    for number in range(4):
        ReviewItem.objects.create(
            review=review,
            kind="question",
            key=str(number),
            title="t",
            due_on=_YESTERDAY,
            status="done" if number == 3 else "open",
        )
    assert tell_late(NOW) == 2
    assert "3 lines of the review's checklist" in " ".join(Message.objects.values_list("text", flat=True))
    Review.objects.update(status="sealed")
    Message.objects.all().delete()
    assert tell_late(NOW) == 0


@pytest.mark.usefixtures("db")
def test_owners_are_reminded_of_what_is_due_soon_and_of_what_ends() -> None:
    platform = make_platform()
    owner = make_person("otto", "platform_owner", platform=platform)
    _finding(platform, 1, owner, date(2026, 6, 3))
    _finding(platform, 2, owner, date(2026, 6, 20))
    _finding(platform, 3, None, date(2026, 6, 3))
    _finding(platform, 4, owner, _YESTERDAY)
    told = {"title": "SOC 2", "kind": "report", "file_name": "a", "media_type": "b", "sha256": "c", "size_bytes": 1}
    Evidence.objects.create(**told, uploaded_by=owner, uploaded_at=NOW, expires_on=date(2026, 6, 10))
    ApiToken.objects.create(
        person=owner, name="ci", prefix="p", digest="d", created_at=NOW, expires_at=NOW + timedelta(days=3)
    )
    assert [remind(NOW), remind(NOW)] == [3, 0]
    assert set(Message.objects.values_list("kind", "due_at")) == {
        ("finding", datetime(2026, 6, 4, tzinfo=UTC)),
        ("evidence", datetime(2026, 6, 11, tzinfo=UTC)),
        ("token", NOW + timedelta(days=3)),
    }


@pytest.mark.usefixtures("db")
def test_a_heap_that_grew_worse_is_told_again_and_one_that_shrank_is_not() -> None:
    platform = make_platform()
    owner = make_person("otto", "platform_owner", platform=platform)
    critical = {"severity": "critical", "severity_rank": 0}
    _finding(platform, 1, owner, _YESTERDAY, severity="low", severity_rank=3)
    assert tell_late(NOW) == 1
    _finding(platform, 2, owner, _YESTERDAY, severity="low", severity_rank=3)
    assert tell_late(NOW) == 0
    worst = _finding(platform, 3, None, _YESTERDAY, **critical)
    # Handed to one who was told of the low ones already.
    Finding.objects.filter(pk=worst.pk).update(owner=owner)
    assert [tell_late(NOW), tell_late(NOW)] == [1, 0]
    assert "3 findings (worst: critical)" in Message.objects.latest("pk").text
    _finding(platform, 4, owner, _YESTERDAY, **critical)
    assert [tell_late(NOW), tell_late(NOW)] == [1, 0]
    Finding.objects.filter(severity="critical").update(status="closed")
    assert tell_late(NOW) == 0
    # A reminder of what is due soon grows the same way.
    _finding(platform, 5, owner, date(2026, 6, 3))
    assert [remind(NOW), remind(NOW)] == [1, 0]
    _finding(platform, 6, owner, date(2026, 6, 3), **critical)
    assert [remind(NOW), remind(NOW)] == [1, 0]


@pytest.mark.usefixtures("db")
def test_evidence_that_expired_is_late_until_something_takes_its_place() -> None:
    platform = make_platform()
    otto, sue = make_person("otto", "platform_owner", platform=platform), make_person("sue", "sponsor")
    vendor = Vendor.objects.create(name="V", created_at=NOW)
    guest = make_person("vic", "vendor_contact", vendor=vendor)
    asked = VendorRequest.objects.create(vendor=vendor, title="SOC 2", asked_by=otto, asked_at=NOW)
    file = {"kind": "report", "file_name": "a", "media_type": "b", "sha256": "c", "size_bytes": 1, "uploaded_at": NOW}
    told = {**file, "platform": platform, "expires_on": _YESTERDAY}
    owned = Evidence.objects.create(title="Pentest", uploaded_by=sue, owner=otto, **told)
    Evidence.objects.create(title="SOC 2", uploaded_by=guest, request=asked, **told)
    Evidence.objects.create(title="Ends later", uploaded_by=otto, **(told | {"expires_on": date(2026, 6, 2)}))
    assert [tell_late(NOW), tell_late(NOW)] == [2, 0]
    texts = sorted(Message.objects.filter(person=otto).values_list("text", flat=True))
    assert [text.partition(" It is yours")[0] for text in texts] == [
        f"Automations: the evidence {name!r} has expired, and nothing took its place: late since 2026-06-01 00:00 UTC."
        for name in ("Pentest", "SOC 2")
    ]
    newer = Evidence.objects.create(title="Pentest 2", uploaded_by=otto, **(file | {"platform": platform}))
    Evidence.objects.filter(pk=owned.pk).update(superseded_by=newer)
    # A week later the sponsor hears of the one that nothing took the place of, and otto of what ended since.
    assert tell_late(NOW + timedelta(days=8)) == 2
    assert "SOC 2" in Message.objects.filter(person=sue).order_by("pk")[0].text
