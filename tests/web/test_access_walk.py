"""Every address of the pages, asked by every role, a stranger, a guest and somebody shut out; the one table decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from passmuster.application.access import TABLE, Action
from passmuster.application.requests.vendor_requests import hand_in_for_request
from passmuster.application.reviews.review_work import assign_items
from passmuster.model.evidence import EvidenceFacts, EvidenceKind
from passmuster.model.keeping import DutyRole, ReviewStatus
from passmuster.records import models
from tests.keeping import NOW, actor, make_person, make_platform

pytestmark = pytest.mark.usefixtures("db")

# Addresses whose view asks nobody's right: a load balancer's, and the calendar's, which has a token of its own.
_OPEN = ("health", "calendar/feed/")
_METHODS = ("get", "post")
# What an allowed person may meet where the address names nothing that is there, or the form is empty.
_LET_IN = {200, 302, 400, 404, 405, 422}
# An address that is not asked that way at all may say so to anybody.
_NO_SUCH_WAY = 405


def _pages() -> Iterator[tuple[str, Mapping[str, Action]]]:
    """Every address of ours as a path to ask for, with the action its view declares for each method."""
    for pattern, view in _walk(get_resolver().url_patterns):
        if not pattern.startswith(("account/", "^account/", "api/", *_OPEN)):
            yield pattern, view.needs


def _walk(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, object]]:
    for each in patterns:
        path = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _walk(each.url_patterns, path)
        else:
            yield path, each.callback


def _filled(pattern: str, platform: models.Platform, key: int = 1) -> str:
    """The path with something that is there in each of its holes, so that not everything ends with `not found`."""
    for hole, value in (("slug:slug", platform.slug), ("slug:name", "owners"), ("slug:platform", platform.slug)):
        pattern = pattern.replace(f"<{hole}>", value)
    while "<" in pattern:
        start, end = pattern.index("<"), pattern.index(">")
        pattern = pattern[:start] + _value(pattern[start + 1 : end], key) + pattern[end + 1 :]
    return f"/{pattern}"


def _value(hole: str, key: int) -> str:
    kind = hole.partition(":")[0] if ":" in hole else "str"
    return {"int": str(key), "uuid": "00000000-0000-0000-0000-000000000001"}.get(kind, "x")


def _client_of(person: models.Person) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return client


def _status(client: Client, method: str, path: str) -> int:
    """What the answer is; what the request changed is undone, so that the next meets the same."""
    with transaction.atomic():
        status: int = getattr(client, method)(path).status_code
        transaction.set_rollback(True)
    return status


def test_every_role_meets_on_every_page_what_the_table_says() -> None:
    platform = make_platform("Flows")
    vendor = models.Vendor.objects.create(name="Acme", created_at=NOW)
    clients = {
        role: _client_of(make_person(role, role, vendor=vendor if role is DutyRole.VENDOR_CONTACT else None))
        for role in DutyRole
    }
    wrong = []
    for pattern, actions in _pages():
        path = _filled(pattern, platform)
        for role, client in clients.items():
            for method in _METHODS:
                status = _status(client, method, path)
                is_right = status in (_LET_IN if role in TABLE[actions[method]] else {403, _NO_SUCH_WAY})
                if not is_right:
                    wrong.append(f"{method} {path} by {role}: {status}")
    assert wrong == []


def test_strangers_and_people_who_are_shut_out_are_sent_to_sign_in_from_every_page() -> None:
    platform = make_platform("Flows")
    make_person("ada", "administrator")
    out = make_person("otto", "administrator")
    client = _client_of(out)
    models.Person.objects.filter(pk=out.pk).update(is_active=False)
    wrong = [
        f"{method} {path}: {answer.status_code}"
        for path in (_filled(pattern, platform) for pattern, _ in _pages())
        for asking in (Client(), client)
        for method in _METHODS
        if (answer := getattr(asking, method)(path)).status_code != _NO_SUCH_WAY
        and not answer.headers.get("location", "").startswith("/account/login/")
    ]
    assert wrong == []


def test_a_duty_on_one_platform_opens_nothing_of_another() -> None:
    """Asked for the other platform's things by their addresses, the answer is that they are not there."""
    ours, theirs = make_platform("Ours"), make_platform("Theirs")
    everyone = {
        role: _client_of(make_person(f"p-{role}", role, platform=ours))
        for role in DutyRole
        if role is not DutyRole.VENDOR_CONTACT
    }
    wrong = []
    for pattern, _ in _pages():
        if "<slug:" not in pattern:
            continue
        path = _filled(pattern, theirs)
        for role, client in everyone.items():
            for method in _METHODS:
                status = _status(client, method, path)
                if status not in (403, 404, 405):
                    wrong.append(f"{method} {path} by {role}: {status}")
    assert wrong == []
    for role, client in everyone.items():
        for path in ("/settings/platforms/", "/settings/owners.csv", "/"):
            answer = client.get(path)
            assert "Theirs" not in answer.content.decode(), f"{path} tells the {role} of another platform"


def test_a_guest_is_told_of_nothing_but_what_is_asked_of_their_vendor() -> None:
    acme, other = (models.Vendor.objects.create(name=name, created_at=NOW) for name in ("Acme", "Rival"))
    platform = make_platform("Flows", vendor=acme)
    vera = make_person("vera", "vendor_contact", vendor=acme)
    oleg = make_person("oleg", "vendor_contact", vendor=other)
    rita = make_person("rita", "reviewer")
    review = models.Review.objects.create(
        platform=platform, occurrence="q", because="q", status=ReviewStatus.OPEN, due_on=NOW.date(), opened_at=NOW
    )
    lines = {
        title: models.ReviewItem.objects.create(review=review, kind="question", key=title, title=title)
        for title in ("For Acme", "For Rival", "For us")
    }
    for person, title in ((vera, "For Acme"), (oleg, "For Rival"), (rita, "For us")):
        assign_items(actor(rita), review, [lines[title].pk], person, why="please")
    ours, theirs = (models.VendorRequest.objects.get(vendor=vendor) for vendor in (acme, other))
    for person, asked in ((vera, ours), (oleg, theirs)):
        facts = EvidenceFacts(f"File of {asked.vendor}", EvidenceKind.OTHER)
        hand_in_for_request(actor(person), asked, [b"x"], name=f"{asked.vendor}.txt", facts=facts)
    own_file, other_file = ours.files.get(), theirs.files.get()
    client = _client_of(vera)
    for pattern, _ in _pages():
        for key in (ours.pk, theirs.pk, own_file.pk, other_file.pk):
            answer = client.get(_filled(pattern, platform, key))
            if answer.status_code == 200 and not answer.streaming:
                text = answer.content.decode()
                for secret in ("For Rival", "For us", "Rival", "rita@example.org", "oleg@example.org"):
                    assert secret not in text, f"{pattern} tells a guest of {secret}"
    page = client.get("/asked/").content.decode()
    assert "For Acme" in page
    assert "File of Acme" in page
    assert b"".join(client.get(f"/asked/files/{own_file.pk}/")) == b"x"
    file = SimpleUploadedFile("more.txt", b"more")
    told = {"title": "More", "kind": "other", "file": file}
    assert client.post(f"/asked/{theirs.pk}", {"answer": "x"}).status_code == 404
    assert client.post(f"/asked/{theirs.pk}/file/", told).status_code == 404
    assert client.get(f"/asked/files/{other_file.pk}/").status_code == 404
    assert client.get(f"/evidence/{own_file.pk}/file/").status_code == 403
    assert models.Evidence.objects.count() == 2


def test_somebody_without_any_duty_sees_their_account_and_no_more() -> None:
    platform = make_platform("Flows")
    client = _client_of(make_person("nobody"))
    for pattern, actions in _pages():
        status = client.get(_filled(pattern, platform)).status_code
        allowed = {200, 302, 404, 405} if actions["get"] is Action.MANAGE_OWN_ACCOUNT else {403, 405}
        assert status in allowed, f"{pattern}: {status}"
