from __future__ import annotations

import pytest
from django.test import Client

from passmuster.records.models import AuditEvent, Environment, Platform
from tests.keeping import make_person, make_platform

pytestmark = pytest.mark.usefixtures("db")

_NIGHT = {
    "of": "windows",
    "kind": "weekly",
    "name": "night",
    "weekdays": ["SA", "SU"],
    "every": "1",
    "from_day": "2026-06-01",
    "start": "22:00",
    "minutes": "120",
    "until": "",
}
_ODD = {"id": "odd", "rrule": "FREQ=MONTHLY;BYDAY=1MO,3TU", "starts": "2026-06-01T22:00:00", "minutes": 5}


@pytest.fixture
def place(db: object) -> tuple[Client, Environment, str]:
    platform = make_platform("Flows", time_zone="Europe/Berlin")
    environment = Environment.objects.create(platform=platform, name="live", time_zone="Europe/Berlin")
    client = Client()
    client.force_login(make_person("otto", "platform_owner", platform=platform))
    return client, environment, f"/settings/platforms/flows/environments/{environment.pk}/times/"


def test_a_window_is_made_in_plain_words_shown_with_its_next_dates_changed_and_taken_away(
    place: tuple[Client, Environment, str],
) -> None:
    client, environment, path = place
    tried = client.post(path, {**_NIGHT, "step": "try"})
    assert len(tried.context["preview"]) == 5
    environment.refresh_from_db()
    assert environment.windows == []
    client.post(path, {**_NIGHT, "step": "put"})
    environment.refresh_from_db()
    kept = {"id": "night", "rrule": "FREQ=WEEKLY;BYDAY=SA,SU", "starts": "2026-06-01T22:00:00", "minutes": 120}
    assert environment.windows == [kept]
    page = client.get(path)
    assert "every Saturday and Sunday at 22:00 for 120 minutes" in page.content.decode()
    assert len(page.context["windows"][0].next) == 5
    # What the form shows, sent back as it is, is what was kept.
    form = client.get(f"{path}?window_named=night").context["form"]
    shown = {name: form[name].value() for name in form.fields}
    again = {**shown, "start": "22:00", "until": "", "of": "windows", "kind": form.kind, "instead_of": "night"}
    client.post(path, {**again, "step": "put"})
    environment.refresh_from_db()
    assert environment.windows == [kept]
    assert AuditEvent.objects.filter(action="put_window").count() == 1
    client.post(path, {"of": "windows", "step": "drop", "instead_of": "night"})
    environment.refresh_from_db()
    assert environment.windows == []


def test_what_is_wrong_is_told_in_the_form_and_nothing_is_changed(place: tuple[Client, Environment, str]) -> None:
    client, environment, path = place
    for wrong, words in (
        ({"weekdays": []}, "This field is required"),
        ({"until": "2026-05-01"}, "is before its first day"),
        ({"kind": "rule", "rule": "FREQ=NEVER"}, "FREQ must be given"),
        ({"kind": "as_written", "text": "["}, "is no JSON"),
        ({"kind": "as_written", "text": '{"id": "x"}'}, "x"),
    ):
        answer = client.post(path, {**_NIGHT, **wrong, "step": "put"})
        assert answer.status_code == 422
        assert words in answer.content.decode()
    client.post(path, {**_NIGHT, "step": "put"})
    assert client.post(path, {**_NIGHT, "step": "put"}).status_code == 422
    environment.refresh_from_db()
    assert len(environment.windows) == 1


def test_what_no_form_can_say_stays_beside_what_is_changed(place: tuple[Client, Environment, str]) -> None:
    client, environment, path = place
    strange = {**_ODD, "id": "strange", "timezone": "UTC"}
    Environment.objects.update(windows=[strange, _ODD])
    client.post(path, {**_NIGHT, "step": "put"})
    environment.refresh_from_db()
    assert environment.windows[:2] == [strange, _ODD]
    assert client.get(f"{path}?window_named=odd").context["form"].kind == "rule"
    assert client.get(f"{path}?window_named=strange").context["form"].kind == "as_written"
    # Another field of the environment leaves them too.
    fields = {"name": "live", "stage": "staging", "time_zone": "Europe/Berlin"}
    client.post("/settings/platforms/flows/environments", fields)
    environment.refresh_from_db()
    assert (environment.stage, len(environment.windows)) == ("staging", 3)


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        (
            {"kind": "days", "first": "2026-12-19", "last": "2027-01-03", "binds": "both"},
            {"start": "2026-12-19", "end": "2027-01-03", "binds": "both"},
        ),
        (
            {"kind": "month_end", "last_days": "2", "first_days": "0", "binds": "ours"},
            {"month_end": {"last_days": 2, "first_days": 0}, "binds": "ours"},
        ),
        (
            {"kind": "holidays", "country": "DE", "subdivision": "BY", "binds": "vendor"},
            {"holidays": {"country": "DE", "subdivision": "BY"}, "binds": "vendor"},
        ),
    ],
)
def test_freezes_are_made_in_plain_words(
    place: tuple[Client, Environment, str], fields: dict[str, str], kept: dict[str, object]
) -> None:
    client, environment, path = place
    client.post(path, {"of": "freezes", "name": "quiet", "step": "put", **fields})
    environment.refresh_from_db()
    assert environment.freezes == [{"name": "quiet", **kept}]
    assert client.get(f"{path}?freeze_named=quiet").context["form"].kind == fields["kind"]


def test_who_may_only_look_gets_the_times_and_no_form(place: tuple[Client, Environment, str]) -> None:
    client, _environment, path = place
    client.post(path, {**_NIGHT, "step": "put"})
    auditor = Client()
    auditor.force_login(make_person("au", "auditor"))
    text = auditor.get(path).content.decode().split("<main", 1)[1]
    assert "every Saturday and Sunday" in text
    assert "<form" not in text
    assert auditor.post(path, {**_NIGHT, "name": "two", "step": "put"}).status_code == 403


def test_a_cadence_is_chosen_in_plain_words_and_the_next_review_follows_it(
    place: tuple[Client, Environment, str],
) -> None:
    client = place[0]
    path = "/settings/platforms/flows/cadence/"
    Platform.objects.update(next_review_on="2099-01-01")
    chosen = {"kind": "weekday", "months": "3", "ordinal": "1", "weekday": "MO", "day": "1", "rule": ""}
    tried = client.post(path, {**chosen, "step": "try"})
    assert len(tried.context["preview"].next) == 5
    assert Platform.objects.get().cadence_rrule == ""
    client.post(path, {**chosen, "step": "put"})
    kept = Platform.objects.get()
    assert (kept.cadence_rrule, kept.next_review_on) == ("FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO", None)
    form = client.get(path).context["form"]
    assert [form[name].value() for name in ("kind", "months", "ordinal", "weekday")] == ["weekday", 3, 1, "MO"]
    assert "every 3 months on the first Monday" in client.get("/settings/platforms/flows/").content.decode()
    odd = "FREQ=YEARLY;BYMONTH=3,6,9,12"
    client.post(path, {"kind": "rule", "rule": odd, "step": "put"})
    assert client.get(path).context["form"]["rule"].value() == odd
    refused = client.post(path, {"kind": "rule", "rule": "FREQ=HOURLY", "step": "put"})
    assert refused.status_code == 422
    # Saving the rest of the platform leaves the rule as it is.
    running = {"data_class": "public", "business_priority": "2", "time_zone": "UTC", "collect_every_hours": "24"}
    client.post("/settings/platforms/flows/running", running)
    assert Platform.objects.get().cadence_rrule == odd
    client.post(path, {"kind": "tier", "step": "put"})
    assert Platform.objects.get().cadence_rrule == ""
