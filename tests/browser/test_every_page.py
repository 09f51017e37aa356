"""Every page of a keeper at work, in a real Chromium: light, dark and on a phone.

Which pages there are is read from the list of addresses, so a new one is looked at without being named here.
PASSMUSTER_SCREENSHOTS names a folder for a picture of each. Looked for on each: axe's complaints, the browser's
complaints, sideways scrolling, one head and a title, a focus that shows, words that are the code's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.core.cache import cache
from django.test import Client, override_settings
from selenium.webdriver.common.virtual_authenticator import VirtualAuthenticatorOptions

from passmuster.application.acting import actor_of
from passmuster.application.example.year import live_a_year
from passmuster.application.people.signing_in import sign_in_link
from passmuster.controls.catalogue import shipped_folder
from passmuster.model.keeping import DutyRole
from passmuster.records.models import Person
from tests.browser.addresses import account_addresses, page_addresses, what_answers
from tests.browser.chromium import IS_DRAWN, axe, driver, hold_cookies, wait_until
from tests.browser.looking import Eyes, picture_folder
from tests.browser.organisation import make_organisation
from tests.browser.serving import served
from tests.browser.states import STATES
from tests.keeping import empty_keeper, make_person

__all__ = ["axe", "driver"]

pytestmark = pytest.mark.browser
# Whoever sees the most and may do the most; what a guest sees is looked at apart.
_ALL_DUTIES = [role for role in DutyRole if role not in (DutyRole.AUDITOR, DutyRole.VENDOR_CONTACT)]


@pytest.fixture(scope="module")
def house(keeper_process: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    """The example's year, and beside it names that would break a careless page."""
    cache.clear()
    scratch = tmp_path_factory.mktemp("year")
    live_a_year(shipped_folder("examples"), scratch, datetime.now(UTC), lambda _text: None)
    make_organisation()
    yield make_person("zoe", *_ALL_DUTIES)
    empty_keeper()


@pytest.fixture(scope="module")
def address(house: Person) -> Iterator[str]:
    with override_settings(ROOT_URLCONF="tests.browser.states"), served("localhost") as found:
        yield found


@pytest.fixture
def eyes(driver: Any, axe: str) -> Eyes:
    return Eyes(driver, axe, picture_folder())


def _enter(driver: Any, address: str, person: Person) -> Client:
    """Sign in beside the browser, and hand it the session."""
    client = Client()
    client.force_login(person)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    hold_cookies(driver, address, {cookie.key: cookie.value})
    return client


def _name(name: str, path: str, taken: list[str]) -> str:
    n = sum(each.partition(".")[0] == name for each in taken)
    return name if not n else f"{name}.{n + 1}"


def test_every_page_of_a_keeper_at_work_is_fit_to_be_seen(eyes: Eyes, house: Person, address: str) -> None:
    client = _enter(eyes.driver, address, house)
    for name, path in page_addresses():
        answers = what_answers(client, path)
        if answers == "page":
            # A page of the same kind was looked at whole already.
            again = _name(name, path, eyes.seen)
            eyes.at(address + path, again, is_whole=again == name)
        elif answers not in ("file", "form only"):
            eyes.tell(path, [answers])
    assert {"overview", "findings", "finding", "review", "plan", "change", "calendar", "keyboard"} <= set(eyes.seen)
    assert not eyes.wrong, "\n".join(eyes.wrong)


@pytest.mark.parametrize("who", ["guest", "nobody"])
def test_whoever_has_no_duty_inside_sees_pages_that_are_fit(eyes: Eyes, house: Person, address: str, who: str) -> None:
    guest = Person.objects.get(email="vic@example.org")
    person = guest if who == "guest" else make_person("nora")
    _enter(eyes.driver, address, person)
    eyes.at(f"{address}/", f"overview-{who}")
    eyes.at(f"{address}/me/", f"my_account-{who}")
    if who == "guest":
        eyes.at(f"{address}/asked/", "asked")
        eyes.at(f"{address}/asked-calendar/", "asked_calendar")
        eyes.at(f"{address}/asked-calendar/?view=timeline", "asked_calendar.2")
        asked = guest.vendor.requests.filter(status="open")[0]
        eyes.at(f"{address}/asked/{asked.pk}/file/", "asked_hand_in")
    eyes.driver.get(f"{address}/findings/")
    eyes.here(f"refused-{who}", status=403)
    assert not eyes.wrong, "\n".join(eyes.wrong)


def test_what_goes_wrong_is_told_on_pages_that_are_fit(eyes: Eyes, house: Person, address: str) -> None:
    _enter(eyes.driver, address, house)
    for path, name, status in (
        ("/nothing-here", "not-found", 404),
        ("/findings/?after=nonsense", "broken-cursor", 400),
        ("/account/broken", "something-broke", 500),
        *((f"/account/state/{name}", name, status) for name, (_, status, _) in STATES.items()),
    ):
        eyes.driver.get(address + path)
        eyes.here(name, status=status)
    eyes.driver.delete_all_cookies()
    eyes.driver.get(f"{address}/nothing-here")
    eyes.here("not-found-signed-out", status=404)
    assert not eyes.wrong, "\n".join(eyes.wrong)


def _fill(driver: Any, **fields: str) -> None:
    for name, text in fields.items():
        driver.find_element("name", name).send_keys(text)


def _press(driver: Any, words: str, path: str) -> None:
    driver.find_element("xpath", f"//main//*[self::button or self::a][contains(normalize-space(), '{words}')]").click()
    _arrive(driver, path)


def _arrive(driver: Any, path: str) -> None:
    def is_there() -> bool:
        return driver.current_url.partition("?")[0].endswith(path) and bool(driver.execute_script(IS_DRAWN))

    wait_until(is_there, f"{path} does not come")


def test_every_page_of_signing_in_is_fit_to_be_seen(eyes: Eyes, house: Person, address: str) -> None:
    driver, ivy = eyes.driver, make_person("ivy", "auditor")
    EmailAddress.objects.create(user=ivy, email=ivy.email, verified=True, primary=True)
    hold_cookies(driver, address, {})
    _signed_out(eyes, house, ivy, address)

    driver.get(f"{address}/account/login/")
    _fill(driver, login=ivy.email, password="correct horse ivy")
    _press(driver, "Sign in", "/account/2fa/")
    eyes.here("mfa_index.without")
    driver.add_virtual_authenticator(
        VirtualAuthenticatorOptions(
            transport="internal", has_resident_key=True, has_user_verification=True, is_user_verified=True
        )
    )
    for name in ("mfa_activate_totp", "mfa_list_webauthn", "mfa_add_webauthn"):
        eyes.at(f"{address}/account/2fa/{_PATHS[name]}", name)
    _fill(driver, name="Laptop")
    driver.find_element("id", "mfa_webauthn_add").click()
    _arrive(driver, "/recovery-codes/")
    eyes.here("mfa_view_recovery_codes")
    TOTP.activate(ivy, generate_totp_secret())
    key = ivy.authenticator_set.get(type="webauthn").pk
    for name in ("mfa_index", "mfa_list_webauthn.one", "mfa_deactivate_totp", "mfa_generate_recovery_codes"):
        eyes.at(f"{address}/account/2fa/{_PATHS[name.partition('.')[0]]}", name)
    for name, path in (
        ("mfa_edit_webauthn", f"2fa/webauthn/keys/{key}/edit/"),
        ("mfa_remove_webauthn", f"2fa/webauthn/keys/{key}/remove/"),
        ("account_change_password", "password/change/"),
        ("account_reauthenticate", "reauthenticate/"),
        ("mfa_reauthenticate", "2fa/reauthenticate/"),
        ("mfa_reauthenticate_webauthn", "2fa/webauthn/reauthenticate/"),
        ("account_logout", "logout/"),
    ):
        eyes.at(f"{address}/account/{path}", name)
    eyes.at(f"{address}/me/", "my_account")

    driver.delete_all_cookies()
    driver.get(f"{address}/account/login/")
    _fill(driver, login=ivy.email, password="correct horse ivy")
    _press(driver, "Sign in", "/account/2fa/authenticate/")
    eyes.here("mfa_authenticate")
    _fill(driver, code="000000")
    driver.find_element("css selector", "main form button").click()
    eyes.here("mfa_authenticate.wrong")
    _nothing_else_is_there(eyes, ivy)
    assert not eyes.wrong, "\n".join(eyes.wrong)


_PATHS = {
    "mfa_index": "",
    "mfa_activate_totp": "totp/activate/",
    "mfa_deactivate_totp": "totp/deactivate/",
    "mfa_list_webauthn": "webauthn/",
    "mfa_add_webauthn": "webauthn/add/",
    "mfa_generate_recovery_codes": "recovery-codes/generate/",
}


def _nothing_else_is_there(eyes: Eyes, person: Person) -> None:
    """Whatever else the library offers is shut: it answers with no page, or with whom to ask."""
    inside = Client()
    inside.force_login(person)
    seen = {name.partition(".")[0] for name in eyes.seen}
    for name, path in account_addresses():
        for client in (Client(), inside) if name not in seen else ():
            is_page = what_answers(client, path) == "page"
            if is_page and b"<h1>Ask an administrator</h1>" not in client.get(path).content:
                eyes.tell(path, ["was not looked at"])


def _signed_out(eyes: Eyes, host: Person, ivy: Person, address: str) -> None:
    driver = eyes.driver
    eyes.at(f"{address}/account/login/", "account_login")
    _fill(driver, login="nobody@example.org", password="wrong and wrong again")
    _press(driver, "Sign in", "/account/login/")
    eyes.here("account_login.wrong")
    for name, path in (
        ("ask-an-administrator", "signup/"),
        ("account_inactive", "inactive/"),
        ("socialaccount_login_cancelled", "3rdparty/login/cancelled/"),
    ):
        eyes.at(f"{address}/account/{path}", name)
    driver.get(f"{address}/account/3rdparty/login/error/")
    eyes.here("socialaccount_login_error", status=401)
    now = datetime.now(UTC)
    link = sign_in_link(actor_of(host, by="page", now=now), ivy)
    eyes.at(link.replace(settings.BASE_URL, address), "account_reset_password_from_key")
    eyes.at(f"{address}/account/password/reset/key/1-nonsense/", "account_reset_password_from_key.over")
    eyes.at(f"{address}/account/password/reset/key/done/", "account_reset_password_from_key_done")
