"""Signing in with a passkey, in a real Chromium with a virtual authenticator, under the pages' own strict policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client

from tests.browser.chromium import IS_DRAWN, axe, driver, hold_cookies, wait_until
from tests.browser.serving import served
from tests.browser.test_report_page import violations
from tests.keeping import make_person

__all__ = ["axe", "driver"]

pytestmark = pytest.mark.browser


@pytest.fixture
def address(durable_db: object) -> Iterator[str]:
    cache.clear()
    # A passkey is bound to a name; a bare number would have none.
    with served("localhost") as found:
        yield found


def _fill(driver: Any, **fields: str) -> None:
    for name, text in fields.items():
        driver.find_element("name", name).send_keys(text)


def _press(driver: Any, words: str) -> None:
    driver.find_element("xpath", f"//main//*[self::button or self::a][contains(normalize-space(), '{words}')]").click()


def _wait(driver: Any, path: str) -> None:
    def is_there() -> bool:
        return driver.current_url.partition("?")[0].endswith(path) and bool(driver.execute_script(IS_DRAWN))

    wait_until(is_there, f"{path} did not come")


def test_a_passkey_is_added_and_opens_without_a_password(driver: Any, axe: str, address: str) -> None:
    from selenium.webdriver.common.virtual_authenticator import VirtualAuthenticatorOptions  # noqa: PLC0415

    ada = make_person("ada", "administrator")
    driver.set_window_size(1280, 900)
    driver.add_virtual_authenticator(
        VirtualAuthenticatorOptions(
            transport="internal", has_resident_key=True, has_user_verification=True, is_user_verified=True
        )
    )
    driver.get(f"{address}/account/login/")
    driver.get_log("browser")
    assert violations(driver, axe) == []
    _fill(driver, login=ada.email, password="correct horse ada")
    _press(driver, "Sign in")
    _wait(driver, "/account/2fa/")
    assert violations(driver, axe) == []
    _press(driver, "Add a passkey")
    _wait(driver, "/account/2fa/webauthn/add/")
    assert violations(driver, axe) == []
    _fill(driver, name="Laptop")
    passwordless = driver.find_element("name", "passwordless")
    if not passwordless.is_selected():
        passwordless.click()
    driver.find_element("id", "mfa_webauthn_add").click()
    _wait(driver, "/account/2fa/recovery-codes/")
    assert violations(driver, axe) == []
    assert Authenticator.objects.filter(user=ada, type="webauthn").count() == 1
    driver.get(f"{address}/")
    assert driver.find_element("tag name", "h1").text == "Overview"

    driver.delete_all_cookies()
    driver.get(f"{address}/account/login/")
    driver.find_element("id", "passkey_login").click()
    _wait(driver, f"{address}/")
    assert driver.find_element("tag name", "h1").text == "Overview"
    refused = [entry for entry in driver.get_log("browser") if "Content Security Policy" in entry["message"]]
    assert refused == []


@pytest.mark.parametrize(
    "path",
    ["/me/", "/settings/", "/settings/people/", "/settings/platforms/", "/settings/access/", "/settings/groups/"],
)
def test_axe_finds_nothing_wrong_with_the_pages_of_settings(driver: Any, axe: str, address: str, path: str) -> None:
    client = Client()
    client.force_login(make_person("ada", "administrator"))
    hold_cookies(driver, address, {"session": client.cookies["session"].value})
    driver.get(f"{address}{path}")
    driver.execute_script("for (const part of document.querySelectorAll('details')) part.open = true;")
    assert violations(driver, axe) == []
