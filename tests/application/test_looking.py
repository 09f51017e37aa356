from __future__ import annotations

import json
import shutil
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connections
from django.test import Client

from passmuster.application.access import NotAllowed
from passmuster.application.acting import keeper
from passmuster.application.looking import looking
from passmuster.application.looking.kept_notices import notices_of
from passmuster.application.looking.looking import AlreadyLooking, approve_baseline, collect_platform
from passmuster.application.storage.storing import drift_file, results_folder, snapshot_folder
from passmuster.controls.catalogue import shipped_folder
from passmuster.model.keeping import CollectionState
from passmuster.pipeline.following import Look, digest_file, take_look
from passmuster.records.models import AuditEvent, Collection, Evaluation, Finding, Message, Ownership, Platform
from tests.collect.purview_export import TOM, entry, portal, write
from tests.keeping import NOW, actor, make_person, make_platform

EXAMPLES = shipped_folder("examples")
PRODUCTION, CONNECTION = "a3f0c1d8-6b52-4e19-8c77-1f2e3d4c5b6a", "shared-sql-0002"


def _point_at(platform: Platform, folder: Path) -> None:
    platform.export_path = str(folder)
    platform.save()


@pytest.mark.usefixtures("db")
def test_a_look_is_kept_judged_and_its_findings_are_those_of_the_results() -> None:
    platform = make_platform()
    otto = make_person("otto", "platform_owner", platform=platform)
    look = collect_platform(actor(otto), platform, "a trial")
    evaluation = Evaluation.objects.get(collection=look)
    kept = results_folder(evaluation) / "evaluation.json"
    assert digest_file(kept) == evaluation.results_sha256
    assert digest_file(snapshot_folder(look) / "manifest.json") == look.snapshot_sha256
    told = json.loads(kept.read_text())
    expected = {r["fingerprint"] for each in told["results"] for r in each["resources"]}
    assert expected
    assert set(Finding.objects.values_list("fingerprint", flat=True)) == expected
    assert look.tables_read <= look.tables_total
    assert look.platform.next_collection_at == NOW + timedelta(hours=24)
    actions = list(AuditEvent.objects.order_by("number").values_list("action", flat=True))
    assert actions == ["start_look", "end_look", "follow_findings", "evaluate"]
    # Whoever may not collect does not start one.
    with pytest.raises(NotAllowed):
        collect_platform(actor(make_person("ada", "auditor")), platform)


@pytest.mark.usefixtures("db")
def test_what_could_not_be_looked_at_closes_nothing_and_a_failed_look_changes_nothing(tmp_path: Path) -> None:
    platform = make_platform()
    collect_platform(keeper(NOW), platform)
    before = dict(Finding.objects.values_list("fingerprint", "status"))
    assert Finding.objects.filter(control="NHI-03").exists()
    # The same platform refuses to tell its workflows and credentials.
    denied = tmp_path / "denied"
    shutil.copytree(EXAMPLES / "n8n", denied)
    for name in ("workflows", "credentials", "users", "users_page2"):
        answer = json.loads((denied / f"{name}.json").read_text())
        (denied / f"{name}.json").write_text(json.dumps({**answer, "status": 403, "body": {"message": "Forbidden"}}))
    _point_at(platform, denied)
    look = collect_platform(keeper(NOW + timedelta(days=1)), platform)
    assert look.state == CollectionState.INCOMPLETE
    assert "denied" in look.error
    kept = Finding.objects.filter(control__in=["NHI-03", "NHI-04", "CON-10"])
    assert kept.exists()
    assert set(kept.values_list("status", flat=True)) == {"open"}
    told = json.loads((results_folder(Evaluation.objects.latest("pk")) / "evaluation.json").read_text())
    inconclusive = {r["control"] for r in told["results"] if r["status"] in ("unknown", "manual", "error")}
    assert not Finding.objects.filter(control__in=inconclusive, status="closed").exists()
    states = dict(Finding.objects.values_list("fingerprint", "status"))
    # A look that fails tells why, and leaves no snapshot.
    _point_at(platform, tmp_path / "nothing")
    failed = collect_platform(keeper(NOW + timedelta(days=2)), platform)
    assert (failed.state, failed.store_key) == (CollectionState.FAILED, "")
    assert "no such file" in failed.error
    assert dict(Finding.objects.values_list("fingerprint", "status")) == states
    # Read again in full, what was there before is open again and still the same.
    _point_at(platform, EXAMPLES / "n8n")
    collect_platform(keeper(NOW + timedelta(days=3)), platform)
    after = dict(Finding.objects.values_list("fingerprint", "status"))
    changed = {key for key in before if after[key] != "open"}
    assert changed <= {f.fingerprint for f in Finding.objects.filter(control__in=["GOV-01", "GOV-02", "VND-05"])}


@pytest.mark.usefixtures("db")
def test_that_looks_fail_is_told_at_once_and_weekly_and_is_tried_again_with_growing_pauses(tmp_path: Path) -> None:
    platform = make_platform(collect_every_hours=24)
    remi, ada = make_person("remi"), make_person("ada", "administrator")
    Ownership.objects.create(platform=platform, scope_kind="platform", owner=remi)
    collect_platform(keeper(NOW), platform)
    _point_at(platform, tmp_path / "nothing")
    pauses = []
    for day in range(1, 10):
        now = NOW + timedelta(days=day)
        collect_platform(keeper(now), platform)
        platform.refresh_from_db()
        assert platform.next_collection_at is not None
        pauses.append((platform.next_collection_at - now) / timedelta(hours=1))
    assert pauses == [1, 2, 4, 8, 16, 24, 24, 24, 24]
    told = Message.objects.filter(kind="look_failed")
    assert {each.person_id for each in told} == {remi.pk, ada.pk}, "nobody has the duty of a platform owner here"
    first, second = told.filter(person=remi).order_by("pk")
    assert (first.created_at, second.created_at) == (NOW + timedelta(days=1), NOW + timedelta(days=8))
    assert "no such file" in first.text
    assert "the last look that worked began on 2026-06-01" in first.text.lower()
    # A look that works ends the row: the next failure is told anew.
    _point_at(platform, EXAMPLES / "n8n")
    collect_platform(keeper(NOW + timedelta(days=10)), platform)
    _point_at(platform, tmp_path / "nothing")
    collect_platform(keeper(NOW + timedelta(days=11)), platform)
    assert told.filter(person=remi).count() == 3


@pytest.mark.usefixtures("db")
def test_where_no_owner_has_the_duty_lost_logging_is_told_to_whoever_answers() -> None:
    platform = make_platform(export_path=str(EXAMPLES / "n8n-before"))
    sue = make_person("sue", "sponsor")
    collect_platform(keeper(NOW), platform)
    _point_at(platform, EXAMPLES / "n8n")
    collect_platform(keeper(NOW + timedelta(days=1)), platform)
    assert Message.objects.filter(person=sue, kind__startswith="drift_").exists()


@pytest.mark.usefixtures("db")
def test_what_changed_is_told_to_the_owner_once_with_who_did_it() -> None:
    platform = make_platform(export_path=str(EXAMPLES / "n8n-before"))
    otto = make_person("otto", "platform_owner", platform=platform)
    first = collect_platform(keeper(NOW), platform)
    assert not Message.objects.exists()
    approver = make_person("bea", "approver")
    approve_baseline(actor(approver), first, "as agreed in spring")
    _point_at(platform, EXAMPLES / "n8n")
    second = collect_platform(keeper(NOW + timedelta(days=1)), platform)
    assert second.drift
    assert second.drift_from_baseline["baseline"] == first.pk
    assert {k: v for k, v in second.drift_from_baseline.items() if k != "baseline"} == second.drift
    drift = json.loads(drift_file(second, "last").read_text())
    added = {row["app_id"] for row in drift["tables"]["apps"]["added"]}
    texts = list(Message.objects.filter(person=otto).values_list("text", flat=True))
    assert len([t for t in texts if "a new workflow" in t]) == len(added)
    looking.compare_collection(keeper(NOW + timedelta(days=1)), second)
    assert Message.objects.filter(person=otto).count() == len(texts)


@pytest.mark.usefixtures("db")
def test_who_changed_it_is_told_by_the_platforms_own_audit_log(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    for folder in (before, after):
        shutil.copytree(EXAMPLES / "directus", folder)
    flows, users = (json.loads((before / f"{name}.json").read_text()) for name in ("flows", "users"))
    new = flows["body"]["data"].pop()
    flows["body"].get("meta", {})["filter_count"] = len(flows["body"]["data"])
    (before / "flows.json").write_text(json.dumps(flows))
    nell = next(user for user in users["body"]["data"] if user["email"] == "nell@example.org")
    told = {"user": nell["id"], "collection": "directus_flows", "item": new["id"]}
    changes = [
        {"id": 9, "action": "update", "timestamp": "2026-06-02T08:00:00.000Z", **told},
        # Before the first look: what changed since was not this.
        {
            "id": 8,
            "action": "create",
            "timestamp": "2026-05-02T08:00:00.000Z",
            **told,
            "user": users["body"]["data"][0]["id"],
        },
        {"id": 7, "action": "shred", "timestamp": "2026-06-02T08:00:00.000Z", **told},
    ]
    answer = {"request": {"method": "GET", "path": "/activity"}, "status": 200, "body": {"data": changes}}
    (after / "activity_changes.json").write_text(json.dumps(answer))
    platform = make_platform(kind="directus", export_path=str(before))
    make_person("otto", "platform_owner", platform=platform)
    collect_platform(keeper(NOW), platform)
    _point_at(platform, after)
    look = collect_platform(keeper(NOW + timedelta(days=2)), platform)
    assert "audit_events" not in look.drift
    message = Message.objects.get(kind="drift_new_item", text__contains=new["name"])
    assert ", by Nell on 2026-06-02 08:00 UTC (entry 9 of the platform's log). " in message.text
    [noticed] = [each for each in notices_of(look) if each.resource == new["id"] and each.table == "apps"]
    assert (noticed.by, noticed.entry, noticed.at) == ("Nell", "9", datetime(2026, 6, 2, 8, tzinfo=UTC))


@pytest.mark.usefixtures("db")
def test_who_changed_it_is_told_by_an_export_of_purview_between_two_looks(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    for folder in (before, after):
        shutil.copytree(EXAMPLES / "power-platform-live", folder)
    apps, shares = before / f"apps.{PRODUCTION}.json", before / f"connection_shares.{CONNECTION}.json"
    answer = json.loads(apps.read_text())
    new = answer["body"]["value"].pop()
    apps.write_text(json.dumps(answer))
    answer = json.loads(shares.read_text())
    answer["body"]["value"] = [each for each in answer["body"]["value"] if each["properties"]["roleName"] == "Owner"]
    shares.write_text(json.dumps(answer))
    later = (NOW + timedelta(hours=30)).astimezone(UTC)
    made = entry(9, "CreatePowerApp", {"power_app.id": new["name"]}, at=f"{later:%Y-%m-%dT%H:%M:%S}")
    # Before the first look: what changed since was not this.
    old = entry(8, "UpdatePowerApp", {"power_app.id": new["name"]}, at="2026-01-02T08:00:00", who=TOM)
    write(after, portal(made, old))
    platform = make_platform(kind="power-platform", export_path=str(before))
    make_person("otto", "platform_owner", platform=platform)
    collect_platform(keeper(NOW), platform)
    _point_at(platform, after)
    look = collect_platform(keeper(NOW + timedelta(days=2)), platform)
    assert "audit_events" not in look.drift
    message = Message.objects.get(kind="drift_new_item", text__contains=new["properties"]["displayName"])
    assert f", by Priya Sand on {later:%Y-%m-%d %H:%M} UTC (entry {made['Id']} of the platform's log). " in message.text
    notices = {(each.table, each.resource): each for each in notices_of(look)}
    assert (notices["apps", new["name"]].by, notices["apps", new["name"]].at) == ("Priya Sand", later)
    # Nobody is named where the export ends before the look: the change may have been made after it.
    shared = notices["connections", CONNECTION]
    assert (shared.by, shared.unknown) == ("", f"the log read ends on {later:%Y-%m-%d %H:%M} UTC")
    client = Client()
    client.force_login(make_person("ada", "auditor"))
    page = client.get(f"/collections/{look.pk}/").content.decode()
    assert f"<code>{made['Id']}</code>" in page
    assert "Priya Sand" in page
    assert f"not known: {shared.unknown}" in page


@pytest.mark.usefixtures("db")
def test_what_changed_while_a_table_could_not_be_read_is_told_when_it_can_be_again(tmp_path: Path) -> None:
    platform = make_platform(export_path=str(EXAMPLES / "n8n-before"))
    otto = make_person("otto", "platform_owner", platform=platform)
    collect_platform(keeper(NOW), platform)
    blind = tmp_path / "blind"
    shutil.copytree(EXAMPLES / "n8n", blind)
    answer = json.loads((blind / "workflows.json").read_text())
    (blind / "workflows.json").write_text(json.dumps({**answer, "status": 403, "body": {"message": "Forbidden"}}))
    _point_at(platform, blind)
    collect_platform(keeper(NOW + timedelta(days=1)), platform)
    assert not Message.objects.filter(person=otto, text__contains="a new workflow").exists()
    _point_at(platform, EXAMPLES / "n8n")
    collect_platform(keeper(NOW + timedelta(days=2)), platform)
    assert Message.objects.filter(person=otto, text__contains="a new workflow").exists()


@pytest.mark.usefixtures("durable_db")
def test_one_look_at_a_time_and_a_dead_one_is_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    platform = make_platform()
    # A process that was killed leaves a running row and no lock.
    dead = Collection.objects.create(platform=platform, started_at=NOW)
    is_inside, may_go_on = threading.Event(), threading.Event()

    def slow(order: object, out: Path) -> Look:
        is_inside.set()
        assert may_go_on.wait(120)
        return take_look(order, out)  # type: ignore[arg-type]

    monkeypatch.setattr(looking, "take_look", slow)
    found: list[object] = []

    def work() -> None:
        try:
            found.append(collect_platform(keeper(NOW), platform).state)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    assert is_inside.wait(120)
    with pytest.raises(AlreadyLooking):
        collect_platform(keeper(NOW), platform)
    may_go_on.set()
    thread.join()
    assert found[0] in (CollectionState.DONE, CollectionState.INCOMPLETE)
    dead.refresh_from_db()
    assert (dead.state, dead.error) == ("failed", "was interrupted; the next look starts afresh")


@pytest.mark.usefixtures("db")
def test_a_look_that_was_taken_for_dead_and_wakes_up_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    platform = make_platform()

    def paused(order: object, out: Path) -> Look:
        look = take_look(order, out)  # type: ignore[arg-type]
        Collection.objects.filter(state="running").update(state="failed")
        return look

    monkeypatch.setattr(looking, "take_look", paused)
    with pytest.raises(looking.LookTakenOver):
        collect_platform(keeper(NOW), platform)
    assert not Finding.objects.exists()
    assert Collection.objects.get().state == "failed"


@pytest.mark.usefixtures("db")
def test_credentials_come_by_name_and_a_missing_one_is_told_by_its_name_alone() -> None:
    platform = make_platform(
        credentials={"PASSMUSTER_N8N_API_KEY": "env:OUR_KEY", "PASSMUSTER_N8N_PASSWORD": "command:false"}
    )
    look = collect_platform(keeper(NOW), platform, environ={})
    assert look.state == CollectionState.FAILED
    assert "has no OUR_KEY" in look.error
    assert "gave no secret (exit 1)" in look.error
    platform.credentials = {
        "PASSMUSTER_N8N_API_KEY": "env:OUR_KEY",
        "PASSMUSTER_N8N_PASSWORD": "command:printf %s hidden",
    }
    platform.save()
    look = collect_platform(keeper(NOW), platform, environ={"OUR_KEY": "very secret"})
    assert look.state != CollectionState.FAILED, look.error
    assert "very secret" not in json.dumps(list(AuditEvent.objects.values("after", "before", "why")))
