"""Sign-in through a real OpenID provider (oidc-provider on loopback, by node)."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.core.cache import cache
from django.test import Client, override_settings
from django.utils import timezone

from passmuster.application.people.duties import Held
from passmuster.application.people.groups import map_group
from passmuster.application.people.people import add_person, change_duties, deactivate_person, told_duties
from passmuster.application.working.scheduling import slot_of
from passmuster.errors import UsageError
from passmuster.model.keeping import DutyRole
from passmuster.records.models import AuditEvent, Person
from passmuster.records.signing_in import oidc_apps
from tests.free_port import free_port
from tests.keeping import actor, make_person, make_platform

pytestmark = pytest.mark.usefixtures("db")

_HERE = Path(__file__).parent / "identity_provider"
_CALLBACK = "http://127.0.0.1/account/oidc/sso/login/callback/"


def _provider_folder() -> Path:
    """Where `npm install` put the provider; PASSMUSTER_OIDC_PROVIDER names another folder."""
    folder = Path(os.environ.get("PASSMUSTER_OIDC_PROVIDER") or _HERE)
    if shutil.which("node") and (folder / "node_modules" / "oidc-provider").is_dir():
        return folder
    pytest.skip(f"no identity provider: run `npm install` in {_HERE.relative_to(Path.cwd())}")


@pytest.fixture(scope="module")
def people_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("people") / "people.json"


@pytest.fixture(scope="module")
def issuer(people_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("provider")
    (folder / "node_modules").symlink_to(_provider_folder() / "node_modules")
    shutil.copy(_HERE / "provider.mjs", folder)
    people_file.write_text("{}", encoding="utf-8")
    port = free_port()
    command = ["node", str(folder / "provider.mjs"), str(port), _CALLBACK, str(people_file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running:
        assert running.stdout is not None
        assert any("ready" in line for line in running.stdout)
        yield f"http://127.0.0.1:{port}"
        running.terminate()


@pytest.fixture
def _configured(issuer: str) -> Iterator[None]:
    cache.clear()
    with override_settings(SOCIALACCOUNT_PROVIDERS={"openid_connect": {"APPS": oidc_apps(_environ(issuer))}}):
        yield


def _environ(issuer: str) -> dict[str, str]:
    return {
        "PASSMUSTER_OIDC_ISSUER": issuer,
        "PASSMUSTER_OIDC_CLIENT_ID": "passmuster",
        "PASSMUSTER_OIDC_CLIENT_SECRET": "a secret of the tests",
        "PASSMUSTER_OIDC_SCOPES": "openid profile email groups",
        "PASSMUSTER_OIDC_NAME": "Example ID",
    }


def _sign_in(client: Client, people_file: Path, login: str, *, process: str = "login", **claims: Any) -> Any:
    """What the page says after the person went to the provider and came back."""
    people_file.write_text(json.dumps({login: claims}), encoding="utf-8")
    start = client.get(f"/account/oidc/sso/login/?process={process}", SERVER_NAME="127.0.0.1")
    assert start.status_code == 302
    with httpx.Client(timeout=120) as browser:
        answer = browser.get(start.headers["location"])
        for _ in range(10):
            while answer.is_redirect:
                target = urljoin(str(answer.url), answer.headers["location"])
                if target.startswith(_CALLBACK):
                    return client.get(target.removeprefix("http://127.0.0.1"), SERVER_NAME="127.0.0.1")
                answer = browser.get(target)
            assert answer.status_code == 200, answer.text
            form = re.search(r'<form[^>]+action="([^"]+)"', answer.text)
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
            assert form, answer.text
            assert prompt, answer.text
            told = {"prompt": prompt[1], "login": login, "password": "any"}
            answer = browser.post(urljoin(str(answer.url), form[1]), data=told)
    raise AssertionError("the provider never sent the person back")


@pytest.mark.usefixtures("_configured")
def test_a_known_person_gets_in_by_their_verified_address_and_needs_no_factor_here(people_file: Path) -> None:
    admin = actor(make_person("ada", "administrator"))
    otto = add_person(admin, email="otto@example.org", name="Otto")
    client = Client()
    assert b"Sign in with Example ID" in client.get("/account/login/").content
    answer = _sign_in(client, people_file, "o-17", email="Otto@example.org", email_verified=True, name="O")
    assert (answer.status_code, answer.headers["location"]) == (302, "/")
    assert client.get("/").status_code == 200
    assert AuditEvent.objects.filter(action="sign_in", actor=otto.email).exists()
    assert client.get("/account/2fa/webauthn/add/").status_code == 403, "a passkey would outlive the provider's no"
    assert not SocialToken.objects.exists()

    # The provider's own name for them counts from now on, whatever the address is.
    again = Client()
    answer = _sign_in(again, people_file, "o-17", email="o.tto@example.org", email_verified=True)
    assert answer.headers["location"] == "/"
    assert SocialAccount.objects.get().user == otto
    assert set(EmailAddress.objects.filter(user=otto).values_list("email", flat=True)) == {"otto@example.org"}


@pytest.mark.usefixtures("_configured")
def test_a_stranger_and_an_unverified_address_are_told_what_to_do(
    people_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Refusals are counted by the quarter of an hour; all this is within the one that goes on.
    quarter = slot_of(timezone.now(), 15)
    monkeypatch.setattr(timezone, "now", lambda: quarter)
    admin = actor(make_person("ada", "administrator"))
    add_person(admin, email="otto@example.org", name="Otto")
    client = Client()
    answer = _sign_in(client, people_file, "x", email="eve@example.net", email_verified=True)
    assert answer.status_code == 403
    assert b"eve@example.net" in answer.content
    assert b"Ask an administrator" in answer.content
    answer = _sign_in(client, people_file, "y", email="otto@example.org", email_verified=False)
    assert answer.status_code == 403
    assert b"did not say that it verified" in answer.content
    answer = _sign_in(client, people_file, "z", groups=["security"])
    assert b"told no mail address" in answer.content
    assert client.get("/").status_code == 302
    assert Person.objects.count() == 2
    assert not SocialAccount.objects.exists()
    told = AuditEvent.objects.get(action="single_sign_on_refused")
    assert "example.net" not in str((told.after, told.actor, told.why))


@pytest.mark.usefixtures("_configured")
def test_groups_become_duties_and_go_with_the_group_at_the_next_sign_in(people_file: Path) -> None:
    admin = actor(make_person("ada", "administrator"))
    platform = make_platform("Flows")
    otto = add_person(admin, email="otto@example.org", name="Otto")
    map_group(admin, "reviewers", DutyRole.REVIEWER)
    map_group(admin, "flow-owners", DutyRole.PLATFORM_OWNER, platform)
    claims = {"email": "otto@example.org", "email_verified": True}

    client = Client()
    _sign_in(client, people_file, "o", groups=["reviewers", "flow-owners", "unheard-of"], **claims)
    assert told_duties(otto) == ["platform_owner on flows by group flow-owners", "reviewer by group reviewers"]
    assert client.get("/settings/platforms/flows/").status_code == 200

    _sign_in(Client(), people_file, "o", groups=["flow-owners"], **claims)
    assert told_duties(otto) == ["platform_owner on flows by group flow-owners"]
    _sign_in(Client(), people_file, "o", **claims)
    assert told_duties(otto) == []
    assert client.get("/settings/platforms/flows/").status_code == 403
    changes = AuditEvent.objects.filter(action="change_duties", by="single sign-on")
    assert changes.count() == 3


@pytest.mark.usefixtures("_configured")
def test_a_group_gives_no_guest_or_auditor_more_than_they_are(people_file: Path) -> None:
    admin = actor(make_person("ada", "administrator"))
    otto = add_person(admin, email="otto@example.org", name="Otto")
    for group, role in (("a", DutyRole.AUDITOR), ("b", DutyRole.APPROVER), ("c", DutyRole.VENDOR_CONTACT)):
        map_group(admin, group, role)
    claims = {"email": "otto@example.org", "email_verified": True}
    _sign_in(Client(), people_file, "o", groups=["a", "b", "c"], **claims)
    assert told_duties(otto) == ["auditor by group a"]
    with pytest.raises(UsageError, match="an auditor reads all"):
        change_duties(admin, otto, [Held(DutyRole.REVIEWER)])


@pytest.mark.usefixtures("_configured")
def test_a_deactivated_person_does_not_get_in_by_the_provider_either(people_file: Path) -> None:
    admin = actor(make_person("ada", "administrator"))
    otto = add_person(admin, email="otto@example.org", name="Otto")
    deactivate_person(admin, otto)
    map_group(admin, "reviewers", DutyRole.REVIEWER)
    client = Client()
    _sign_in(client, people_file, "o", email="otto@example.org", email_verified=True, groups=["reviewers"])
    assert client.get("/").status_code == 302
    assert told_duties(otto) == []
    assert AuditEvent.objects.filter(action="sign_in_of_shut_out", subject_id=str(otto.pk)).count() == 1


@pytest.mark.usefixtures("_configured")
def test_nobody_ties_another_account_to_the_one_they_are_signed_in_with(people_file: Path) -> None:
    client = Client()
    client.force_login(make_person("ada", "administrator"))
    answer = _sign_in(client, people_file, "x", process="connect", email="eve@example.net", email_verified=True)
    assert answer.status_code == 403
    assert not SocialAccount.objects.exists()


def test_what_is_missing_in_the_settings_is_told_at_once() -> None:
    with pytest.raises(UsageError, match=r"CLIENT_ID is not set; neither .*SECRET.*; .*https://"):
        oidc_apps({"PASSMUSTER_OIDC_ISSUER": "http://id.example.org"})
    assert oidc_apps({}) == []
