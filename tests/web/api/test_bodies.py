"""Bodies that are none: refused in words, with the status that tells a program what to mend."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.keeping import make_person
from tests.web.api.house import caller

API = "/api/v1"
JSON = "application/json"


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    ("body", "kind", "status", "words"),
    [
        (b'{"name": ', JSON, 400, "the body: is not JSON: line 1, column 10"),
        (b'{"name": "\xff"}', JSON, 400, "the body: byte 10 is not utf-8"),
        (b"[" * 100_000, JSON, 400, "the body: nests deeper than 100 levels"),
        (b'{"name": NaN}', JSON, 400, "NaN is not a JSON number"),
        (b'{"name": %s}' % (b"9" * 10_000), JSON, 400, "more digits"),
        (b'{"name": "x"}', "text/plain", 415, "the body is text/plain; send JSON"),
        (b"name=x", "application/x-www-form-urlencoded", 415, "send JSON, with Content-Type: application/json"),
        (b'{"name": "%s"}' % (b"x" * 6_000_000), JSON, 413, "larger than is taken"),
    ],
)
def test_a_body_that_is_no_json_is_refused_with_its_place(body: bytes, kind: str, status: int, words: str) -> None:
    answer = caller(make_person("ada", "administrator")).generic("POST", f"{API}/vendors", body, content_type=kind)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert words in answer.json()["detail"]


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("boundary", ["", "; boundary=", "; boundary=\xe9"])
def test_a_form_without_its_boundary_is_no_fault_of_ours(boundary: str) -> None:
    kind = f"multipart/form-data{boundary}"
    answer = caller(make_person("ada", "reviewer")).generic("POST", f"{API}/evidence", b"zz", content_type=kind)
    assert answer.status_code == 400
    assert "the form is malformed" in answer.json()["detail"]


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("path", ["/api/", "/api/v1", "/api/v1/", "/api/v2/findings"])
def test_what_is_no_path_of_the_api_is_told_as_a_problem(path: str) -> None:
    answer = Client().get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json"), answer.headers
