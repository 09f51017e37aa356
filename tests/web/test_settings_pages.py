from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from passmuster.application.access import Action
from passmuster.application.people.groups import map_group
from passmuster.application.people.people import told_duties
from passmuster.application.people.tokens import actor_by_api_token, actor_by_feed_token
from passmuster.model.keeping import DutyRole
from passmuster.records.models import Environment, Ownership, Person, Platform, TierProposal, Vendor
from passmuster.web.time_forms import FREEZE_KINDS, WINDOW_KINDS
from tests.keeping import NOW, actor, make_person, make_platform

pytestmark = pytest.mark.usefixtures("db")


def _client(name: str, *duties: str, **more: object) -> Client:
    client = Client()
    client.force_login(make_person(name, *duties, **more))
    return client


def _told(client: Client, path: str, data: dict[str, object]) -> str:
    """The message on the page that follows."""
    return [str(message) for message in client.post(path, data, follow=True).context["messages"]][-1]


def test_an_administrator_adds_somebody_and_sees_the_link_once() -> None:
    client = _client("ada", "administrator")
    page = client.post(
        "/settings/people/add", {"email": "otto@example.org", "name": "Otto", "role": "reviewer", "platform": ""}
    ).content.decode()
    assert "/account/password/reset/key/" in page
    otto = Person.objects.get(email="otto@example.org")
    assert told_duties(otto) == ["reviewer"]
    assert "/account/password/reset/key/" not in client.get(f"/settings/people/{otto.pk}/").content.decode()
    flows = make_platform("Flows")
    kept = {"keep": ["reviewer:"], "role": "approver", "platform": str(flows.pk), "why": "stands in"}
    assert _told(client, f"/settings/people/{otto.pk}/duties", kept) == "The duties are saved."
    assert told_duties(otto) == ["approver on flows", "reviewer"]
    for bad in ({"keep": ["reviewer:x"]}, {"keep": ["king:"]}, {"role": "approver", "platform": "x"}):
        assert _told(client, f"/settings/people/{otto.pk}/duties", bad) == "choose from the list"
    assert told_duties(otto) == ["approver on flows", "reviewer"]
    told = _told(client, f"/settings/people/{otto.pk}/switch", {"step": "deactivate", "why": "left"})
    assert told == "Done."
    assert not Person.objects.get(pk=otto.pk).is_active
    ada = Person.objects.get(email="ada@example.org")
    told = _told(client, f"/settings/people/{ada.pk}/switch", {"step": "deactivate", "why": "x"})
    assert told == "this is the last administrator; make somebody else one first"


def test_the_page_of_people_tells_who_has_a_password_and_no_second_factor() -> None:
    client = _client("ada", "administrator")
    make_person("otto", "reviewer")
    page = client.get("/settings/people/").content.decode()
    assert page.count("no second factor") == 2


def test_a_name_of_a_person_is_text_and_never_markup() -> None:
    client = _client("ada", "administrator")
    evil = "<script>alert(1)</script>"
    client.post("/settings/people/add", {"email": "e@example.org", "name": evil, "role": "reviewer"})
    for path in ("/settings/people/", f"/settings/people/{Person.objects.get(name=evil).pk}/"):
        page = client.get(path).content.decode()
        assert evil not in page
        assert "&lt;script&gt;" in page


def test_tokens_are_made_shown_once_and_ended_on_ones_own_page() -> None:
    client = _client("otto", "reviewer")
    page = client.post("/me/tokens", {"name": "script", "days": "30", "scopes": ["view", "nonsense"]}).content.decode()
    text = re.search(r'value="(pmt_[^"]+)"', page)
    assert text
    who = actor_by_api_token(text[1], NOW)
    assert who is not None
    assert who.scopes == {Action.VIEW}
    mine = client.get("/me/").content.decode()
    assert text[1] not in mine
    assert text[1][:12] in mine
    page = client.post("/me/calendar").content.decode()
    feed = re.search(r"/calendar/feed/(pmf_[^\"]+)\.ics", page)
    assert feed
    assert actor_by_feed_token(feed[1], NOW) is not None
    pk = Person.objects.get().api_tokens.get().pk
    other = _client("eve", "reviewer")
    assert other.post(f"/me/tokens/{pk}/revoke").status_code == 404
    client.post(f"/me/tokens/{pk}/revoke")
    assert actor_by_api_token(text[1], NOW) is None


def test_a_platform_is_added_and_set_up_through_its_pages() -> None:
    client = _client("ada", "administrator")
    fields = {
        "name": "Flows",
        "kind": "n8n",
        "tier": "low",
        "url": "https://n8n.example.org",
        "credentials": "N8N_API_KEY=env:PASSMUSTER_CREDENTIAL_N8N",
    }
    answer = client.post("/settings/new-platform/", {**fields, "credentials": "N8N_API_KEY=hunter2"})
    assert answer.status_code == 422
    assert "never kept" in str(next(iter(answer.context["messages"])))
    assert client.post("/settings/new-platform/", fields).headers["location"] == "/settings/platforms/flows/"
    platform = Platform.objects.get()
    assert platform.credentials == {"N8N_API_KEY": "env:PASSMUSTER_CREDENTIAL_N8N"}
    page = client.get("/settings/platforms/flows/").content.decode()
    assert "N8N_API_KEY=env:PASSMUSTER_CREDENTIAL_N8N" in page

    place = "/settings/platforms/flows"
    running = {
        "data_class": "confidential",
        "regulations": "GDPR\nSOX",
        "business_priority": "2",
        "time_zone": "Europe/Berlin",
        "collect_every_hours": "12",
    }
    assert _told(client, f"{place}/running", running) == "Saved."
    assert (
        _told(client, f"{place}/running", {**running, "collect_every_hours": "often"})
        == "how often it is looked at is a whole number"
    )
    environment = {"name": "Prod", "stage": "production", "time_zone": "UTC"}
    assert "choose a stage" in _told(client, f"{place}/environments", {**environment, "stage": "moon"})
    assert _told(client, f"{place}/environments", environment) == "Saved."
    otto = make_person("otto", "reviewer")
    owner = {"scope_kind": "platform", "scope_id": "", "owner": str(otto.pk), "deputy": ""}
    assert _told(client, f"{place}/owners", owner) == "The owner is set."
    assert _told(client, f"{place}/escalation", {"hours": ["24", ""], "role": ["sponsor", "sponsor"]}) == "Saved."
    # The data that it is said to hold asks for another tier by itself.
    assert "Another tier is proposed: middle" in client.get(f"{place}/").content.decode()
    proposal = TierProposal.objects.get()
    assert _told(client, f"{place}/tier/{proposal.pk}", {"answer": "accept", "why": "so be it"}) == "Decided."
    kept = Platform.objects.get()
    assert (kept.tier, kept.regulations, kept.data_class) == ("middle", ["GDPR", "SOX"], "confidential")
    page = client.get(f"{place}/").content.decode()
    assert "GDPR\nSOX" in page
    assert _told(client, f"{place}/owners/{Ownership.objects.get().pk}/remove", {}) == "Taken away."
    pk = Environment.objects.get().pk
    assert _told(client, f"{place}/environments/{pk}/remove", {"why": "gone"}) == "Taken away."


def test_an_auditor_reads_the_settings_and_gets_no_form_but_their_own() -> None:
    make_platform("Flows")
    page = _client("au", "auditor").get("/settings/platforms/flows/").content.decode()
    assert "<form" not in page.split("<main", 1)[1]


def test_files_are_bounded_by_name_and_told_by_the_name_people_know() -> None:
    client = _client("ada", "administrator")
    bad = SimpleUploadedFile("people.exe", b"email,name,role\n")
    assert _told(client, "/settings/people/import", {"file": bad}) == "hand over a file that ends with .csv or .xlsx"
    assert _told(client, "/settings/people/import", {}) == "choose a file first"
    wrong = SimpleUploadedFile("people.csv", b"email,name,role\nx@example.org,X,king\n")
    told = _told(client, "/settings/people/import", {"file": wrong})
    assert told.startswith("upload.csv, line 2: 'king' is no role")
    good = SimpleUploadedFile("people.csv", b"email,name,role\nx@example.org,X,reviewer\n")
    assert _told(client, "/settings/people/import", {"file": good}) == "The people of the file are here."


def test_forms_without_the_token_of_the_page_are_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_person("ada", "administrator"))
    for path in ("/settings/people/add", "/me/tokens", "/settings/vendors/"):
        assert client.post(path, {"name": "x"}).status_code == 403


def test_pages_of_settings_hold_no_script_or_style_of_their_own() -> None:
    client = _client("ada", "administrator")
    flows = make_platform("Flows")
    client.post("/settings/vendors/", {"name": "Acme"})
    times = f"platforms/flows/environments/{Environment.objects.create(platform=flows, name='live').pk}/times/"
    kinds = [f"{times}?window={kind}" for kind in WINDOW_KINDS] + [f"{times}?freeze={kind}" for kind in FREEZE_KINDS]
    more = [
        *kinds,
        times,
        "platforms/flows/cadence/",
        f"people/{Person.objects.get().pk}/",
        f"vendors/{Vendor.objects.get().pk}/",
    ]
    for path in (
        "",
        "people/",
        "groups/",
        "vendors/",
        "escalation/",
        "access/",
        "platforms/",
        "platforms/flows/",
        *more,
    ):
        text = client.get(f"/settings/{path}").content.decode().split("<main", 1)[1]
        assert "<script" not in text
        assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", text)
        assert text.count("<h1") == 1
        named = set(re.findall(r'<(?:input|select|textarea)[^>]*\sid="([^"]+)"', text))
        labelled = set(re.findall(r'<label for="([^"]+)"', text))
        assert named == labelled, path
        ids = re.findall(r'\sid="([^"]+)"', text)
        assert len(ids) == len(set(ids)), path


def test_settings_show_words_and_no_names_of_the_code() -> None:
    client = _client("ada", "administrator", "platform_owner")
    flows = make_platform("Flows")
    Environment.objects.create(platform=flows, name="live")
    person = Person.objects.get()
    paths = ("settings/people/", f"settings/people/{person.pk}/", "settings/groups/", "settings/escalation/", "me/")
    for path in (*paths, "settings/access/", "settings/platforms/flows/"):
        text = re.sub(r"<[^>]*>", " ", client.get(f"/{path}").content.decode().split("<main", 1)[1])
        assert re.findall(r"\b[a-z]+_[a-z_]+\b", text) == [], path


def test_an_auditor_reads_who_holds_what_and_finds_no_form_to_change_it() -> None:
    admin = make_person("dana", "administrator")
    vendor = Vendor.objects.create(name="Acme", created_at=NOW)
    map_group(actor(admin), "security", DutyRole.REVIEWER, None)
    for role in ("auditor", "sponsor"):
        client = _client(role, role)
        for address, told in (
            ("/settings/people/", "dana@example.org"),
            (f"/settings/people/{admin.pk}/", "administrator"),
            ("/settings/groups/", "security"),
            ("/settings/vendors/", "Acme"),
            (f"/settings/vendors/{vendor.pk}/", "Acme"),
            ("/settings/escalation/", "late"),
        ):
            page = client.get(address)
            assert (page.status_code, told in page.content.decode()) == (200, True), address
            if role == "auditor" or "people" in address or "groups" in address:
                assert 'method="post"' not in page.content.decode().partition("<main")[2], address
        assert client.post("/settings/groups/", {"group": "x", "role": "auditor"}).status_code == 403
