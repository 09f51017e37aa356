from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest

from passmuster.application.access import Actor, NotAllowed
from passmuster.application.acting import keeper
from passmuster.application.programme.credential_names import check_credential_names
from passmuster.application.programme.environments import EnvironmentFacts, put_environment
from passmuster.application.programme.looks import hours_asked, rarely_looked_at
from passmuster.application.programme.owners_in_bulk import import_owners, owner_rows, owners_csv, write_owners_workbook
from passmuster.application.programme.ownership import Thing, set_escalation, set_owner
from passmuster.application.programme.platforms import (
    Basics,
    Running,
    add_platform,
    basics_of,
    change_platform,
    change_running,
    running_of,
)
from passmuster.application.programme.proposing_tiers import propose_other_tier, tier_was_weighed_at
from passmuster.application.programme.registers import put_registers, read_register
from passmuster.application.programme.tiers import decide_tier
from passmuster.application.programme.vendors import add_vendor, change_vendor
from passmuster.application.reviews.reviewing import open_review, set_cadence
from passmuster.errors import UnreadableInput, UsageError
from passmuster.model.keeping import DataClass, DutyRole, Stage, Tier
from passmuster.model.usage import Usage
from passmuster.records.models import (
    AuditEvent,
    Collection,
    Environment,
    EscalationStep,
    Evaluation,
    Message,
    Ownership,
    Platform,
    Review,
    TierProposal,
)
from tests.keeping import NOW, actor, make_person, make_platform

pytestmark = pytest.mark.usefixtures("db")


def test_a_platform_is_added_and_changed_and_the_record_tells_what_changed() -> None:
    sponsor = actor(make_person("sue", "sponsor"))
    vendor = add_vendor(sponsor, name="Acme")
    platform = add_platform(sponsor, "flows", Basics("Flows", "n8n", vendor=vendor, url="https://n8n.example.org"))
    owner = actor(make_person("otto", "platform_owner", platform=platform))
    change_running(owner, platform, Running(DataClass.CONFIDENTIAL, ("GDPR",), cadence_rrule="FREQ=MONTHLY;INTERVAL=3"))
    change_platform(sponsor, platform, replace(basics_of(platform), tier=Tier.HIGH), why="payroll moved here")
    change_platform(sponsor, platform, basics_of(platform))
    with pytest.raises(UsageError, match="a lower tier asks for fewer gates and reviews: say why"):
        change_platform(sponsor, platform, replace(basics_of(platform), tier=Tier.LOW), why=" ")
    events = list(AuditEvent.objects.filter(action="change_platform").order_by("number"))
    assert [event.after for event in events] == [
        {"data_class": "confidential", "regulations": ["GDPR"], "cadence_rrule": "FREQ=MONTHLY;INTERVAL=3"},
        {"tier": "high"},
    ]
    kept = Platform.objects.get()
    assert (kept.tier, kept.regulations, kept.vendor) == ("high", ["GDPR"], vendor)
    assert running_of(kept).data_class is DataClass.CONFIDENTIAL
    with pytest.raises(NotAllowed):
        change_platform(owner, platform, basics_of(platform))


def test_all_that_is_wrong_with_a_platform_is_told_at_once() -> None:
    admin = actor(make_person("ada", "administrator"))
    make_platform("Flows")
    bad = Basics("flows", "toaster", url="ftp://x", credentials={"N8N_API_KEY": "hunter2-hunter2"})
    with pytest.raises(UsageError) as told:
        add_platform(admin, "Not A Slug", bad, Running(time_zone="Mars/Olympus", business_priority=9))
    text = str(told.value)
    for words in ("short name", "already", "'toaster' is no kind", "https://", "N8N_API_KEY", "Mars", "priority"):
        assert words in text
    assert "hunter2" not in text
    assert not AuditEvent.objects.exists()
    with pytest.raises(UsageError, match="user or password"):
        add_platform(admin, "x", Basics("X", "n8n", url="https://ada:pw@n8n.example.org"))


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=YEARLY;COUNT=1",
        "FREQ=MONTHLY;UNTIL=20280101T000000Z",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY",
        "FREQ=DAILY;INTERVAL=0",
        "often",
        "FREQ=DAILY;BYHOUR=3",
        "FREQ=DAILY;BYDAY=QQ",
        "FREQ",
    ],
)
def test_a_cadence_is_a_rule_of_days(rule: str) -> None:
    admin = actor(make_person("ada", "administrator"))
    with pytest.raises(UsageError, match="the cadence: "):
        change_running(admin, make_platform(), Running(cadence_rrule=rule))


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("env:PASSMUSTER_CREDENTIAL_N8N", ""),
        ("env:PASSMUSTER_DATABASE_URL", "begin with PASSMUSTER_CREDENTIAL_"),
        ("env:HOME", "begin with"),
        ("file:/keys/n8n", ""),
        ("file:/keys/../etc/shadow", "full path"),
        ("file:/etc/shadow", "full path"),
        ("file:n8n", "full path"),
        ("command:vault read secret/n8n", ""),
        ("command:vault read -output=/x", "does not begin with -"),
        ("command:vault read a b", "one word"),
        ("command:vault write secret/n8n", "words of PASSMUSTER_SECRETS_COMMAND"),
        ("command:sh -c id", "words of PASSMUSTER_SECRETS_COMMAND"),
        ("command:vault read $(id)", "letters, digits"),
        ("command:vault read 'x", "quotes"),
        ("s3cr3t-value", "never kept"),
    ],
)
def test_credentials_are_names_within_what_the_host_allows(source: str, complaint: str) -> None:
    environ = {"PASSMUSTER_CREDENTIALS_DIR": "/keys", "PASSMUSTER_SECRETS_COMMAND": "vault read"}
    if not complaint:
        assert check_credential_names({"N8N_API_KEY": source}, environ) == {"N8N_API_KEY": source}
        return
    with pytest.raises(UsageError, match=complaint.replace("$", r"\$")) as told:
        check_credential_names({"N8N_API_KEY": source}, environ)
    assert "s3cr3t" not in str(told.value)


def test_no_command_is_run_where_the_host_names_none() -> None:
    with pytest.raises(UsageError, match="no secrets command is set up"):
        check_credential_names({"N8N_API_KEY": "command:sh"}, {"PASSMUSTER_CREDENTIALS_DIR": "/keys"})


def test_an_environment_takes_windows_that_can_be_planned_with_and_no_others() -> None:
    platform = make_platform()
    owner = actor(make_person("otto", "platform_owner", platform=platform))
    window = {"id": "sunday", "rrule": "FREQ=WEEKLY;BYDAY=SU", "starts": "2026-06-07T02:00", "minutes": 120}
    freeze = {"name": "year's end", "start": "2026-12-20T00:00", "end": "2027-01-02T00:00"}
    facts = EnvironmentFacts("Production", Stage.PRODUCTION, "Europe/Berlin", windows=[window], freezes=[freeze])
    put_environment(owner, platform, facts)
    put_environment(owner, platform, replace(facts, region="eu"))
    assert Environment.objects.get().region == "eu"
    assert AuditEvent.objects.count() == 2
    with pytest.raises(UsageError, match=r"windows"):
        put_environment(owner, platform, replace(facts, windows=[{"id": "x", "rrule": "FREQ=NEVER"}]))
    with pytest.raises(UsageError, match="is no time zone"):
        put_environment(owner, platform, replace(facts, time_zone="Mars/Olympus"))


def test_owners_are_people_of_the_house_and_the_deputy_is_another() -> None:
    platform = make_platform()
    admin = actor(make_person("ada", "administrator"))
    otto, dora = make_person("otto"), make_person("dora")
    guest = make_person("vera", vendor=add_vendor(admin, name="Acme"))
    set_owner(admin, platform, Thing("app", "a1"), owner=otto, deputy=dora)
    set_owner(admin, platform, Thing("app", "a1"), owner=dora)
    assert [(each.owner, each.deputy) for each in Ownership.objects.all()] == [(dora, None)]
    for thing, owner, deputy, complaint in (
        (Thing("app"), otto, None, "name the id"),
        (Thing("platform", "x"), otto, None, "name the id"),
        (Thing("toaster", "x"), otto, None, "is none of"),
        (Thing(), guest, None, "a guest"),
        (Thing(), otto, otto, "somebody other"),
    ):
        with pytest.raises(UsageError, match=complaint):
            set_owner(admin, platform, thing, owner=owner, deputy=deputy)


def test_owners_go_out_and_come_back_the_same_as_csv_and_as_a_workbook(tmp_path: Path) -> None:
    admin = actor(make_person("ada", "administrator"))
    flows, forms = make_platform("Flows"), make_platform("Forms")
    otto, dora = make_person("otto"), make_person("dora")
    set_owner(admin, flows, Thing(), owner=otto, deputy=dora)
    set_owner(admin, flows, Thing("app", "=1+1"), owner=otto)
    set_owner(admin, forms, Thing("app", '-a, "b"'), owner=dora)
    rows = list(owner_rows(admin))
    (tmp_path / "owners.csv").write_text(owners_csv(rows), encoding="utf-8")
    write_owners_workbook(tmp_path / "owners.xlsx", rows)
    assert "'=1+1" in (tmp_path / "owners.csv").read_text(encoding="utf-8")
    assert openpyxl.load_workbook(tmp_path / "owners.xlsx").active["C2"].data_type != "f"
    for name in ("owners.csv", "owners.xlsx"):
        Ownership.objects.all().delete()
        assert import_owners(admin, tmp_path / name) == {"flows": 2, "forms": 1}
        assert list(owner_rows(admin)) == rows


def test_owners_in_bulk_are_all_or_none_and_only_for_ones_own_platforms(tmp_path: Path) -> None:
    flows = make_platform("Flows")
    make_platform("Secret")
    owner = actor(make_person("otto", "platform_owner", platform=flows))
    path = tmp_path / "owners.csv"
    path.write_text(
        "platform,scope_kind,scope_id,owner,deputy\nflows,app,a,otto@example.org,\n"
        "secret,app,a,otto@example.org,\nnowhere,app,a,otto@example.org,\n"
        "flows,app,b,nobody@example.org,\nflows,app,a,otto@example.org,nobody\n",
        encoding="utf-8",
    )
    with pytest.raises(UnreadableInput) as told:
        import_owners(owner, path)
    text = str(told.value)
    assert "line 3: there is no platform 'secret' of yours" in text
    assert "line 4: there is no platform 'nowhere' of yours" in text
    assert "line 5: there is no owner" in text
    assert "line 6: nobody is called 'nobody'" in text
    assert "line 6: this thing is named twice" in text
    assert not Ownership.objects.exists()


def test_registers_come_in_whole_or_not_at_all() -> None:
    platform = make_platform()
    owner = actor(make_person("otto", "platform_owner", platform=platform))
    good = b"scope_kind,scope_id,owner,deputy\napp,a1,otto@example.org,\n"
    assert put_registers(owner, platform, {"owners.csv": good}) == {"owners": 1}
    with pytest.raises(UnreadableInput, match="allow_lists"):
        put_registers(owner, platform, {"allow_lists.csv": b"nonsense\n1\n"})
    with pytest.raises(UnreadableInput, match="is no register"):
        put_registers(owner, platform, {"../../evil.csv": good})
    assert read_register(owner, platform, "owners") == good
    assert read_register(owner, platform, "allow_lists") is None
    with pytest.raises(NotAllowed):
        put_registers(actor(make_person("rita", "reviewer")), platform, {"owners.csv": good})


def test_more_use_proposes_another_tier_once_and_a_person_decides() -> None:
    platform = make_platform(tier="low")
    before, after = Usage(10, frozenset(), frozenset()), Usage(90, frozenset({DataClass.RESTRICTED}), frozenset())
    proposal = propose_other_tier(keeper(NOW), platform, before, after)
    assert proposal is not None
    assert propose_other_tier(keeper(NOW), platform, before, after) is None
    sponsor = actor(make_person("sue", "sponsor"))
    with pytest.raises(NotAllowed):
        decide_tier(actor(make_person("rita", "reviewer")), proposal, is_accepted=True, why="x")
    with pytest.raises(UsageError, match="say why"):
        decide_tier(sponsor, proposal, is_accepted=True, why=" ")
    decide_tier(sponsor, proposal, is_accepted=True, why="payroll")
    assert Platform.objects.get().tier == "high"
    with pytest.raises(UsageError, match="decided already"):
        decide_tier(sponsor, proposal, is_accepted=False, why="changed my mind")


def test_what_waits_is_raised_by_what_asks_for_more_and_told_again() -> None:
    platform = make_platform(tier="low")
    make_person("sue", "sponsor")
    first = propose_other_tier(keeper(NOW), platform, Usage(10), Usage(90))
    assert first is not None
    assert first.tier == "middle"
    owner = actor(make_person("otto", "platform_owner", platform=platform))
    change_running(owner, platform, replace(running_of(platform), data_class=DataClass.RESTRICTED), why="payroll")
    waiting = TierProposal.objects.get()
    assert (waiting.pk, waiting.tier, len(waiting.reasons)) == (first.pk, "high", 2)
    assert Message.objects.filter(person__email="sue@example.org", kind="drift_tier").count() == 2
    # What somebody decided is not asked for again where nothing about the data was changed.
    decide_tier(actor(make_person("sid", "sponsor")), waiting, is_accepted=False, why="it moves out in July")
    change_running(owner, platform, replace(running_of(platform), business_priority=1))
    assert TierProposal.objects.filter(decided_at=None).count() == 0


def test_growth_is_counted_from_where_people_last_weighed_the_tier() -> None:
    platform = make_platform()
    looks = [
        Collection.objects.create(
            platform=platform, started_at=NOW + timedelta(days=day), state="done", store_key=f"k{day}"
        )
        for day in range(6)
    ]
    assert tier_was_weighed_at(platform) == looks[0]
    platform.baseline_collection = looks[1]
    assert tier_was_weighed_at(platform) == looks[1]
    evaluation = Evaluation.objects.create(collection=looks[2], as_of=NOW, created_at=NOW)
    review = Review.objects.create(
        platform=platform,
        occurrence="o",
        because="b",
        opened_at=NOW,
        due_on=NOW.date(),
        status="open",
        evaluation=evaluation,
    )
    assert tier_was_weighed_at(platform) == looks[1]
    Review.objects.filter(pk=review.pk).update(status="sealed")
    assert tier_was_weighed_at(platform) == looks[2]
    decided = NOW + timedelta(days=4, hours=1)
    TierProposal.objects.create(platform=platform, tier="high", proposed_at=NOW, decided_at=decided)
    assert tier_was_weighed_at(platform) == looks[4]


def test_steps_of_an_escalation_are_set_as_a_whole() -> None:
    admin, platform = actor(make_person("ada", "administrator")), make_platform()
    set_escalation(admin, [(24, DutyRole.PLATFORM_OWNER), (72, DutyRole.SPONSOR)])
    set_escalation(admin, [(8, DutyRole.SPONSOR)], platform)
    set_escalation(admin, [(48, DutyRole.SPONSOR)])
    kept = EscalationStep.objects.order_by("after_hours").values_list("after_hours", "role", "platform")
    assert list(kept) == [(8, "sponsor", platform.pk), (48, "sponsor", None)]
    with pytest.raises(UsageError, match="is a guest"):
        set_escalation(admin, [(8, DutyRole.VENDOR_CONTACT)])


def test_a_vendor_is_renamed_and_its_name_is_taken_once() -> None:
    admin = actor(make_person("ada", "administrator"))
    acme, other = add_vendor(admin, name="Acme"), add_vendor(admin, name="Other")
    change_vendor(admin, other, name="Others", catalogue_id="", notes="")
    assert AuditEvent.objects.get(action="change_vendor").after["name"] == "Others"
    with pytest.raises(UsageError, match="already"):
        change_vendor(admin, other, name=acme.name.lower(), catalogue_id="", notes="")


def test_only_the_programme_makes_reviews_rarer_than_the_tier_asks_and_with_a_reason() -> None:
    sponsor = actor(make_person("sue", "sponsor", "platform_owner"))
    platform = make_platform(tier="high", next_review_on=date(2026, 6, 2))
    owner = actor(make_person("otto", "platform_owner", platform=platform))
    rare = "FREQ=YEARLY;INTERVAL=5"
    for path in (
        lambda who, why: set_cadence(who, platform, rare, why=why),
        lambda who, why: change_running(who, platform, replace(running_of(platform), cadence_rrule=rare), why=why),
    ):
        with pytest.raises(NotAllowed, match="days would pass between reviews, and the tier high asks for"):
            path(owner, "fewer is enough")
        with pytest.raises(UsageError, match="say why that is enough"):
            path(sponsor, "")
    platform.refresh_from_db()
    assert (platform.cadence_rrule, platform.next_review_on) == ("", date(2026, 6, 2))
    set_cadence(sponsor, platform, rare, why="it is switched off next month")
    assert (platform.cadence_rrule, platform.next_review_on) == (rare, None)


def test_only_the_programme_has_looks_come_more_rarely_than_the_tier_asks_and_with_a_reason() -> None:
    sponsor = actor(make_person("sue", "sponsor", "platform_owner"))
    platform = make_platform(tier="high")
    owner = actor(make_person("otto", "platform_owner", platform=platform))

    def choose(who: Actor, hours: int, why: str = "") -> None:
        change_running(who, platform, replace(running_of(platform), collect_every_hours=hours), why=why)
        platform.refresh_from_db()

    choose(owner, 6)
    choose(owner, 24)
    with pytest.raises(NotAllowed, match="looked at every 31 days, and the tier high asks for every day at least"):
        choose(owner, 744, "once a month will do")
    with pytest.raises(UsageError, match="say why that is enough"):
        choose(sponsor, 744)
    assert platform.collect_every_hours == 24
    assert rarely_looked_at(platform, hours_asked()) == ""
    choose(sponsor, 744, "it is read by hand")
    assert AuditEvent.objects.latest("number").why == "it is read by hand"
    told = "looked at every 31 days; its tier, high, asks for every day at least"
    assert rarely_looked_at(platform, hours_asked()) == told
    # What is less rare than before is the owner's again.
    choose(owner, 36)
    assert rarely_looked_at(platform, hours_asked()).startswith("looked at every 36 hours;")
    platform.collect_every_hours = 0
    assert rarely_looked_at(platform, hours_asked()).startswith("never looked at by itself;")
    platform.is_active = False
    assert rarely_looked_at(platform, hours_asked()) == ""


def test_an_owner_puts_no_review_off_by_another_rule_that_is_as_frequent() -> None:
    platform = make_platform(tier="high", next_review_on=date(2026, 6, 2))
    owner = actor(make_person("otto", "platform_owner", platform=platform))
    set_cadence(owner, platform, "FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO")
    assert platform.next_review_on == date(2026, 6, 2)
    set_cadence(owner, platform, "FREQ=MONTHLY;BYMONTHDAY=20")
    assert platform.next_review_on == date(2026, 6, 2)
    platform.next_review_on = date(2026, 8, 2)
    set_cadence(owner, platform, "FREQ=MONTHLY;BYMONTHDAY=21")
    assert platform.next_review_on is None, "what comes sooner than planned is planned anew"


def test_that_less_sensitive_data_is_held_needs_a_reason_is_told_and_legal_is_asked_once_more() -> None:
    platform = make_platform(data_class="restricted", regulations=["GDPR"])
    owner = actor(make_person("otto", "platform_owner", platform=platform))
    lea, sue = make_person("lea", "legal"), make_person("sue", "sponsor")
    less = replace(running_of(platform), data_class=DataClass.PUBLIC, regulations=())
    with pytest.raises(UsageError, match="say why: it holds public data and no longer restricted and GDPR no longer"):
        change_running(owner, platform, less)
    change_running(owner, platform, less, why="the forms were moved")
    told = Message.objects.filter(kind="platform_eased")
    assert {each.person_id for each in told} == {lea.pk, sue.pk}
    review = open_review(owner, platform, "q", because="x")
    (line,) = review.items.filter(key="ask:legal")
    assert "is said to hold no restricted data since 2026-06-01" in line.detail
    assert "is said not to fall under GDPR since 2026-06-01" in line.detail
