from __future__ import annotations

import re
import time
from datetime import UTC, datetime

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.core.cache.backends import db as cache_in_database
from django.db import connection
from django.test import Client, TestCase
from django.utils import timezone

from passmuster.application.people.people import add_person, deactivate_person, remove_second_factors, told_duties
from passmuster.application.people.signing_in import has_second_factor, sign_in_link
from passmuster.application.working.scheduling import slot_of
from passmuster.records.models import AuditEvent, Duty, Person
from tests.keeping import NOW, actor, make_person

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def _no_counts_of_other_tests(db: object) -> None:
    cache.clear()


def _sign_in(client: Client, email: str, password: str) -> object:
    return client.post("/account/login/", {"login": email, "password": password})


def _code(secret: str, *, later: int = 0) -> str:
    """What the app shows now, or so many half minutes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + later))


def _set_up_app(client: Client) -> str:
    page = client.get("/account/2fa/totp/activate/")
    assert page.status_code == 200
    secret = page.context["form"].secret
    done = client.post("/account/2fa/totp/activate/", {"code": _code(secret)})
    assert done.status_code == 302
    return secret


def test_whoever_signs_in_by_password_sets_up_a_second_factor_before_anything_else() -> None:
    ada = make_person("ada", "administrator")
    client = Client()
    assert _sign_in(client, ada.email, "correct horse ada").status_code == 302
    for path in ("/", "/settings/people/", "/me/"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (302, "/account/2fa/")
    assert client.post("/me/tokens", {"name": "x"}).status_code == 403
    assert client.get("/api/v1/anything").status_code == 403
    page = client.get("/account/2fa/").content.decode()
    assert "Set up one of these before you go on" in page

    with TestCase.captureOnCommitCallbacks(execute=True):
        _set_up_app(client)
    assert client.get("/").status_code == 200
    assert has_second_factor(ada)
    steps = list(AuditEvent.objects.order_by("number").values_list("action", flat=True))
    assert steps[:1] == ["sign_in"]
    assert "totp_activated" in steps


def test_later_the_password_alone_opens_nothing_and_a_code_counts_once() -> None:
    ada = make_person("ada", "administrator")
    client = Client()
    _sign_in(client, ada.email, "correct horse ada")
    secret = _set_up_app(client)
    kept = Authenticator.objects.get(user=ada, type="totp").data["secret"]
    assert secret not in kept, "the secret stands in the database as it is"

    cache.clear()  # the code of setting up is used already
    again = Client()
    answer = _sign_in(again, ada.email, "correct horse ada")
    assert answer.headers["location"] == "/account/2fa/authenticate/"
    assert again.get("/").status_code == 302
    assert again.post("/account/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert again.get("/").headers["location"].startswith("/account/login/")
    code = _code(secret)
    assert again.post("/account/2fa/authenticate/", {"code": code}).status_code == 302
    assert again.get("/").status_code == 200

    thief = Client()
    _sign_in(thief, ada.email, "correct horse ada")
    for spelled in (code, f"{code[:3]} {code[3:]}"):
        assert thief.post("/account/2fa/authenticate/", {"code": spelled}).status_code == 200
        assert thief.get("/").status_code == 302


@pytest.mark.parametrize(("half_minutes", "is_let_in"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_counts_half_a_minute_before_and_after_it_is_shown_and_once_in_all_that_time(
    half_minutes: int, is_let_in: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = make_person("ada", "administrator")
    _sign_in(setting_up := Client(), ada.email, "correct horse ada")
    secret = _set_up_app(setting_up)
    now = (time.time() // 30 + 100) * 30
    monkeypatch.setattr(time, "time", lambda: now)
    monkeypatch.setattr(cache_in_database, "tz_now", lambda: datetime.fromtimestamp(now, UTC))
    code = _code(secret, later=half_minutes)
    _sign_in(client := Client(), ada.email, "correct horse ada")
    assert (client.post("/account/2fa/authenticate/", {"code": code}).status_code == 302) is is_let_in
    # By now the library has forgotten that it was used.
    now += 31
    _sign_in(again := Client(), ada.email, "correct horse ada")
    is_in_time_now = half_minutes == 2
    assert (again.post("/account/2fa/authenticate/", {"code": code}).status_code == 302) is is_in_time_now


def test_wrong_passwords_lock_out_even_the_right_one_for_everybody_who_shares_the_cache() -> None:
    ada = make_person("ada", "reviewer")
    for _ in range(5):
        answer = _sign_in(Client(), ada.email, "wrong")
        assert b"Too many" not in answer.content
    answer = _sign_in(Client(), ada.email, "correct horse ada")
    assert answer.status_code == 200
    assert b"Too many failed login attempts" in answer.content
    # The count is in the database, so that another process knows it too.
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM passmuster_cache")
        assert cursor.fetchone()[0] > 0


def test_a_one_time_link_sets_the_password_once() -> None:
    admin = actor(make_person("ada", "administrator"))
    person = add_person(admin, email="Otto@Example.org", name="Otto")
    link = sign_in_link(admin, person)
    assert link.startswith("http://127.0.0.1:8460/account/password/reset/key/")
    path = link.removeprefix("http://127.0.0.1:8460")
    client = Client()
    page = client.get(path, follow=True)
    assert b"Set your password" in page.content
    target = page.redirect_chain[-1][0]
    assert client.post(target, {"password1": "short", "password2": "short"}).status_code == 200
    words = "a long enough sentence"
    assert client.post(target, {"password1": words, "password2": words}).status_code == 302
    person.refresh_from_db()
    assert person.check_password(words)
    assert b"does not work any more" in Client().get(path, follow=True).content
    assert _sign_in(Client(), "otto@example.org", words).status_code == 302
    assert AuditEvent.objects.filter(action="set_password", actor="otto@example.org").count() == 1
    assert words not in str(list(AuditEvent.objects.values()))


def test_a_new_link_ends_the_one_before_and_a_deactivated_person_gets_none() -> None:
    admin = actor(make_person("ada", "administrator"))
    person = add_person(admin, email="otto@example.org", name="Otto")
    first = sign_in_link(admin, person).removeprefix("http://127.0.0.1:8460")
    second = sign_in_link(admin, person).removeprefix("http://127.0.0.1:8460")
    assert b"does not work any more" in Client().get(first, follow=True).content
    assert b"does not work any more" not in Client().get(second, follow=True).content
    deactivate_person(admin, person)
    assert b"does not work any more" in Client().get(second, follow=True).content


def test_sessions_end_with_the_person_and_do_not_come_back_with_them() -> None:
    admin = make_person("ada", "administrator")
    otto = make_person("otto", "reviewer")
    client = Client()
    client.force_login(otto)
    assert client.get("/").status_code == 200
    deactivate_person(actor(admin), otto)
    assert client.get("/").headers["location"].startswith("/account/login/")
    Person.objects.filter(pk=otto.pk).update(is_active=True)
    assert client.get("/").headers["location"].startswith("/account/login/")


def test_a_deactivated_person_is_told_so_and_does_not_get_in() -> None:
    otto = make_person("otto", "reviewer", is_active=False)
    client = Client()
    answer = client.post("/account/login/", {"login": otto.email, "password": "correct horse otto"}, follow=True)
    assert b"You are shut out" in answer.content
    assert client.get("/").status_code == 302


def test_what_a_group_gave_does_not_hold_for_who_comes_by_password() -> None:
    otto = make_person("otto", "reviewer")
    Duty.objects.create(person=otto, role="approver", from_group="approvers", created_at=NOW)
    _sign_in(Client(), otto.email, "correct horse otto")
    assert told_duties(otto) == ["reviewer"]


def test_nobody_signs_up_or_changes_their_address_or_ties_accounts() -> None:
    client = Client()
    for path in ("signup", "password/reset", "email", "3rdparty", "3rdparty/signup", "password/set"):
        for answer in (client.get(f"/account/{path}/"), client.post(f"/account/{path}/", {"email": "a@example.org"})):
            assert answer.status_code == 200
            assert b"Ask an administrator" in answer.content
    assert not Person.objects.exists()


def test_a_lost_phone_is_taken_off_the_account_with_a_reason() -> None:
    admin, otto = make_person("ada", "administrator"), make_person("otto", "reviewer")
    client = Client()
    _sign_in(client, otto.email, "correct horse otto")
    _set_up_app(client)
    remove_second_factors(actor(admin), otto, why="seen in person")
    assert not has_second_factor(otto)
    assert client.get("/").headers["location"] == "/account/2fa/"


def test_pages_of_signing_in_hold_no_script_or_style_of_their_own() -> None:
    ada = make_person("ada", "administrator")
    client = Client()
    pages = [client.get("/account/login/")]
    _sign_in(client, ada.email, "correct horse ada")
    pages += [client.get(f"/account/2fa/{path}") for path in ("", "totp/activate/", "webauthn/add/")]
    _set_up_app(client)
    pages += [client.get(f"/account/{path}") for path in ("2fa/recovery-codes/", "2fa/webauthn/", "password/change/")]
    pages += [client.get("/account/logout/"), client.get("/me/")]
    for page in pages:
        assert page.status_code == 200, page.request["PATH_INFO"]
        text = page.content.decode()
        inline = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", text)
        assert not inline, page.request["PATH_INFO"]
        assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", text), page.request["PATH_INFO"]
        assert text.count("<h1") == 1, page.request["PATH_INFO"]


def test_what_is_refused_stands_in_the_record_without_what_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    # Refusals are counted by the quarter of an hour; all this is within the one that goes on.
    quarter = slot_of(timezone.now(), 15)
    monkeypatch.setattr(timezone, "now", lambda: quarter)
    ada = make_person("ada", "administrator")
    client = Client()
    _sign_in(client, ada.email, "correct horse ada")
    with TestCase.captureOnCommitCallbacks(execute=True):
        _set_up_app(client)
    assert client.post("/account/logout/").status_code == 302
    cache.clear()
    other = Client()
    _sign_in(other, "hunter9@example.org", "x")
    _sign_in(other, ada.email, "hunter2 hunter2")
    _sign_in(other, ada.email, "correct horse ada")
    other.post("/account/2fa/authenticate/", {"code": "123123"})
    for _ in range(6):
        _sign_in(Client(), ada.email, "hunter3 hunter3")
    told = list(AuditEvent.objects.order_by("number").values_list("action", flat=True))
    assert told == [
        "sign_in",
        "totp_activated",
        "sign_out",
        "sign_in_failed",
        "sign_in_failed",
        "second_factor_refused",
        "sign_in_locked_out",
    ]
    accounts = AuditEvent.objects.filter(action="sign_in_failed").order_by("number")
    assert [event.after["account"] for event in accounts] == ["nobody", ada.email]
    kept = "".join(str(row) for row in AuditEvent.objects.values_list("before", "after", "why", "actor", "subject_id"))
    for typed in ("hunter", "123123", "correct horse"):
        assert typed not in kept
    assert "127.0.0.0/24" in kept
