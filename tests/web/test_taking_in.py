"""A review laid out for an event, opened and taken in more on the pages, and the same by the API."""

from __future__ import annotations

import pytest
from django.test import Client

from passmuster.records.models import Person, Platform, Review, Work
from tests.keeping import make_person, make_platform
from tests.web.api.house import caller
from tests.web.api.test_acting_by_api import post
from tests.web.api.test_reading import API
from tests.working_off import work_off

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def platform() -> Platform:
    make_person("otto", "platform_owner", "remediation_owner")
    return make_platform(tier="low")


@pytest.fixture
def rita(platform: Platform) -> Person:
    return make_person("rita", "reviewer", platform=platform)


def test_a_person_opens_what_an_event_touches_and_takes_more_in_on_its_page(platform: Platform, rita: Person) -> None:
    client = Client()
    client.force_login(rita)
    assert "what an incident of the vendor touches" in client.get("/reviews/").content.decode()
    asked = {"platform": platform.slug, "because": "their mail of Monday", "event": "incident"}
    refused = client.post("/reviews/open", {**asked, "event": "earthquake"}, follow=True)
    assert "choose what the checklist is to hold" in refused.content.decode()
    assert not Work.objects.exists()
    client.post("/reviews/open", asked)
    work_off()
    review = Review.objects.get()
    page = client.get(f"/reviews/{review.pk}/").content.decode()
    assert f"{len(review.left)} topics are left out" in page
    assert "Left out, because an incident of the vendor does not touch it, by the rule of the review policy:" in page
    assert 'name="topic" value="exposure" id="topic-exposure"> <label for="topic-exposure">Exposure ' in page
    lines = review.items.count()
    nothing = client.post(f"/reviews/{review.pk}/take-in", follow=True)
    assert "choose at least one topic" in nothing.content.decode()
    taken = client.post(f"/reviews/{review.pk}/take-in", {"topic": ["exposure"], "why": "it was public"}, follow=True)
    more = review.items.count() - lines
    assert more > 0
    assert f"{more} lines more" in taken.content.decode()
    assert 'value="exposure"' not in taken.content.decode()
    left = {each["topic"]: each["lines"] for each in Review.objects.get().left}
    # Who only reads sees what is left out, and no form.
    reader = Client()
    reader.force_login(make_person("ada", "auditor"))
    read = reader.get(f"/reviews/{review.pk}/").content.decode()
    assert "<li>Patching, " in read
    assert 'name="topic"' not in read
    assert reader.post(f"/reviews/{review.pk}/take-in", {"topic": ["patching"]}).status_code == 403
    lines = review.items.count()
    client.post(f"/reviews/{review.pk}/take-in", {"all": "1"})
    assert review.items.count() == lines + sum(left.values())
    assert "Nothing is left out." in client.get(f"/reviews/{review.pk}/").content.decode()


def test_the_same_by_the_api(platform: Platform, rita: Person) -> None:
    asks = caller(rita)
    path = f"/platforms/{platform.slug}/reviews"
    body = {"occurrence": "release:3.0", "because": "3.0 is out", "event": "release"}
    assert post(asks, path, {**body, "event": "earthquake"}).status_code == 422
    asked = post(asks, path, body)
    assert asked.status_code == 202, asked.content
    work_off()
    path = f"/reviews/{asks.get(asked.json()['address']).json()['result']['review']}"
    scope = asks.get(f"{API}{path}").json()["review"]["scope"]
    assert scope["events"] == ["release"]
    left = {each["topic"]: each["lines"] for each in scope["left"]}
    wrong = post(asks, f"{path}/take-in", {"topics": ["patching", "exposure"]})
    assert (wrong.status_code, "not left out of this review: patching;" in wrong.json()["detail"]) == (422, True)
    assert post(asks, f"{path}/take-in", {"topics": []}).status_code == 422
    told = post(asks, f"{path}/take-in", {"topics": ["exposure"], "why": "it is public"})
    assert told.json() == {"changed": left["exposure"]}, told.content
    after = asks.get(f"{API}{path}").json()["review"]["scope"]
    assert {each["topic"] for each in after["left"]} == left.keys() - {"exposure"}
