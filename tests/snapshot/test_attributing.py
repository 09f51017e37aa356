"""Who made a change, joined from the platform's own log by the id of what changed; told as not known, never guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from passmuster.documents.atomic import new_folder
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.drift import compare_snapshots
from passmuster.snapshot.gathered import Gathered
from passmuster.snapshot.noticing import Notice, take_notice
from passmuster.snapshot.read import Snapshot, open_snapshot
from passmuster.snapshot.write import write_snapshot
from tests.making import NOW, result_of

BEFORE, LOOK = NOW - timedelta(days=2), NOW
Row = Mapping[str, Any]
PEOPLE = [
    {"principal_id": key, "display_name": key.capitalize(), "is_enabled": True} for key in ("ada", "nell", "otto")
]
ROLES = [{"role_id": "boss", "name": "Boss", "is_privileged": True}, {"role_id": "x", "is_privileged": False}]
FLOW = {"app_id": "f1", "kind": "workflow", "name": "Intake"}
STORE = {"data_store_id": "customers", "name": "customers", "anonymous_access": "none"}
BASE: dict[str, Sequence[Row]] = {
    "principals": PEOPLE,
    "roles": ROLES,
    "role_inclusions": [],
    "grants": [],
    "groups": [{"group_id": "leads"}],
    "memberships": [{"group_id": "leads", "member_id": "ada", "member_kind": "principal"}],
    "apps": [],
    "data_stores": [STORE],
}
NEW_FLOW: dict[str, Sequence[Row]] = {"apps": [FLOW]}
OPENED: dict[str, Sequence[Row]] = {"data_stores": [{**STORE, "anonymous_access": "read"}]}


def grant(subject: str, kind: str = "principal") -> dict[str, Sequence[Row]]:
    return {"grants": [{"grant_id": "g1", "subject_kind": kind, "subject_id": subject, "role_id": "boss"}]}


def entry(number: int, who: str | None, table: str, item: str, hours: float, action: str = "update") -> Row:
    """An entry of the log, so many hours before the look."""
    told = {"audit_event_id": str(number), "object_table": table, "object_id": item, "action": action}
    return {**told, "actor_principal_id": who, "happened_at": LOOK - timedelta(hours=hours)}


def snapshot(folder: Path, tables: Mapping[str, Sequence[Row]], log: Gathered, at: datetime) -> Snapshot:
    result = result_of({**BASE, **tables})
    with new_folder(folder) as scratch:
        told = replace(result, tables={**result.tables, "audit_events": log})
        write_snapshot(told, scratch, started_at=at, taken_at=at + timedelta(minutes=5))
    return open_snapshot(folder)


def notices(folder: Path, tables: Mapping[str, Sequence[Row]], log: Gathered) -> tuple[Notice, ...]:
    base = snapshot(folder / "base", {}, Gathered.of([]), BEFORE)
    head = snapshot(folder / "head", tables, log, LOOK)
    return take_notice(base, head, compare_snapshots(base, head), as_of=LOOK)


def logged(*entries: Row) -> Gathered:
    return replace(Gathered.of(entries), since=BEFORE)


@pytest.mark.parametrize(
    ("tables", "entries", "told"),
    [
        pytest.param(NEW_FLOW, [entry(1, "nell", "apps", "f1", 5, "create")], ("Nell", "1", ()), id="a workflow"),
        pytest.param(OPENED, [entry(1, "nell", "data_stores", "customers", 5)], ("Nell", "1", ()), id="a permission"),
        pytest.param(grant("ada"), [entry(1, "nell", "principals", "ada", 5)], ("Nell", "1", ()), id="a user"),
        pytest.param(grant("ada"), [entry(1, "nell", "grants", "g1", 5)], ("Nell", "1", ()), id="a grant"),
        pytest.param(grant("leads", "group"), [entry(1, "nell", "grants", "g1", 5)], ("Nell", "1", ()), id="a group's"),
        pytest.param(
            # She changed her own record too, which made nobody an administrator.
            grant("ada"),
            [entry(1, "nell", "grants", "g1", 5), entry(2, "ada", "principals", "ada", 1)],
            ("Nell", "1", ()),
            id="the grant, not what happened to the person",
        ),
        pytest.param(
            NEW_FLOW,
            [entry(1, "nell", "apps", "f1", 5, "create"), entry(2, "otto", "apps", "f1", 1)],
            ("Nell", "1", ()),
            id="who made a new thing, whoever changed it since",
        ),
        pytest.param(
            OPENED,
            [entry(1, "nell", "data_stores", "customers", 5), entry(2, "otto", "data_stores", "customers", 1)],
            ("Otto", "2", ("Nell",)),
            id="the newest of several, and that there are others",
        ),
        pytest.param(
            OPENED,
            [entry(1, "nell", "data_stores", "customers", 5), entry(2, "nell", "data_stores", "customers", 1)],
            ("Nell", "2", ()),
            id="one person twice is no doubt",
        ),
        pytest.param(
            OPENED,
            [entry(1, "nell", "data_stores", "customers", 5), entry(2, "otto", "data_stores", "customers", -0.01)],
            ("Nell", "1", ()),
            id="not what was logged after the look began",
        ),
        pytest.param(
            OPENED, [entry(2, "otto", "data_stores", "customers", -0.01)], ("Otto", "2", ()), id="while it looked"
        ),
        pytest.param(
            OPENED, [entry(1, "nell", "data_stores", "customers", 50)], ("", "", ()), id="not before the look before"
        ),
        pytest.param(OPENED, [entry(1, "nell", "data_stores", "others", 5)], ("", "", ()), id="not another thing"),
        pytest.param(OPENED, [entry(1, "nell", "apps", "customers", 5)], ("", "", ()), id="not another table"),
        pytest.param(
            OPENED, [entry(1, None, "data_stores", "customers", 5)], ("", "", ()), id="not where it says nobody"
        ),
        pytest.param(
            NEW_FLOW, [entry(1, "svc-7", "apps", "f1", 5, "create")], ("svc-7", "1", ()), id="whom no table knows"
        ),
    ],
)
def test_a_change_is_of_whoever_the_log_names_for_that_very_thing(
    tmp_path: Path, tables: dict[str, Sequence[Row]], entries: list[Row], told: tuple[str, str, tuple[str, ...]]
) -> None:
    [notice] = notices(tmp_path, tables, logged(*entries))
    assert (notice.by, notice.entry, notice.others) == told
    times = {row["audit_event_id"]: row["happened_at"] for row in entries}
    assert notice.at == (times[notice.entry] if notice.entry else None)
    assert notice.unknown == ""


CUT = LOOK - timedelta(hours=3)


@pytest.mark.parametrize(
    ("log", "why"),
    [
        (Gathered(CollectionStatus.DENIED, (), "403"), "the platform's log may not be read"),
        (Gathered(CollectionStatus.ERROR, (), "500"), "the platform's log could not be read"),
        (
            Gathered(CollectionStatus.PARTIAL, [entry(9, "nell", "apps", "x", 1)], "cut", since=CUT),
            f"the log read goes back to {CUT:%Y-%m-%d %H:%M} UTC",
        ),
        # Whole, but asked for less than lies between the looks.
        (
            replace(Gathered.of([]), since=CUT),
            f"the log read goes back to {CUT:%Y-%m-%d %H:%M} UTC",
        ),
        (Gathered(CollectionStatus.PARTIAL, (), "rows are hidden"), "the platform's log could be read in part only"),
        # Cut, but after the look before: everything since is there.
        (Gathered(CollectionStatus.PARTIAL, (), "cut", since=BEFORE), ""),
        # Exported before the look, so that what happened after the export is not in it.
        (
            replace(Gathered.of([]), since=BEFORE, until=CUT),
            f"the log read ends on {CUT:%Y-%m-%d %H:%M} UTC",
        ),
        (replace(Gathered.of([]), since=BEFORE, until=LOOK), ""),
        (logged(), ""),
        (Gathered(CollectionStatus.UNSUPPORTED, (), "it has none"), ""),
    ],
)
def test_a_log_that_may_lack_the_entry_says_so(tmp_path: Path, log: Gathered, why: str) -> None:
    [notice] = notices(tmp_path, OPENED, log)
    assert (notice.by, notice.unknown) == ("", why)


def test_what_the_thing_itself_says_counts_where_the_log_is_silent(tmp_path: Path) -> None:
    flow = {"apps": [{**FLOW, "modified_by": "otto"}]}
    [notice] = notices(tmp_path, flow, Gathered(CollectionStatus.DENIED, (), "403"))
    assert (notice.by, notice.at, notice.unknown) == ("Otto", None, "")


def test_what_is_shared_more_widely_is_called_by_its_name(tmp_path: Path) -> None:
    [notice] = notices(tmp_path, {"data_stores": [{**OPENED["data_stores"][0], "name": "All customers"}]}, logged())
    assert notice.resource == "customers"
    assert notice.text == "All customers can now be reached by visitors without a sign-in (read)"


def test_a_role_that_became_an_administrators_is_of_whoever_changed_the_role(tmp_path: Path) -> None:
    held = {"grants": [{"grant_id": "g0", "subject_kind": "principal", "subject_id": "ada", "role_id": "x"}]}
    base = snapshot(tmp_path / "base", held, Gathered.of([]), BEFORE)
    log = logged(entry(1, "nell", "roles", "x", 5), entry(2, "ada", "principals", "ada", 1))
    raised = [ROLES[0], {**ROLES[1], "is_privileged": True}]
    head = snapshot(tmp_path / "head", {**held, "roles": raised}, log, LOOK)
    [notice] = take_notice(base, head, compare_snapshots(base, head), as_of=LOOK)
    assert (notice.kind, notice.by, notice.entry) == ("new_administrator", "Nell", "1")


def test_how_far_a_log_reaches_is_part_of_the_manifest(tmp_path: Path) -> None:
    kept = snapshot(tmp_path / "a", {}, replace(Gathered.of([]), since=BEFORE, until=CUT), LOOK).manifest
    assert (kept.tables["audit_events"].since, kept.tables["audit_events"].until) == (BEFORE, CUT)
    assert (kept.tables["apps"].since, kept.tables["apps"].until) == (None, None)
    plain = snapshot(tmp_path / "b", {}, Gathered.of([]), LOOK).manifest.to_text()
    assert '"since"' not in plain
    assert '"until"' not in plain
