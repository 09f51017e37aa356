from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from passmuster.web.own_scheme import OwnScheme


@pytest.mark.parametrize(("is_secure", "told"), [(True, "https"), (False, "http")])
def test_an_address_is_told_as_people_come_by_it_though_tls_ends_before(is_secure: bool, told: str) -> None:
    seen: list[HttpRequest] = []

    def answer(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse()

    with override_settings(SESSION_COOKIE_SECURE=is_secure):
        OwnScheme(answer)(RequestFactory().get("/account/sso/login/callback/", headers={"host": "testserver"}))
    assert seen[0].build_absolute_uri() == f"{told}://testserver/account/sso/login/callback/"
    assert seen[0].is_secure() is is_secure
