"""No page and no list of the API asks the database more often because there is more to show."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from passmuster.records.models import Change, Collection, Deviation, Environment, Person, ReviewItem, Vendor
from tests.browser.addresses import page_addresses
from tests.keeping import make_person, make_platform
from tests.web.api.house import caller, furnish

# A row more of a kind that was not there before may cost its own query; twelve platforms more may not.
_MORE = 12
_SLACK = 3


def _furnish(names: list[str], owner: Person) -> None:
    """Platforms with everything of today: late and coming, failed and in force, under way and owned."""
    now = timezone.now()
    for name in names:
        made = furnish(make_platform(name, vendor=Vendor.objects.create(name=name, created_at=now)), owner)
        on = {"platform": made["platform"]}
        Change.objects.filter(pk=made["change"].pk).update(
            owner=owner,
            due_at=now,
            window_start_at=now,
            window_end_at=now,
            job=f"j/{name}",
            environment=made["environment"],
        )
        nightly = {"id": "night", "rrule": "FREQ=WEEKLY;BYDAY=SU", "starts": "2026-06-15T22:00:00", "minutes": 120}
        Environment.objects.filter(pk=made["environment"].pk).update(windows=[nightly])
        ReviewItem.objects.create(
            review=made["review"], kind="evidence", key="e", title="t", assignee=owner, due_on=now.date()
        )
        asked = {"owner": owner, "requested_by": owner, "requested_at": now, "reason": "r", "control": "IAM-01"}
        granted = {"status": "approved", "decided_by": owner, "decided_at": now, "first_granted_at": now}
        Deviation.objects.create(**on, **asked, **granted, ends_on=now.date() + timedelta(days=5))
        Collection.objects.create(**on, state="failed", started_at=now, error="it does not answer")


def _lists(api: Client) -> Iterator[str]:
    paths = json.loads(api.get("/api/v1/openapi.json").content)["paths"]
    yield from (path for path, methods in paths.items() if "get" in methods and "{" not in path)


def _counted(client: Client, path: str) -> int | None:
    """How many queries it takes; None where it answers nothing."""
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(path)
        # What is sent piece by piece asks meanwhile.
        _ = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return len(asked) if answer.status_code == 200 else None


@pytest.mark.usefixtures("db")
def test_no_page_and_no_list_asks_more_often_where_there_is_more_to_show() -> None:
    roles = ("administrator", "reviewer", "approver", "platform_owner", "sponsor", "remediation_owner", "legal")
    ada = make_person("ada", *roles)
    _furnish(["one", "two"], ada)
    pages, program = Client(), caller(ada)
    pages.force_login(ada)
    asked = [(pages, path) for path in dict(page_addresses()).values()]
    asked += [(program, path) for path in _lists(program)]
    before = {path: _counted(client, path) for client, path in asked}
    _furnish([f"more {number}" for number in range(_MORE)], ada)
    # What ended meanwhile is settled by whoever comes first.
    pages.get("/deviations/")
    after = {path: _counted(client, path) for client, path in asked}
    grown = {
        path: (fewer, more)
        for path, fewer in before.items()
        if fewer is not None and (more := after[path]) is not None and more > fewer + _SLACK
    }
    assert grown == {}
    assert sum(count is not None for count in after.values()) > 60
