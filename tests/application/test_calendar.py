from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest
from django.test import Client
from django.utils import timezone

from passmuster.application.access import Action
from passmuster.application.acting import keeper
from passmuster.application.calendar.calendar import dated_entries
from passmuster.application.calendar.calendar_feed import calendar_feed, push_calendar
from passmuster.application.calendar.wanted import Wanted
from passmuster.application.changes.approving import use_emergency_path
from passmuster.application.changes.changes import cancel_change
from passmuster.application.people.tokens import issue_api_token
from passmuster.application.requests.asking_vendors import Question, ask_vendor, withdraw_request
from passmuster.application.requests.vendor_requests import answer_vendor_request
from passmuster.errors import UsageError
from passmuster.model.dated import DatedKind
from passmuster.model.words import Severity
from passmuster.records.models import (
    Change,
    Deviation,
    Finding,
    Review,
    ReviewItem,
    Vendor,
    VendorRequest,
)
from tests.application.house import BEGIN, House, house
from tests.keeping import actor, make_person, make_platform
from tests.report.radicale_server import PASSWORD, USER, radicale

__all__ = ["house"]


def _wanted(days: float = 60, **more: object) -> Wanted:
    return Wanted(BEGIN, BEGIN + timedelta(days=days), **more)  # type: ignore[arg-type]


def _filled(house: House) -> None:
    house.adopted()
    house.platform.next_review_on = date(2026, 7, 1)
    house.platform.save()
    house.production.freezes = [{"name": "Half-year close", "start": "2026-06-29", "end": "2026-07-02"}]
    house.production.save()
    olga = house.people["olga"]
    Deviation.objects.create(
        platform=house.platform,
        control="PRV-01",
        reason="x",
        owner=olga,
        requested_by=olga,
        status="approved",
        requested_at=BEGIN,
        ends_on=date(2026, 7, 10),
    )


def test_the_reviews_after_the_next_stand_there_too_as_the_cadence_has_them(house: House) -> None:
    house.platform.next_review_on = date(2026, 7, 1)
    house.platform.cadence_rrule = "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1"
    house.platform.time_zone = "Pacific/Auckland"
    house.platform.save()
    found = dated_entries(house.at("audi"), _wanted(370)).entries
    reviews = [entry for entry in found if entry.kind is DatedKind.REVIEW]
    first = date(2026, 7, 1)
    days = [entry.start.date() for entry in reviews]
    assert days[0] == first
    added = house.platform.created_at.month
    assert len(days) == len(set(days)) >= 4
    assert all(day.day == 1 and (day.month - added) % 3 == 0 for day in days[1:])
    assert len({entry.names for entry in reviews}) == len(reviews)


def _events(text: str) -> list[Any]:
    return list(icalendar.Calendar.from_ical(text).walk("VEVENT"))


def test_everything_with_a_date_stands_in_the_calendar(house: House) -> None:
    _filled(house)
    use_emergency_path(house.at("olga", 1), house.change(house.production), why="attackers are in")
    found = dated_entries(house.at("audi"), _wanted()).entries
    by_kind = {kind: [entry for entry in found if entry.kind is kind] for kind in DatedKind}
    assert [entry.start.date() for entry in by_kind[DatedKind.REVIEW]] == [date(2026, 7, 1)]
    assert [entry.start.date() for entry in by_kind[DatedKind.EXPIRY]] == [date(2026, 7, 10)]
    assert len(by_kind[DatedKind.CHANGE]) == 2
    titles = [entry.title for entry in by_kind[DatedKind.DEADLINE]]
    assert titles == ["Due: n8n@2.41.0", "Justify the emergency: n8n@2.41.0"]
    # Nightly at 22:00 in Berlin: 60 nights in two environments, and the ones under way at either end.
    assert 118 <= len(by_kind[DatedKind.WINDOW]) <= 122
    (freeze,) = by_kind[DatedKind.FREEZE]
    # Days are read on the environment's own clock, two hours ahead of UTC, and the last one is frozen too.
    assert (freeze.start.isoformat(), freeze.end and freeze.end.isoformat()) == (
        "2026-06-28T22:00:00+00:00",
        "2026-07-02T22:00:00+00:00",
    )
    Review.objects.create(
        platform=house.platform,
        occurrence="q3",
        because="cadence",
        status="open",
        due_on=date(2026, 7, 1),
        opened_at=BEGIN,
    )
    reviews = [each for each in dated_entries(house.at("audi"), _wanted()).entries if each.kind is DatedKind.REVIEW]
    assert [each.title for each in reviews] == ["Review of Automations is due"]


@pytest.mark.parametrize(
    ("status", "is_due"),
    [
        ("planned", True),
        ("deployed", True),
        ("failed", True),
        ("rolled_back", True),
        ("regressed", True),
        ("verified", False),
        ("cancelled", False),
    ],
)
def test_a_change_keeps_its_deadline_until_it_is_verified(house: House, status: str, is_due: bool) -> None:
    house.adopted()
    Change.objects.update(status=status)
    found = dated_entries(house.at("audi"), _wanted(kinds=frozenset({DatedKind.DEADLINE}))).entries
    assert [entry.title for entry in found] == (["Due: n8n@2.41.0"] if is_due else [])


def _due_heaps(house: House) -> None:
    day = date(2026, 7, 3)
    for number, (due_on, status, severity) in enumerate(
        (
            (day, "open", Severity.LOW),
            (day, "open", Severity.HIGH),
            (day, "in_progress", Severity.LOW),
            (day, "accepted", Severity.CRITICAL),
            (date(2026, 7, 4), "open", Severity.LOW),
            (date(2027, 1, 1), "open", Severity.LOW),
            (None, "open", Severity.LOW),
        )
    ):
        Finding.objects.create(
            platform=house.platform,
            fingerprint=f"f{number}",
            pack="p",
            control="IAM-01",
            title="A finding",
            resource_id=f"r{number}",
            severity=severity,
            severity_rank=severity.rank,
            status=status,
            due_on=due_on,
            first_seen_at=BEGIN,
            last_seen_at=BEGIN,
            age_from=BEGIN,
        )
    told = {"occurrence": "q3", "because": "cadence", "status": "open", "opened_at": BEGIN}
    review = Review.objects.create(platform=house.platform, due_on=date(2026, 7, 20), **told)
    for number, (due_on, status) in enumerate(
        ((day, "open"), (day, "open"), (day, "done"), (date(2026, 7, 20), "open"), (None, "open"))
    ):
        ReviewItem.objects.create(
            review=review, kind="question", key=str(number), title="Q", status=status, due_on=due_on
        )


def test_findings_and_lines_that_fall_due_stand_in_the_calendar_as_heaps_by_their_day(house: House) -> None:
    _due_heaps(house)
    wanted = _wanted(kinds=frozenset({DatedKind.DEADLINE}))
    found = dated_entries(house.at("audi"), wanted).entries
    assert [(entry.start.date(), entry.title, entry.detail, entry.is_all_day) for entry in found] == [
        (date(2026, 7, 3), "2 lines of the review fall due: Automations", "cadence", True),
        (date(2026, 7, 3), "3 findings fall due: Automations", "worst: high", True),
        (date(2026, 7, 4), "1 finding falls due: Automations", "worst: low", True),
    ]
    assert found[1].link == f"/findings/?platform={house.platform.pk}&due=2026-07-03"
    summaries = [str(event["SUMMARY"]) for event in _events(calendar_feed(house.at("audi"), base_url="https://x"))]
    assert {entry.title for entry in found} <= set(summaries)
    stranger = actor(make_person("oskar", "platform_owner", platform=make_platform("Other")), now=BEGIN)
    assert dated_entries(stranger, wanted).entries == ()


def test_days_that_fall_due_stand_on_the_page_and_in_the_api(house: House) -> None:
    _due_heaps(house)
    client = Client()
    client.force_login(house.people["audi"])
    assert "3 findings fall due: Automations" in client.get("/calendar/", {"month": "2026-07"}).content.decode()
    audi = actor(house.people["audi"], now=timezone.now())
    end = audi.now + timedelta(days=1)
    _, secret = issue_api_token(audi, name="t", scopes=[Action.VIEW], expires_at=end)
    asked = {"start": "2026-07-01T00:00:00Z", "end": "2026-07-04T00:00:00Z", "kind": "deadline"}
    told = Client().get("/api/v1/calendar", asked, headers={"authorization": f"Bearer {secret}"}).json()
    assert {each["title"] for each in told["entries"]} >= {"3 findings fall due: Automations"}


def test_nobody_sees_dates_of_platforms_that_are_not_theirs(house: House) -> None:
    _filled(house)
    other = make_platform("Other")
    stranger = actor(make_person("oskar", "platform_owner", platform=other), now=BEGIN)
    contact = actor(make_person("vic", "vendor_contact"), now=BEGIN)
    assert dated_entries(stranger, _wanted()).entries == ()
    assert dated_entries(contact, _wanted()).entries == ()
    assert dated_entries(house.at("audi"), _wanted(platform="other")).entries == ()


def test_a_window_that_cannot_be_read_is_told_and_hides_nothing_else(house: House) -> None:
    _filled(house)
    house.staging.windows = [{"id": "odd", "rrule": "FREQ=SOMETIMES", "starts": "2026-06-15T22:00:00", "minutes": 5}]
    house.staging.save()
    dates = dated_entries(house.at("audi"), _wanted())
    assert len(dates.problems) == 1
    assert "staging" in dates.problems[0]
    assert {entry.kind for entry in dates.entries} >= {DatedKind.CHANGE, DatedKind.WINDOW, DatedKind.FREEZE}


def test_the_feed_is_read_by_another_library_and_names_a_thing_the_same_way_each_time(house: House) -> None:
    _filled(house)
    texts = [calendar_feed(house.at("audi", hours), base_url="https://pm.example.org") for hours in (1, 5)]
    first, second = (_events(text) for text in texts)
    assert [event["UID"] for event in first] == [event["UID"] for event in second]
    assert len({event["UID"] for event in first}) == len(first) > 4
    assert all(later["SEQUENCE"] > event["SEQUENCE"] for event, later in zip(first, second, strict=True))
    review = next(event for event in first if "Review" in event["SUMMARY"])
    assert (review["DTSTART"].dt, review["DTEND"].dt) == (date(2026, 7, 1), date(2026, 7, 2))
    assert "https://pm.example.org/platforms/automations/" in review["DESCRIPTION"]
    change = Change.objects.get(environment=house.production)
    event = next(event for event in first if f"/changes/{change.pk}/" in event["DESCRIPTION"] and "DTEND" in event)
    assert event["DTSTART"].dt == change.window_start_at
    assert not [event for event in first if event["SUMMARY"].startswith("Window")]


def test_a_push_without_an_address_says_which_setting_is_missing(house: House) -> None:
    with pytest.raises(UsageError, match="PASSMUSTER_CALDAV_URL"):
        push_calendar(keeper(BEGIN), base_url="", environ={})


def test_a_calendar_server_holds_the_calendar_and_follows_it(house: House, tmp_path: Path) -> None:
    _filled(house)
    with radicale(tmp_path) as server:
        environ = {
            "PASSMUSTER_CALDAV_URL": server.calendar,
            "PASSMUSTER_CALDAV_USER": USER,
            "PASSMUSTER_CALDAV_PASSWORD": PASSWORD,
        }
        first = push_calendar(keeper(BEGIN), base_url="", environ=environ)
        assert (len(first.added), first.problems) == (len(server.texts()), ())
        again = push_calendar(keeper(BEGIN), base_url="", environ=environ)
        assert (again.added, again.changed, again.unchanged) == ((), (), len(first.added))
        cancel_change(house.at("remi", 1), house.change(house.production), why="not needed")
        later = push_calendar(keeper(BEGIN), base_url="", environ=environ)
        assert (len(later.cancelled), len(later.removed), later.problems) == (1, 1, ())


def test_a_feed_answers_to_its_token_until_it_is_taken_back(house: House) -> None:
    _filled(house)
    client = Client()
    client.force_login(house.people["audi"])
    page = client.post("/calendar/subscriptions/")
    address = page.content.decode().split('feed-address">')[1].split("<")[0]
    path = "/calendar/feed/" + address.rpartition("/")[2]
    stranger = Client()
    answer = stranger.get(path + "?kinds=all")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    assert stranger.get("/calendar/feed/pmf_nothing.ics").status_code == 404
    # The address is shown once.
    assert "feed-address" not in client.get("/calendar/subscriptions/").content.decode()
    feed = house.people["audi"].feed_tokens.get()
    other = Client()
    other.force_login(house.people["olga"])
    assert other.post(f"/calendar/subscriptions/{feed.pk}/revoke/").status_code == 404
    client.post(f"/calendar/subscriptions/{feed.pk}/revoke/")
    assert stranger.get(path).status_code == 404
    assert path.rpartition("/")[2] not in repr(house.people["audi"].feed_tokens.values())


def test_what_vendors_owe_stands_in_the_calendar_of_whoever_sees_the_request(house: House) -> None:
    acme, rival = (Vendor.objects.create(name=name, created_at=BEGIN) for name in ("Acme", "Rival"))
    vera, oleg = (
        actor(make_person(name, "vendor_contact", vendor=vendor), now=BEGIN)
        for name, vendor in (("vic", acme), ("oleg", rival))
    )
    rita = house.at("rita")
    for vendor, platform, day in ((acme, house.platform, 20), (rival, None, 21), (acme, house.platform, None)):
        due_on = date(2026, 6, day) if day else None
        ask_vendor(rita, Question(vendor, f"Report {day}", platform=platform, due_on=due_on))
    taken = ask_vendor(rita, Question(acme, "No longer", platform=house.platform, due_on=date(2026, 6, 22)))
    withdraw_request(rita, taken, why="found it")
    stranger = actor(make_person("oskar", "platform_owner", platform=make_platform("Other")), now=BEGIN)
    here = actor(make_person("hanna", "reviewer", platform=house.platform), now=BEGIN)
    theirs = [(date(2026, 6, 20), "Acme owes an answer: Report 20")]
    everywhere = [*theirs, (date(2026, 6, 21), "Rival owes an answer: Report 21")]
    for who, more, seen in (
        (house.at("audi"), {}, everywhere),
        (house.at("audi"), {"platform": house.platform.slug}, theirs),
        (here, {}, theirs),
        (stranger, {}, []),
        (vera, {}, [(date(2026, 6, 20), "Your answer is due: Report 20")]),
        (oleg, {}, [(date(2026, 6, 21), "Your answer is due: Report 21")]),
    ):
        found = dated_entries(who, _wanted(**more)).entries
        assert [(each.start.date(), each.title) for each in found if each.names[0] == "vendor_request"] == seen
    assert dated_entries(vera, _wanted()).entries[0].link.startswith("/asked/#item-")
    told = [str(event["SUMMARY"]) for event in _events(calendar_feed(here, base_url="https://pm.example.org"))]
    assert "Acme owes an answer: Report 20" in told
    answer_vendor_request(vera, VendorRequest.objects.get(title="Report 20"), "Here.")
    titles = [each.title for each in dated_entries(here, _wanted()).entries]
    assert "Accept or send back what Acme answered: Report 20" in titles
