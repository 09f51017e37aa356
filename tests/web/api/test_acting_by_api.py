from __future__ import annotations

import hashlib
import io
import json
import tarfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from passmuster.application.access import TABLE, Action
from passmuster.model.keeping import DutyRole
from passmuster.records.models import AuditEvent, Deviation, Finding, Person, Platform, ReviewItem
from tests.keeping import make_person, make_platform
from tests.web.api.house import caller, make_finding, make_house
from tests.web.api.test_reading import API, operations
from tests.working_off import work_off

pytestmark = pytest.mark.usefixtures("db")


def post(asks: Client, path: str, body: object = None, *, method: str = "POST") -> Any:
    return getattr(asks, method.lower())(f"{API}{path}", body or {}, content_type="application/json")


@pytest.mark.parametrize("role", list(DutyRole))
def test_every_role_is_let_to_the_acts_of_the_table_and_kept_from_all_others(role: DutyRole) -> None:
    vendor = {"vendor": make_house()["ours"]["vendor"]} if role is DutyRole.VENDOR_CONTACT else {}
    asks = caller(make_person("walker", role, **vendor))
    unsafe = [each for each in operations() if each[0] != "GET"]
    assert len(unsafe) > 3
    for method, path, needs in unsafe:
        nowhere = path.replace("{slug}", "nowhere").replace("{pk}", "99999999").replace("{kind}", "approval")
        answer = asks.generic(method, nowhere, "[]", content_type="application/json")
        if path.endswith("/me/calendar-feeds"):
            assert "a token makes no other" in answer.json()["detail"]
        elif role in TABLE[needs]:
            assert answer.status_code in (201, 202, 404, 422), (method, path, answer.content)
        else:
            assert answer.status_code == 403, (method, path, answer.content)


def test_an_exception_is_asked_for_decided_by_another_and_on_record_as_by_the_api() -> None:
    platform = make_platform()
    make_finding(platform, "r1")
    author = make_person("ada", "reviewer", "approver")
    owner = make_person("otto", "remediation_owner")
    body = {"control": "IAM-01", "reason": "moving away", "owner": owner.pk}
    body |= {"platform": platform.slug, "resource_id": "r1", "ends_on": str(timezone.now().date() + timedelta(days=1))}
    made = post(caller(author), "/deviations", body)
    assert made.status_code == 201, made.content
    path = f"/deviations/{made.json()['id']}/decide"
    decision = {"is_approved": True, "reason": "fine for a month"}
    own = post(caller(author), path, decision)
    assert own.status_code == 403
    assert "nobody decides on their own" in own.json()["detail"]
    approved = post(caller(make_person("bob", "approver")), path, decision)
    assert approved.json()["status"] == "approved", approved.content
    assert approved.json()["decided_by"] == "bob@example.org"
    assert Finding.objects.get().status == "accepted"
    again = post(caller(make_person("cleo", "approver")), path, decision)
    assert again.status_code == 409
    assert {each.by for each in AuditEvent.objects.filter(subject_kind="deviation")} == {"api"}
    assert Deviation.objects.count() == 1


def test_findings_are_taken_on_by_who_may_there_and_by_nobody_else() -> None:
    ours, theirs = make_platform("Ours"), make_platform("Theirs")
    mine, other = make_finding(ours, "a"), make_finding(theirs, "b")
    asks = caller(make_person("rex", "reviewer", platform=ours))
    told = post(asks, "/findings/start", {"findings": [mine.pk], "why": "on it"})
    assert told.json() == {"changed": 1}
    assert asks.get(f"{API}/findings/{mine.pk}").json()["steps"][0]["why"] == "on it"
    post(asks, "/findings/start", {"findings": [other.pk], "why": "on it"})
    other.refresh_from_db()
    assert other.status == "open"


def test_evidence_goes_in_and_comes_out_as_it_was() -> None:
    platform = make_platform()
    asks = caller(make_person("rex", "reviewer", platform=platform))
    bytes_ = b"name,value\na,1\n"
    file = SimpleUploadedFile("proof.csv", bytes_, "text/csv")
    fields = {"title": "Proof", "kind": "export", "platform": platform.slug, "controls": ["IAM-01", "IAM-02"]}
    made = asks.post(f"{API}/evidence", {**fields, "file": file})
    assert made.status_code == 201, made.content
    assert made.json()["sha256"] == hashlib.sha256(bytes_).hexdigest()
    assert made.json()["controls"] == ["IAM-01", "IAM-02"]
    again = asks.post(f"{API}/evidence", {**fields, "file": SimpleUploadedFile("again.csv", bytes_, "text/csv")})
    assert (made.json()["same_bytes"], again.json()["same_bytes"]) == ([], [made.json()["id"]])
    other = SimpleUploadedFile("other.csv", bytes_, "text/csv")
    wrong = asks.post(f"{API}/evidence", {**fields, "controls": ["NOPE-99"], "file": other})
    assert (wrong.status_code, "has NOPE-99" in wrong.content.decode()) == (422, True)
    answer = asks.get(f"{API}/evidence/{made.json()['id']}/file")
    assert b"".join(answer) == bytes_
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["content-security-policy"]
    stranger = caller(make_person("eve", "reviewer", platform=make_platform("Theirs")))
    assert stranger.get(f"{API}/evidence/{made.json()['id']}/file").status_code == 404


def test_a_vendor_answers_with_a_file_and_whoever_asked_sends_it_back_and_accepts() -> None:
    house = make_house()
    item: ReviewItem = house["ours"]["item"]
    guest = make_person("guest", "vendor_contact", vendor=house["ours"]["vendor"])
    asks, asker = caller(guest), caller(make_person("rex", "reviewer"))
    before = {each["id"] for each in asks.get(f"{API}/asked").json()["items"]}
    hand = {"items": [item.pk], "person": guest.pk, "why": "Which version runs?"}
    assert post(asker, f"/reviews/{house['ours']['review'].pk}/assignments", hand).json() == {"changed": 1}
    (number,) = {each["id"] for each in asks.get(f"{API}/asked").json()["items"]} - before
    assert post(asks, f"/asked/{house['theirs']['request'].pk}/answer", {"answer": "x"}).status_code == 404
    assert asks.get(f"{API}/asked-files/{house['theirs']['asked_file'].pk}").status_code == 404
    told = post(asks, f"/asked/{number}/answer", {"answer": "Patched in June."})
    assert (told.status_code, told.json()["status"]) == (200, "answered"), told.content
    item.refresh_from_db()
    assert (item.answer, item.status) == ("Patched in June.", "open")
    back = post(asker, f"/vendor-requests/{number}/send-back", {"why": "Show it"})
    assert (back.status_code, back.json()["status"]) == (200, "open"), back.content
    assert asks.get(f"{API}/asked").json()["items"][-1]["decision"] == "Show it"
    fields = {"title": "Version", "kind": "screenshot", "expires_on": "2036-01-01"}
    file = SimpleUploadedFile("version.txt", b"2.41")
    made = asks.post(f"{API}/asked/{number}/files", {**fields, "file": file})
    assert made.status_code == 201, made.content
    assert b"".join(asks.get(f"{API}/asked-files/{made.json()['id']}")) == b"2.41"
    post(asks, f"/asked/{number}/answer", {"answer": "Here it is."})
    accepted = post(asker, f"/vendor-requests/{number}/accept", {"why": "seen"}).json()
    assert (accepted["status"], accepted["decided_by"]) == ("accepted", "rex@example.org")
    piece = asker.get(f"{API}/evidence", {"vendor_request": number}).json()["items"][0]
    assert (piece["owner"], piece["uploaded_by"], piece["vendor"]) == (
        "rex@example.org",
        "guest@example.org",
        "ours vendor",
    )
    assert post(asks, f"/asked/{number}/answer", {"answer": "More"}).status_code == 409


def test_times_are_set_in_plain_words_or_as_rules_and_tell_when_they_come() -> None:
    make_platform("Flows")
    asks = caller(make_person("otto", "platform_owner"))
    plain = {"name": "night", "repeats": "weekly", "weekdays": ["SU"], "from_day": "2026-06-01", "start": "22:00"}
    environment = {"name": "live", "time_zone": "Europe/Berlin", "plain_windows": [{**plain, "minutes": 60}]}
    made = post(asks, "/platforms/flows/environments", environment, method="PUT")
    assert made.json()["windows"] == [
        {"id": "night", "rrule": "FREQ=WEEKLY;BYDAY=SU", "starts": "2026-06-01T22:00:00", "minutes": 60}
    ], made.content
    path = f"/environments/{made.json()['id']}"
    trial = {"plain": {**plain, "name": "other", "minutes": 30}, "is_trial": True}
    told = post(asks, f"{path}/windows", trial, method="PUT")
    assert (told.status_code, len(told.json()["next"])) == (200, 5), told.content
    rule = {"id": "odd", "rrule": "FREQ=MONTHLY;BYDAY=1MO,3TU", "starts": "2026-06-01T22:00:00", "minutes": 5}
    assert post(asks, f"{path}/windows", {"as_written": rule}, method="PUT").json()["plain"]["rule"] == rule["rrule"]
    freeze = {"plain": {"name": "year end", "first": "2026-12-19", "last": "2027-01-03", "binds": "both"}}
    assert post(asks, f"{path}/freezes", freeze, method="PUT").status_code == 200
    kept = asks.get(f"{API}{path}/times").json()
    assert [each["name"] for each in kept["windows"]] == ["night", "odd"]
    again = {key: value for key, value in kept["windows"][0]["plain"].items() if key != "name"}
    assert post(asks, f"{path}/windows", {"plain": {**again, "name": "night"}, "instead_of": "night"}, method="PUT")
    assert asks.get(f"{API}{path}/times").json()["windows"] == kept["windows"]
    for wrong in ({}, {"plain": {**plain, "minutes": 0}}, {"as_written": {"id": "x"}}, {"as_written": rule}):
        assert post(asks, f"{path}/windows", wrong, method="PUT").status_code == 422
    assert asks.delete(f"{API}{path}/windows?name=odd").status_code == 204
    assert asks.delete(f"{API}{path}/windows?name=odd").status_code == 422
    cadence = {"plain": {"months": 3, "on": "weekday", "ordinal": -1, "weekday": "WORK"}}
    told = post(asks, "/platforms/flows/cadence", cadence, method="PUT").json()
    assert (told["words"], len(told["next"])) == ("every 3 months on the last working day", 5)
    assert asks.get(f"{API}/platforms/flows/cadence").json() == told
    assert post(asks, "/platforms/flows/cadence", {"rule": "FREQ=HOURLY"}, method="PUT").status_code == 422


def test_minutes_for_patches_are_set_by_oneself_and_by_an_administrator() -> None:
    otto = make_person("otto", "platform_owner")
    path = f"/people/{otto.pk}/patch-minutes"
    assert post(caller(otto), "/me/patch-minutes", {"minutes": 90}, method="PUT").json()["patch_minutes_per_week"] == 90
    assert post(caller(otto), path, {"minutes": 5}, method="PUT").status_code == 403
    root = caller(make_person("root", "administrator"))
    assert post(root, path, {"minutes": None}, method="PUT").json()["patch_minutes_per_week"] is None
    assert post(root, path, {"minutes": 10_081}, method="PUT").status_code == 422


def test_legal_is_asked_says_its_word_and_who_decides_is_told() -> None:
    house = make_house()["ours"]
    lea = make_person("lea", "legal")
    path = f"/consultations/{house['consultation'].pk}/opinion"
    assert post(caller(make_person("rex", "reviewer")), path, {"opinion": "x"}).status_code == 403
    told = post(caller(lea), path, {"opinion": "Fine until spring."})
    assert (told.json()["given_by"], told.json()["opinion"]) == ("lea@example.org", "Fine until spring.")
    assert len(caller(lea).get(f"{API}/consultations", {"is_open": "true"}).json()["items"]) == 1
    rights = {
        each["action"]: each["people"] for each in caller(lea).get(f"{API}/platforms/ours/decision-rights").json()
    }
    assert (rights["give_opinion"], rights["approve_change"]) == (["lea@example.org"], [])
    steps = [(each["after_hours"], each["role"]) for each in caller(lea).get(f"{API}/escalation").json()]
    # Nobody set any: those that ship hold.
    assert steps == [(24, "platform_owner"), (72, "approver"), (168, "sponsor")]


def test_a_platform_its_people_and_their_duties_are_set_up_by_the_api() -> None:
    asks = caller(make_person("root", "administrator"))
    vendor = post(asks, "/vendors", {"name": "Acme"}).json()["id"]
    basics = {"name": "Flows", "kind": "n8n", "vendor": vendor, "packs": ["no-code-baseline"]}
    made = post(asks, "/platforms", {"slug": "flows", "basics": basics})
    assert made.status_code == 201, made.content
    assert made.json()["vendor"] == "Acme"
    wrong = post(asks, "/platforms", {"slug": "flows", "basics": {**basics, "kind": "nothing"}})
    assert wrong.status_code == 422
    assert {"taken", "already", "no kind"} <= {
        word for word in ("taken", "already", "no kind") if word in wrong.json()["detail"]
    }
    duties = [{"role": "platform_owner", "platform": "flows"}]
    person = post(asks, "/people", {"email": "otto@example.org", "name": "Otto", "duties": duties})
    assert person.status_code == 201, person.content
    assert person.json()["duties"] == [{"role": "platform_owner", "platform": "flows", "from_group": ""}]
    otto = caller(Person.objects.get(email="otto@example.org"))
    known = otto.get(f"{API}/colleagues").json()["items"]
    assert [each["email"] for each in known] == ["otto@example.org", "root@example.org"]
    placed = post(otto, "/platforms/flows/environments", {"name": "live", "time_zone": "Europe/Berlin"}, method="PUT")
    assert placed.status_code == 200, placed.content
    again = post(otto, "/platforms/flows/environments", {"name": "live", "time_zone": "Europe/Paris"}, method="PUT")
    assert again.json()["id"] == placed.json()["id"]
    refused = post(otto, "/platforms/flows/basics", {"basics": basics}, method="PUT")
    assert refused.status_code == 403
    assert (
        post(otto, "/platforms/flows/running", {"running": {"business_priority": 1}}, method="PUT").status_code == 200
    )
    assert Platform.objects.get().business_priority == 1


def test_a_review_is_worked_line_by_line() -> None:
    house = make_house()["ours"]
    house["review"].sign_offs.all().delete()
    asks = caller(make_person("rex", "reviewer"))
    path = f"/reviews/{house['review'].pk}"
    told = post(asks, f"{path}/answers", {"items": [house["item"].pk], "answer": "yes, seen", "seen": "the console"})
    assert told.json() == {"changed": 1}, told.content
    assert asks.get(f"{API}{path}").json()["lines"]["done"] == 1
    line = asks.get(f"{API}{path}/items").json()["items"][0]
    assert (line["answer"], line["done_by"]) == ("yes, seen", "rex@example.org")
    assert post(asks, f"{path}/sign", {"statement": "done"}).status_code == 403
    assert post(asks, f"{path}/answers", {"items": [1], "answer": "x", "more": 1}).status_code == 422
    assert asks.get(f"{API}{path}/seal").json() == {"holds": False, "complaints": ["the review is not sealed"]}


def test_the_scope_of_a_token_is_the_limit_of_its_acts() -> None:
    finding = make_finding(make_platform(), "a")
    person = make_person("rex", "reviewer")
    body = {"findings": [finding.pk], "why": "on it"}
    assert post(caller(person, Action.VIEW), "/findings/start", body).status_code == 403
    assert post(caller(person, Action.VIEW, Action.WORK_FINDING), "/findings/start", body).json() == {"changed": 1}


def test_sheets_go_in_and_what_verifies_offline_comes_out() -> None:
    house = make_house()["ours"]
    root = caller(make_person("root", "administrator"))
    sheet = b"email,name,role,platform\nnew@example.org,New,reviewer,ours\n"
    told = root.post(f"{API}/people/import", {"file": SimpleUploadedFile("people.csv", sheet)})
    assert told.json() == {"added": 1, "changed": 0}, told.content
    wrong = root.post(f"{API}/people/import", {"file": SimpleUploadedFile("people.csv", b"email,name,role\nx,y,z\n")})
    assert wrong.status_code == 422
    assert "no role" in wrong.json()["detail"]
    assert root.post(f"{API}/people/import", {}).status_code == 422
    export = root.get(f"{API}/record/export")
    lines = b"".join(export).decode().splitlines()
    assert json.loads(lines[0])["schema"].startswith("passmuster/")
    assert sum('"event"' in line for line in lines) == AuditEvent.objects.count()
    # The house's checkpoint was never signed.
    asked = post(root, "/record/verify")
    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    work_off()
    verdict = root.get(asked.json()["address"]).json()["result"]
    assert verdict["holds"] is False
    assert "checkpoint" in verdict["broken"]
    reviewer = caller(Person.objects.get(email="new@example.org"))
    path = f"{API}/reviews/{house['review'].pk}/evidence-bundle"
    assert reviewer.get(path).status_code == 422
    links = {"controls": [], "reviews": [house["review"].pk]}
    assert post(reviewer, f"/evidence/{house['evidence'].pk}/links", links, method="PUT").status_code == 200
    with tarfile.open(fileobj=io.BytesIO(b"".join(reviewer.get(path)))) as bundle:
        assert any(house["evidence"].sha256 in name for name in bundle.getnames())


def test_what_takes_long_is_asked_for_and_followed_to_what_came_of_it() -> None:
    platform = make_platform()
    make_person("otto", "platform_owner", platform=platform)
    asks = caller(make_person("rex", "reviewer", platform=platform))
    assert asks.get(f"{API}/workers").json() == {"is_running": False, "last_seen_at": None}
    body = {"occurrence": "q1", "because": "a trial", "due_on": "2036-01-31"}
    asked = post(asks, f"/platforms/{platform.slug}/reviews", body)
    assert (asked.status_code, asked.json()["state"], asked.json()["result"]) == (202, "waiting", {})
    assert post(asks, f"/platforms/{platform.slug}/reviews", body).json()["id"] == asked.json()["id"]
    work_off()
    told = asks.get(asked.json()["address"]).json()
    assert (told["state"], told["result"]["status"]) == ("done", "open")
    review = asks.get(f"{API}/reviews/{told['result']['review']}").json()["review"]
    assert (review["occurrence"], review["due_on"]) == ("q1", "2036-01-31")
    looked = post(asks, f"/platforms/{platform.slug}/collect")
    assert looked.status_code == 202
    assert post(asks, f"/platforms/{platform.slug}/collect").json()["id"] == looked.json()["id"]
    stranger = caller(make_person("eve", "reviewer", platform=make_platform("Theirs")))
    assert stranger.get(asked.json()["address"]).status_code == 404
    refused = post(caller(make_person("root", "administrator")), "/calendar/push")
    assert refused.status_code == 422
    assert "PASSMUSTER_CALDAV_URL" in refused.json()["detail"]


def test_an_answer_that_is_sent_again_changes_nothing_and_is_one_event() -> None:
    house = make_house()["ours"]
    house["review"].sign_offs.all().delete()
    asks = caller(make_person("rex", "reviewer"))
    path, body = f"/reviews/{house['review'].pk}/answers", {"items": [house["item"].pk], "answer": "yes, seen"}
    for _ in range(2):
        assert post(asks, path, body).json() == {"changed": 1}
    assert AuditEvent.objects.filter(action="answer_items").count() == 1
    post(asks, path, {**body, "answer": "no, not seen"})
    assert AuditEvent.objects.filter(action="answer_items").count() == 2
