from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.utils import timezone

from passmuster.application.access import Action
from passmuster.application.calendar.deadlines import deadlines_until
from passmuster.application.people.tokens import issue_api_token
from passmuster.model.keeping import DutyRole
from passmuster.records.models import (
    Change,
    Collection,
    Deviation,
    Gate,
    Message,
    Person,
    Plan,
    Platform,
    Review,
    ReviewItem,
    TierProposal,
    Vendor,
)
from passmuster.web import navigation, places, trends
from passmuster.web.agenda import dates, waiting
from passmuster.web.agenda.lines import MOST, Lines
from passmuster.web.filters import chosen, counted, one_of, search, values_of
from passmuster.web.navigation import beside_for, navigation_for
from passmuster.web.templatetags.pictures import stacked_bar
from passmuster.web.templatetags.shown import apart_in_words, badge, count, due, words
from tests.browser.organisation import make_organisation
from tests.keeping import NOW, actor, make_person, make_platform
from tests.web.api.house import caller
from tests.web.test_lists import make_findings

TODAY = NOW.date()
with_db = pytest.mark.usefixtures("db")


def make_change(platform: Platform, job: str = "j", **more: object) -> Change:
    return Change.objects.create(platform=platform, job=job, patch="p", title=job, created_at=NOW, **more)


def make_review(platform: Platform, days: int, **more: object) -> Review:
    told = {"status": "open", "occurrence": f"in {days}", "because": "due", "opened_at": NOW} | more
    return Review.objects.create(platform=platform, due_on=TODAY + timedelta(days=days), **told)


def texts(lines: Lines) -> list[str]:
    return [line.text for line in lines.shown]


@with_db
def test_every_way_of_the_navigation_and_every_place_of_a_record_is_served() -> None:
    person = make_person("ada", *[role for role in DutyRole if role not in (DutyRole.AUDITOR, DutyRole.VENDOR_CONTACT)])
    guest = make_person("vic", "vendor_contact", vendor=Vendor.objects.create(name="V", created_at=NOW))
    told = {
        entry.label
        for who in (person, guest)
        for entry in (*navigation_for(actor(who), "/"), *beside_for(actor(who), "/"))
    }
    assert told == {label for label, _, _ in (*navigation._PLACES, *navigation._BESIDE)}
    client = Client()
    client.force_login(person)
    for entry in (*navigation_for(actor(person), "/"), *beside_for(actor(person), "/")):
        assert client.get(entry.path).status_code == 200, entry
    for kind in places._LISTS:
        assert places.list_of(kind), kind
    for kind in places._PAGES:
        assert places.page_of_record(kind, "a-thing" if kind == "platform" else 1), kind


@with_db
def test_what_needs_me_is_what_only_i_can_do_next() -> None:
    platform = make_platform()
    me, other = make_person("ada", "approver"), make_person("bob", "remediation_owner")
    review = make_review(platform, 3)
    for number, assignee in enumerate((me, me, other)):
        ReviewItem.objects.create(review=review, kind="question", key=str(number), title="Q", assignee=assignee)
    told = {"platform": platform, "owner": other, "ends_on": TODAY, "requested_at": NOW, "reason": "r"}
    Deviation.objects.create(control="IAM-01", requested_by=other, **told)
    Deviation.objects.create(control="IAM-02", requested_by=me, **told)
    for job, owner in (("theirs", other), ("mine", me), ("nobody's", None)):
        change = make_change(platform, job, owner=owner, due_at=NOW + timedelta(days=9))
        Gate.objects.create(change=change, kind="approval")
    Message.objects.create(person=me, key="k", kind="x", text="t", created_at=NOW)
    assert set(texts(waiting.needs(actor(me)))) == {
        "2 lines of the review",
        "Decide on the exception from IAM-01",
        "Approve: theirs",
        "Approve: nobody's",
        "Patch: mine",
        "1 unread message",
    }
    assert set(texts(waiting.needs(actor(other)))) == {"1 line of the review", "Patch: theirs"}


@with_db
def test_a_review_is_to_be_signed_once_all_its_steps_are_done_and_by_each_only_once() -> None:
    platform = make_platform()
    me = make_person("ada", "approver", platform=platform)
    review = make_review(platform, 3)
    item = ReviewItem.objects.create(review=review, kind="question", key="1", title="Q")
    assert texts(waiting.needs(actor(me))) == []
    ReviewItem.objects.filter(pk=item.pk).update(status="done")
    assert texts(waiting.needs(actor(me))) == ["Sign the review"]
    review.sign_offs.create(person=me, role="approver", at=NOW)
    assert texts(waiting.needs(actor(me))) == []


@with_db
def test_seals_tiers_plans_and_emergencies_wait_for_those_who_may_and_not_for_whoever_made_them() -> None:
    platform = make_platform()
    anna, otto = make_person("anna", "approver"), make_person("otto", "platform_owner", platform=platform)
    sue = make_person("sue", "sponsor")
    make_review(platform, 3, status="signed")
    TierProposal.objects.create(platform=platform, tier="high", proposed_at=NOW)
    plan = Plan.objects.create(problem={"jobs": [{}]}, plan={}, platforms=[platform.pk], made_at=NOW)
    told = {"is_emergency": True, "emergency_by": otto, "justify_by_at": NOW + timedelta(days=3)}
    change = make_change(platform, "at once", **told)

    def waits(person: Person) -> set[str]:
        return set(texts(waiting.needs(actor(person))))

    adopt, justify = "Adopt the proposed plan, or leave it", "Justify the emergency: at once"
    assert waits(anna) == {"Seal the review", adopt, justify}
    assert waits(otto) == {adopt}
    assert waits(sue) == {"Seal the review", "Decide whether the tier becomes high"}
    Plan.objects.create(problem={"jobs": []}, plan={}, platforms=[platform.pk], made_at=NOW)
    Change.objects.filter(pk=change.pk).update(justified_at=NOW)
    TierProposal.objects.update(decided_at=NOW)
    assert waits(anna) == {"Seal the review"}
    assert waits(otto) == set()
    assert plan.pk


@with_db
def test_late_and_coming_show_only_the_platforms_a_person_may_see_soonest_first() -> None:
    here, elsewhere = make_platform("Here"), make_platform("Elsewhere")
    me = make_person("ada", "reviewer", platform=here)
    for platform in (here, elsewhere):
        make_review(platform, -3)
        make_review(platform, 5)
        make_change(platform, "late", due_at=NOW - timedelta(days=9), status="deployed")
        make_change(platform, "done", due_at=NOW - timedelta(days=9), status="verified")
        make_change(platform, "soon", window_start_at=NOW + timedelta(days=2))
        make_change(platform, "promised", due_at=NOW + timedelta(days=1), window_start_at=NOW - timedelta(days=2))
        make_findings(platform, 3, status="open", due_on=TODAY - timedelta(days=1), seed=platform.pk)
    late, coming = dates.overdue(actor(me)), dates.coming(actor(me))
    assert [(line.text, line.about) for line in late.shown] == [
        ("3 findings past their date", "Here"),
        ("Patch: late", "Here"),
        ("Review", "Here"),
    ]
    assert late.things == 5
    assert [(line.text, line.about) for line in coming.shown] == [
        ("Patch due: promised", "Here"),
        ("Patch window: soon", "Here"),
        ("Review due", "Here"),
    ]


@with_db
def test_looks_that_are_rarer_than_the_tier_asks_are_told_on_every_page_of_the_platform_and_by_the_api() -> None:
    make_platform("Daily", tier="high")
    rare = make_platform("Rare", tier="high", collect_every_hours=744)
    never = make_platform("Never", tier="low", collect_every_hours=0)
    ada = make_person("ada", "auditor")
    client = Client()
    client.force_login(ada)
    rarely = "looked at every 31 days; its tier, high, asks for every day at least"
    not_at_all = "never looked at by itself; its tier, low, asks for every 7 days at least"
    overview = client.get("/").content.decode()
    assert [overview.count(each) for each in (rarely, not_at_all, "asks for every")] == [1, 1, 2]
    assert rarely in client.get(f"/platforms/{rare.slug}/").content.decode()
    assert not_at_all in client.get(f"/platforms/{never.slug}/").content.decode()
    assert "<dt>Looks</dt><dd>every day</dd>" in client.get("/platforms/daily/").content.decode()
    told = {each["name"]: each["rarely"] for each in caller(ada).get("/api/v1/overview").json()["platforms"]}
    assert told == {"Daily": "", "Rare": rarely, "Never": not_at_all}
    assert caller(ada).get(f"/api/v1/platforms/{never.slug}").json()["looks_asked_every_hours"] == 168


@with_db
@pytest.mark.parametrize(
    ("states", "told"),
    [
        ({1: "done", 2: "failed", 3: "failed"}, "could not be looked at since 2026-06-02"),
        ({1: "failed"}, "could not be looked at yet"),
        ({1: "failed", 2: "incomplete"}, ""),
        ({1: "done", 2: "failed", 3: "running"}, "could not be looked at since 2026-06-02"),
    ],
)
def test_a_platform_that_cannot_be_looked_at_says_since_when(states: dict[int, str], told: str) -> None:
    platform = make_platform()
    for day, state in states.items():
        Collection.objects.create(platform=platform, state=state, started_at=NOW + timedelta(days=day))
    client = Client()
    client.force_login(make_person("ada", "auditor"))
    page = client.get("/").content.decode()
    assert ("could not be looked at" in page) is bool(told)
    assert told in page


@with_db
def test_more_than_is_shown_is_counted() -> None:
    platform = make_platform()
    for number in range(20):
        make_change(platform, f"j{number}", due_at=NOW - timedelta(days=number + 1))
    late = dates.overdue(actor(make_person("ada", "auditor")))
    assert (len(late.shown), late.n, late.more) == (MOST, 20, 20 - MOST)
    assert late.shown[0].text == "Patch: j19"


@with_db
def test_patches_are_counted_in_the_month_they_were_due() -> None:
    platform = make_platform()
    due_at = datetime(2026, 4, 10, tzinfo=UTC)
    for job, status, verified in (
        ("a", "verified", -1),
        ("b", "verified", 1),
        ("c", "deployed", None),
        ("d", "cancelled", None),
    ):
        at = None if verified is None else due_at + timedelta(days=verified)
        make_change(platform, job, due_at=due_at, status=status, verified_at=at)
    picture = trends.patching(actor(make_person("ada", "auditor")))
    told = dict(picture.rows)
    assert (len(told), told["2026-04"], told["2026-05"]) == (12, (1, 1, 1), (0, 0, 0))
    assert trends.patching(actor(make_person("eve"))).is_empty


@with_db
def test_each_number_of_the_picture_of_patches_leads_to_just_those_on_page_and_api() -> None:
    platform, ada = make_platform(), make_person("ada", "auditor")
    # The pages' own clock.
    now = timezone.now()
    last = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0) - timedelta(days=20)
    for number, days in enumerate((-1, 1, 1, None, None, None)):
        at = None if days is None else last + timedelta(days=days)
        status = "deployed" if days is None else "regressed" if number == 2 else "verified"
        make_change(platform, f"job {number}", due_at=last, status=status, verified_at=at)
    make_change(platform, "month before", due_at=last - timedelta(days=40), status="verified", verified_at=now)
    make_change(platform, "not yet", due_at=now + timedelta(days=1))
    make_change(platform, "given up", due_at=last, status="cancelled")
    client = Client()
    client.force_login(ada)
    month = f"{last:%Y-%m}"
    picture = trends.patching(actor(ada, now=now))
    (cells,) = (cells for name, cells in picture.cells if name == month)
    assert [cell.value for cell in cells] == [1, 2, 3]
    page = client.get("/").content.decode()
    secret = issue_api_token(actor(ada, now=now), name="t", scopes=[Action.VIEW], expires_at=now + timedelta(days=1))[1]
    for cell in cells:
        assert f'<a href="{cell.link.replace("&", "&amp;")}">{cell.value}</a>' in page
        listed = client.get(cell.link).content.decode()
        assert f"<caption>{cell.value} change" in listed
        assert "not yet" not in listed
        assert "given up" not in listed
        told = Client().get(f"/api/v1{cell.link.replace('/?', '?')}", headers={"Authorization": f"Bearer {secret}"})
        assert len(told.json()["items"]) == cell.value
    trend = Client().get("/api/v1/trends", headers={"Authorization": f"Bearer {secret}"}).json()["patching"]
    at = trend["months"].index(month)
    assert [series["links"][at] for series in trend["series"]] == [cell.link for cell in cells]


@pytest.mark.parametrize("month", ["2026-13", "0000-01", "2026-1", "x"])
@with_db
def test_what_is_no_month_narrows_nothing_on_the_page(month: str) -> None:
    make_change(make_platform(), due_at=NOW)
    client = Client()
    client.force_login(make_person("ada", "auditor"))
    assert "<caption>1 change" in client.get("/changes/", {"due_month": month}).content.decode()


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        (date(2026, 6, 1), "2025-07", "2026-06"),
        (date(2026, 12, 31), "2026-01", "2026-12"),
        (date(2027, 1, 1), "2026-02", "2027-01"),
    ],
)
def test_the_last_twelve_months_end_with_this_one(today: date, first: str, last: str) -> None:
    months = trends.last_months(today)
    assert (months[0], months[-1], len(months)) == (first, last, 12)


def test_a_share_is_of_what_was_answered() -> None:
    assert trends.share_passing({"pass": 3, "fail": 1, "unknown": 50}) == 75
    assert trends.share_passing({"unknown": 50}) is None


@with_db
def test_the_overview_of_a_whole_organisation_escapes_names_and_draws_both_pictures() -> None:
    person = make_organisation()
    client = Client()
    client.force_login(person)
    text = client.get("/").content.decode()
    assert "&lt;script&gt;" in text
    assert "Flows & forms <script>" not in text
    assert len(re.findall("<figure", text)) == 2
    assert "No platform yet" not in text


@with_db
@pytest.mark.parametrize(
    ("duty", "told"),
    [("vendor_contact", "What is asked of you"), (None, "You have no duty yet"), ("administrator", "No platform yet")],
)
def test_an_empty_overview_says_what_to_do(duty: str | None, told: str) -> None:
    client = Client()
    client.force_login(make_person("ada", *([duty] if duty else [])))
    assert told in client.get("/").content.decode()


@with_db
def test_the_navigation_shows_only_what_a_person_may_open() -> None:
    outside = navigation_for(actor(make_person("eve", "vendor_contact")), "/")
    assert "Record" not in [entry.label for entry in outside]
    assert "Platforms" not in [entry.label for entry in outside]
    inside = navigation_for(actor(make_person("ada", "auditor")), "/")
    assert next((entry.label, entry.is_here) for entry in inside) == ("Overview", True)


@with_db
def test_pages_that_went_wrong_speak_plainly() -> None:
    client = Client(raise_request_exception=False)
    client.force_login(make_person("ada", "auditor"))
    assert "Nothing here" in client.get("/nothing/").content.decode()
    assert "Passmuster" in Template("{% include '500.html' %}").render(Context({}))
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(Person.objects.get())
    answer = strict.post("/account/logout/")
    assert (answer.status_code, "The form is too old" in answer.content.decode()) == (403, True)


@pytest.mark.parametrize(
    ("days", "told"), [(0, "today"), (1, "tomorrow"), (-1, "1 day late"), (9, "in 9 days"), (-40, "40 days late")]
)
def test_days_are_told_as_people_count_them(days: int, told: str) -> None:
    assert apart_in_words(days) == told
    assert told in due(TODAY + timedelta(days=days), TODAY)
    assert ("is-late" in due(TODAY + timedelta(days=days), TODAY)) == (days < 0)


def test_words_and_numbers_are_shown_for_reading_and_never_as_markup() -> None:
    assert words("in_progress") == "in progress"
    assert count(1234567) == "1\u202f234\u202f567"
    assert badge("critical") == '<span class="badge is-critical">critical</span>'
    assert "<b>" not in badge("<b>")
    assert badge(None) == ""


def test_a_bar_is_whole_and_shows_even_the_smallest_part() -> None:
    bar = stacked_bar([("critical", 1), ("high", 999_999), ("low", 0)])
    widths = [float(width) for width in re.findall(r'width="([\d.]+)"', bar)]
    assert len(widths) == 2
    assert sum(widths) == pytest.approx(400, abs=0.1)
    assert min(widths) > 1.5
    assert 'aria-label="1 critical, 999999 high"' in bar
    assert 'aria-label="none"' in stacked_bar([("critical", 0)])


@with_db
def test_each_part_of_the_bar_of_findings_leads_to_just_those_and_the_keyboard_stops_once_a_row() -> None:
    platform = make_platform("Plant floor")
    found = Counter(each.severity for each in make_findings(platform, 12, status="open"))
    client = Client()
    client.force_login(make_person("ada", "auditor"))
    row = client.get("/").content.decode().split('<ul class="bars">')[1].split("</ul>")[0]
    links = re.findall(r'<a href="([^"]+)" tabindex="-1" aria-label="([^"]+)"', row)
    where = f"/findings/?platform={platform.pk}"
    worst_first = sorted(found, key=lambda severity: severity.rank)
    assert links == [(f"{where}&amp;severity={word}", f"{found[word]} {word}: Plant floor") for word in worst_first]
    assert f'<a href="{where}" aria-label="12 open findings: Plant floor">12</a>' in row
    assert 'role="group"' in row
    listed = client.get(links[0][0].replace("&amp;", "&")).content.decode()
    assert len(set(re.findall(r'href="(/findings/\d+/)', listed))) == found[worst_first[0]]


def test_a_filter_takes_only_what_can_be_chosen() -> None:
    fields = (search("q", "Search"), one_of("status", "Status", ["open", "closed"]), counted("control", "Control", []))
    told = values_of(chosen(fields, {"q": " x\0 ", "status": "gone", "control": "A", "other": "1"}))
    assert told == {"q": "x"}
    assert values_of(chosen(fields, {"status": "open"})) == {"status": "open"}


def test_a_link_keeps_the_filter_and_forgets_the_page() -> None:
    request = RequestFactory().get("/x/?status=open&after=abc&q=%3Cb%3E")
    shown = Template("{% load shown %}{% with_query severity='high' q='' %}").render(Context({"request": request}))
    assert shown == "?status=open&amp;severity=high"


def test_times_are_told_in_utc() -> None:
    at = datetime(2026, 6, 1, 23, 30, tzinfo=timezone.get_fixed_timezone(-120))
    shown = Template("{% load shown %}{{ at|moment }} {{ at|day }}").render(Context({"at": at}))
    assert 'datetime="2026-06-02T01:30:00Z">2026-06-02 01:30<' in shown
    assert shown.endswith('datetime="2026-06-02">2026-06-02</time>')


@with_db
def test_two_open_reviews_of_one_platform_are_told_apart_by_why_they_are_open() -> None:
    platform = make_platform()
    me = make_person("ada", "reviewer", "approver")
    reasons = {"the quarter", "CVE-2026-1 is exploited"}
    for number, because in enumerate(sorted(reasons)):
        review = make_review(platform, 3, occurrence=str(number), because=because)
        ReviewItem.objects.create(review=review, kind="question", key="1", title="Q", assignee=me)
    lines = [line for line in dates.coming(actor(me)).shown if line.text == "Review due"]
    steps = [line for line in waiting.needs(actor(me)).shown if line.text == "1 line of the review"]
    assert {line.why for line in lines} == {line.why for line in steps} == reasons
    client = Client()
    client.force_login(me)
    page = client.get("/").content.decode()
    told = caller(me).get("/api/v1/overview").json()
    listed = client.get(f"/platforms/{platform.slug}/").content.decode()
    choice = client.get("/evidence/new/").content.decode()
    for because in reasons:
        assert f"{platform.name}: {because}" in page
        assert because in [line["why"] for line in told["needs"]["shown"]]
        assert because in listed
        assert f": {because}</option>" in choice
    late = [each.what for each in deadlines_until(NOW + timedelta(days=9))]
    assert {f"the review ({because})" for because in reasons} <= set(late)
