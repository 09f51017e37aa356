"""What can be chosen on a list's page can be chosen by its route, and both count alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from passmuster.records.models import Change, Person
from tests.keeping import make_person
from tests.web.api.house import caller, make_finding, make_house

pytestmark = pytest.mark.usefixtures("db")

# Of each page its route, and for each filter of the page the parameters that choose the same.
CHOSEN_BY: Mapping[str, tuple[str, Mapping[str, tuple[str, ...]]]] = {
    "findings": (
        "/findings",
        {
            **{name: (name,) for name in ("platform", "severity", "control")},
            "status": ("status", "is_open"),
            "owner": ("owner", "is_owned"),
            "late": ("late_on",),
            "due": ("due_from", "due_by"),
        },
    ),
    "changes": (
        "/changes",
        {
            **{name: (name,) for name in ("platform", "verified", "due_month")},
            "status": ("status", "is_finished"),
            "owner": ("owner", "is_owned"),
            "late": ("is_late",),
        },
    ),
    "vulnerabilities": (
        "/vulnerabilities",
        {**{name: (name,) for name in ("platform", "severity", "find")}, "exploited": ("is_exploited",)},
    ),
    "reviews": ("/reviews", {"status": ("status",), "who": ("waits_for", "waits_for_nobody")}),
    "review": (
        "/reviews/{pk}/items",
        {
            **{name: (name,) for name in ("kind", "status", "severity", "outcome")},
            "who": ("assignee", "is_assigned"),
        },
    ),
    "deviations": ("/deviations", {"status": ("status",)}),
    "evidence": ("/evidence", {"q": ("find",), **{name: (name,) for name in ("kind", "state", "platform")}}),
    "record": (
        "/record",
        {
            **{name: (name,) for name in ("who", "action", "platform", "since", "until")},
            "kind": ("subject_kind",),
            "id": ("subject_id",),
        },
    ),
    "vendor_requests": ("/vendor-requests", {"status": ("status",)}),
    "calendar": ("/calendar", {"kind": ("kind",), "platform": ("platform",), "month": ("start", "end")}),
}


class Filter(HTMLParser):
    """The names of the fields of a page's filter."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self._is_in = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._is_in = given.get("class") == "filter"
        elif self._is_in and tag in ("input", "select") and (name := given.get("name")):
            self.names.add(name)


def _everybody() -> Person:
    return make_person("ada", "platform_owner", "reviewer", "approver", "remediation_owner", "administrator")


def _client(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_whatever_a_page_lets_one_choose_its_route_does_too() -> None:
    house = make_house()["ours"]
    client = _client(_everybody())
    routes = json.loads(client.get("/api/v1/openapi.json").content)["paths"]
    for name, (route, chosen) in CHOSEN_BY.items():
        path = reverse(name, kwargs={"pk": house["review"].pk} if name == "review" else {})
        seen = Filter()
        seen.feed(client.get(path).content.decode())
        # How a page is laid out is no choice of rows.
        assert seen.names - {"view"} == set(chosen), name
        known = {each["name"] for each in routes[f"/api/v1{route}"]["get"]["parameters"]}
        assert {each for named in chosen.values() for each in named} <= known, name


def test_the_overview_and_its_route_tell_the_same_numbers() -> None:
    house = make_house()
    person = _everybody()
    make_finding(house["ours"]["platform"], "two", rank=0, owner=person)
    past = timezone.now() - timedelta(days=1)
    Change.objects.filter(pk=house["ours"]["change"].pk).update(due_at=past)
    page = _client(person).get("/").context
    told = caller(person).get("/api/v1/overview").json()
    for name in ("open_findings", "open_reviews", "open_changes", "late_changes", "passing", "severities"):
        assert told[name] == page[name], name
    assert (told["open_findings"], told["open_reviews"], told["open_changes"], told["late_changes"]) == (3, 2, 2, 1)
    for name in ("needs", "overdue", "coming"):
        assert [line["text"] for line in told[name]["shown"]] == [line.text for line in page[name].shown]
        assert (told[name]["n"], told[name]["things"]) == (page[name].n, page[name].things)
    lines = {line.name: (line.counts, line.total, line.passing) for line in page["platforms"]}
    assert {each["name"]: (each["counts"], each["total"], each["passing"]) for each in told["platforms"]} == lines


@pytest.mark.parametrize(
    ("page", "api"),
    [
        ("", {}),
        ("status=any", {"status": "any"}),
        ("severity=critical", {"severity": "critical"}),
        ("owner=me", {"owner": "me"}),
        ("owner=none", {"owner": "none"}),
        ("late=1", {"is_late": True}),
        ("due=soon&owner=me", {"is_due_soon": True, "owner": "me"}),
        ("control=IAM-02&late=1", {"control": "IAM-02", "is_late": True}),
        ("platform=OURS&status=closed", {"platform": "ours", "status": "closed"}),
    ],
)
def test_the_list_of_findings_and_the_summary_count_the_same(page: str, api: dict[str, Any]) -> None:
    house = make_house()
    ours, person, today = house["ours"]["platform"], _everybody(), timezone.now().date()
    make_finding(ours, "two", rank=0, owner=person, due_on=today + timedelta(days=3))
    make_finding(ours, "three", rank=0, due_on=today - timedelta(days=3), control="IAM-02")
    make_finding(ours, "four", owner=person, status="closed")
    shown = _client(person).get(f"/findings/?{page.replace('OURS', str(ours.pk))}").context
    asks = caller(person)
    told = asks.get("/api/v1/finding-summary", api).json()
    assert told["total"] == shown["total"]
    fields = {field.name: field for field in shown["fields"]}
    for name in ("severity", "status", "control"):
        counted = [(each.value, each.n) for each in fields[name].choices if each.value != "any"]
        assert [(each["value"], each["n"]) for each in told[name]] == counted
    assert [each["n"] for each in told["platform"]] == [each.n for each in fields["platform"].choices]
    assert {each["value"] for each in told["platform"]} <= {"ours", "theirs"}


def test_counts_are_narrowed_by_owner_severity_and_day() -> None:
    house = make_house()
    ours, person, today = house["ours"]["platform"], _everybody(), timezone.now().date()
    make_finding(ours, "two", rank=0, owner=person, due_on=today)
    make_finding(ours, "three", rank=0, due_on=today - timedelta(days=3))
    asks = caller(person)

    def n(route: str, **asked: Any) -> int:
        return sum(each["n"] for each in asks.get(f"/api/v1/{route}", asked).json()["items"])

    assert n("finding-counts") == 4
    assert n("finding-counts", severity="critical") == 2
    assert n("finding-counts", owner=person.pk) == 1
    assert n("finding-counts", is_owned=False, platform="ours") == 2
    assert n("finding-counts", control="IAM-09") == 0
    assert n("finding-due-counts") == 2
    assert n("finding-due-counts", late_on=str(today)) == 1
    assert n("finding-due-counts", due_from=str(today), due_by=str(today + timedelta(days=14))) == 1
    assert n("finding-due-counts", is_owned=False) == 1


def test_what_is_not_seen_is_not_counted() -> None:
    house = make_house()
    asks = caller(make_person("here", "reviewer", platform=house["ours"]["platform"]))
    assert asks.get("/api/v1/finding-summary").json()["total"] == 1
    assert asks.get("/api/v1/finding-summary", {"platform": "theirs"}).json()["total"] == 0
    assert {each["platform"] for each in asks.get("/api/v1/finding-due-counts").json()["items"]} <= {"ours"}
    assert asks.get("/api/v1/change-counts").json()["statuses"]["planned"] == 1


def test_the_page_of_patches_and_the_counts_of_changes_tell_the_same() -> None:
    house = make_house()
    person = _everybody()
    past = timezone.now() - timedelta(days=1)
    Change.objects.filter(pk=house["theirs"]["change"].pk).update(due_at=past, status="deployed")
    page = _client(person).get("/patches/").context
    told = caller(person).get("/api/v1/change-counts").json()
    assert {value: n for value, _, n in page["counts"]} == {
        name: told["statuses"][name] for name in ("planned", "approved", "deployed")
    }
    assert told["late"] == page["overdue"] == 1
    for asked, n in (({"is_late": True}, 1), ({"is_finished": False}, 2), ({"is_finished": True}, 0)):
        assert len(caller(person).get("/api/v1/changes", asked).json()["items"]) == n
    findings = {"is_open": False}
    assert caller(person).get("/api/v1/findings", findings).json()["items"] == []
