from __future__ import annotations

import pytest
from django.test import Client

from passmuster.application.access import Action
from passmuster.records.models import Evidence
from tests.keeping import make_person
from tests.web.api.house import caller, make_house

pytestmark = pytest.mark.usefixtures("db")
API = "/api/v1"


@pytest.mark.parametrize(
    "path", [f"{API}/platforms", f"{API}/evidence/FILE/file", f"{API}/owners/export", "/platforms/", "/evidence/"]
)
def test_head_answers_as_get_does_without_the_body(path: str) -> None:
    make_house()
    asks = caller(make_person("ada", "auditor"))
    asks.force_login(make_person("bob", "auditor"))
    here = path.replace("FILE", str(Evidence.objects.order_by("pk")[0].pk))
    got, told = asks.get(here), asks.head(here)
    assert (got.status_code, told.status_code, told.getvalue()) == (200, 200, b"")
    assert got.getvalue()
    for name in ("Content-Type", "Content-Disposition", "Cache-Control"):
        assert told.headers.get(name) == got.headers.get(name)
    # A page has values of its own each time it is made.
    if path.startswith(API):
        assert told.headers["Content-Length"] == got.headers["Content-Length"]


@pytest.mark.parametrize(
    ("headers", "path", "status"),
    [
        ({}, f"{API}/platforms", 401),
        ({"authorization": "Bearer pmt_nonsense"}, f"{API}/platforms", 401),
        ({}, f"{API}/owners/export", 401),
        ({}, f"{API}/nothing", 404),
    ],
)
def test_head_tells_strangers_no_more_than_get_does(headers: dict[str, str], path: str, status: int) -> None:
    got, told = Client(headers=headers).get(path), Client(headers=headers).head(path)
    assert (got.status_code, told.status_code, told.content) == (status, status, b"")
    assert told.headers["Content-Type"] == "application/problem+json"
    assert told.headers["Content-Length"] == str(len(got.content))
    assert told.headers.get("WWW-Authenticate") == got.headers.get("WWW-Authenticate")


def test_head_needs_the_right_that_get_needs_and_a_path_that_has_get() -> None:
    asks = caller(make_person("ada", "administrator", "auditor"), Action.VIEW)
    assert (asks.head(f"{API}/people").status_code, asks.head(f"{API}/platforms").status_code) == (403, 200)
    refused = asks.head(f"{API}/reviews/1/sign")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")
    assert set(asks.patch(f"{API}/platforms").headers["Allow"].split(", ")) >= {"GET", "HEAD"}
