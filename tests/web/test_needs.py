from __future__ import annotations

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from passmuster.application.access import Action
from tests.keeping import make_person

# Pages without a person: signing in and out is the library's, health tells nothing.
_OPEN = {"health"}


def _views(patterns: list[URLPattern | URLResolver], prefix: str = "") -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for each in patterns:
        path = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            found += [] if path.startswith("account/") else _views(each.url_patterns, path)
        else:
            found.append((path, each.callback))
    return found


def test_every_page_of_ours_says_which_right_it_needs() -> None:
    undeclared = [
        path
        for path, view in _views(get_resolver().url_patterns)
        if path not in _OPEN
        and not path.startswith(("api/", "^account/"))
        and {type(each) for each in getattr(view, "needs", {}).values()} != {Action}
    ]
    assert undeclared == []


@pytest.mark.usefixtures("db")
def test_a_stranger_is_sent_to_sign_in_and_strict_headers_stand_on_every_answer() -> None:
    response = Client().get("/")
    assert response.status_code == 302
    assert response.headers["location"].startswith("/account/login/")
    for path in ("/account/login/", "/nothing", "/health"):
        headers = Client().get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"
        assert headers["cache-control"] == "no-store"


@pytest.mark.usefixtures("db")
def test_somebody_with_a_duty_gets_in() -> None:
    client = Client()
    client.force_login(make_person("ada", "auditor"))
    assert client.get("/").status_code == 200
