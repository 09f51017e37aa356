"""A vendor contact's calendar: what is asked of the vendor and its dates, on page, feed and API, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from passmuster.application.acting import actor_of
from passmuster.application.people.tokens import issue_feed_token, revoke_feed_token
from passmuster.application.requests.asking_vendors import Question, ask_vendor
from passmuster.application.requests.vendor_requests import answer_vendor_request
from passmuster.records import models
from tests.keeping import actor, make_person, make_platform
from tests.stories.keeper.other_peoples_records import WORD, make_records
from tests.web.api.house import caller

pytestmark = pytest.mark.usefixtures("db")
Face = Callable[[models.Person], str]


@pytest.fixture
def guests() -> dict[str, models.Person]:
    """Two vendors with a platform each, something of every kind on both, and three requests."""
    now = timezone.now()
    otto = make_person(f"{WORD} otto", "platform_owner", "remediation_owner")
    by = actor(otto, now=now)
    made = {}
    for first, name in (("vera", "Acme"), ("oleg", "Rival")):
        vendor = models.Vendor.objects.create(name=name, created_at=now)
        platform = make_platform(f"{name} Flows", vendor=vendor, next_review_on=now.date() + timedelta(days=3))
        nightly = {"id": f"{WORD} night", "rrule": "FREQ=DAILY", "minutes": 60, "starts": f"{now:%Y-%m-%d}T22:00:00"}
        make_records(platform, otto)
        platform.environments.update(windows=[nightly])
        make_platform(f"{WORD} of {name}", vendor=vendor, next_review_on=now.date() + timedelta(days=3))
        made[first] = make_person(first, "vendor_contact", vendor=vendor)
        models.ApiToken.objects.create(
            person=made[first], name=f"{WORD} token", prefix="x", digest=first, scopes=[], created_at=now,
            expires_at=now + timedelta(days=2),
        )  # fmt: skip
        for title, days in ((f"Report of {name}", 5), (f"Contract of {name}", 7)):
            due = now.date() + timedelta(days=days)
            ask_vendor(by, Question(vendor, title, f"explained to {name}", platform=platform, due_on=due))
    contract = models.VendorRequest.objects.get(title="Contract of Acme")
    answer_vendor_request(actor(made["vera"], now=now), contract, "Signed by Acme.")
    return made


def _client(person: models.Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def _page(view: str) -> Face:
    def read(person: models.Person) -> str:
        here = timezone.now().date()
        pages = (here, (here.replace(day=1) + timedelta(days=32)))
        kinds = "&".join(f"kind={each}" for each in ("review", "change", "deadline", "freeze", "window", "expiry"))
        texts = []
        for month in pages:
            answer = _client(person).get(f"/asked-calendar/?view={view}&month={month:%Y-%m}&{kinds}")
            assert answer.status_code == 200
            # A page's tokens are letters at random, in which a short name may happen to stand.
            texts.append(re.sub(r"\b[A-Za-z0-9]{64}\b", "", answer.content.decode()))
        return "".join(texts)

    return read


def _feed(person: models.Person) -> str:
    _, text = issue_feed_token(actor_of(person, by="page", now=timezone.now()))
    answer = Client().get(f"/calendar/feed/{text}.ics?kinds=all")
    assert answer.status_code == 200
    return answer.content.decode().replace("\r\n ", "").replace("\\,", ",")


def _api(person: models.Person) -> str:
    answer = caller(person).get("/api/v1/asked-calendar")
    assert answer.status_code == 200
    return answer.content.decode()


FACES: dict[str, Face] = {
    **{view: _page(view) for view in ("month", "timeline", "list")},
    "feed": _feed,
    "api": _api,
}


@pytest.mark.parametrize("name", list(FACES))
def test_a_guest_reads_the_dates_of_what_is_asked_of_their_vendor_and_nothing_else(
    guests: dict[str, models.Person], name: str
) -> None:
    texts = {first: FACES[name](person) for first, person in guests.items()}
    assert "Your answer is due: Report of Acme" in texts["vera"]
    assert "Due, and answered: Contract of Acme" in texts["vera"]
    assert "Your answer is due: Contract of Rival" in texts["oleg"]
    for first, others in (("vera", "Rival"), ("oleg", "Acme")):
        for secret in (others, WORD, WORD.lower(), "explained to", "Review of", "Token ends", "otto", "Window:"):
            assert secret not in texts[first], (first, secret)


def test_what_was_answered_stands_on_its_day_and_what_was_sent_back_says_why(guests: dict[str, models.Person]) -> None:
    asked = models.VendorRequest.objects.get(title="Report of Acme")
    models.VendorRequest.objects.filter(pk=asked.pk).update(decision="of last year, please")
    early = timezone.now() - timedelta(days=1)
    told = caller(guests["vera"]).get("/api/v1/asked-calendar", {"start": early.isoformat()}).json()["entries"]
    assert [(each["title"], each["detail"], each["where"], each["is_all_day"]) for each in told] == [
        ("Answered: Contract of Acme", "Signed by Acme.", "Acme Flows", False),
        ("Your answer is due: Report of Acme", "Sent back: of last year, please", "Acme Flows", True),
        ("Due, and answered: Contract of Acme", "", "Acme Flows", True),
    ]
    assert told[1]["link"] == f"/asked/#item-{asked.pk}"
    models.VendorRequest.objects.update(status="withdrawn")
    assert caller(guests["vera"]).get("/api/v1/asked-calendar").json()["entries"] == []


def test_no_other_calendar_opens_to_a_guest_and_theirs_to_nobody_else(guests: dict[str, models.Person]) -> None:
    vera, rita = guests["vera"], make_person("rita", "reviewer", "administrator")
    for path in ("/calendar/", "/calendar/subscriptions/"):
        assert _client(vera).get(path).status_code == 403
    assert caller(vera).get("/api/v1/calendar").status_code == 403
    assert _client(rita).get("/asked-calendar/").status_code == 403
    assert caller(rita).get("/api/v1/asked-calendar").status_code == 403
    links = _client(vera).get("/asked/").content.decode()
    assert 'href="/asked-calendar/"' in links
    assert 'href="/calendar/"' not in links
    assert 'href="/asked-calendar/"' not in _client(rita).get("/calendar/").content.decode()


def test_a_platform_that_is_named_tells_no_more_than_one_that_is_not_there(guests: dict[str, models.Person]) -> None:
    asks = caller(guests["vera"])
    found = [
        asks.get("/api/v1/asked-calendar", {"platform": slug}).json()
        for slug in ("rival-flows", f"{WORD.lower()}-of-acme", "nowhere")
    ]
    assert found == [{"entries": [], "problems": []}] * 3
    assert len(asks.get("/api/v1/asked-calendar", {"platform": "acme-flows"}).json()["entries"]) == 2


def test_a_feed_ends_when_it_is_taken_back_and_when_the_guest_goes(guests: dict[str, models.Person]) -> None:
    by = actor_of(guests["vera"], by="page", now=timezone.now())
    (token, text), (_, other) = issue_feed_token(by), issue_feed_token(by)
    revoke_feed_token(by, token)
    assert Client().get(f"/calendar/feed/{text}.ics").status_code == 404
    models.Person.objects.filter(pk=guests["vera"].pk).update(is_active=False)
    assert Client().get(f"/calendar/feed/{other}.ics").status_code == 404
