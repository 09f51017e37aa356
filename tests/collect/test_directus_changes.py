"""Who changed what in Directus, from its own activity: as a real server answered, and as one that is served here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from passmuster.collect.audit_log import MOST_ENTRIES
from passmuster.collect.connectors.directus.connector import Directus
from passmuster.collect.interface import Target
from tests.collect.answering import Asked, Reply
from tests.collect.directus_instance import EXAMPLES, Instance, error, live, statuses

SINCE = datetime(2026, 11, 20, 6, tzinfo=UTC)


def recorded(name: str) -> list[Any]:
    return list(json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))["body"]["data"])


def events() -> set[tuple[str, str, str]]:
    rows = Directus().collect(Target(path=EXAMPLES)).tables["audit_events"].rows
    return {(row["object_table"], row["object_id"], row["action"]) for row in rows}


def test_what_a_real_server_logged_touches_what_the_snapshot_has_of_it() -> None:
    result = Directus().collect(Target(path=EXAMPLES))
    ids = {
        table: {row[key] for row in result.tables[table].rows}
        for table, key in (
            ("principals", "principal_id"),
            ("groups", "group_id"),
            ("roles", "role_id"),
            ("grants", "grant_id"),
            ("apps", "app_id"),
            ("endpoints", "endpoint_id"),
            ("connections", "connection_id"),
        )
    }
    rows = result.tables["audit_events"].rows
    # The administrator was made before the log begins; all else was made through the server.
    actors = {row["actor_principal_id"] for row in rows}
    assert actors <= ids["principals"]
    made = {(row["object_table"], row["object_id"]) for row in rows if row["action"] == "create"}
    assert {("apps", flow) for flow in ids["apps"]} <= made
    assert {("endpoints", door) for door in ids["endpoints"]} <= made
    assert {("connections", link) for link in ids["connections"]} <= made
    assert result.tables["audit_events"].since == datetime(2026, 11, 25, 22, 39, 41, 721000, tzinfo=UTC)


def test_a_part_that_changed_changes_the_whole_it_belongs_to() -> None:
    [flow] = [each for each in recorded("flows") if each["name"] == "Nightly export"]
    [step] = [each["id"] for each in flow["operations"] if each["type"] == "request"]
    [permission] = [each for each in recorded("permissions") if each["collection"] == "customers" and each["id"] == 2]
    told = events()
    assert {("app_steps", step, "create"), ("connections", f"{flow['id']}/{step}", "create")} <= told
    assert ("apps", flow["id"], "update") in told
    assert {("data_stores", "customers", "update"), ("roles", permission["policy"], "update")} <= told


def test_shares_are_named_by_their_digest_and_never_by_the_link() -> None:
    links = {share["id"] for share in recorded("shares")}
    text = repr(Directus().collect(Target(path=EXAMPLES)).tables["audit_events"])
    assert links
    assert not [link for link in links if link in text]


def activity(count: int) -> Instance:
    """A server with so many changes of one flow, a minute apart, that pages as Directus does."""
    newest = datetime(2026, 11, 26, tzinfo=UTC)

    def change(number: int) -> Mapping[str, Any]:
        at = newest - timedelta(minutes=count - number)
        told = {"action": "update", "user": "u1", "collection": "directus_flows", "item": "f1"}
        return {"id": number, "timestamp": at.isoformat().replace("+00:00", ".000Z"), **told}

    def reply(asked: Asked) -> Reply:
        below = int(asked.params.get("filter[id][_lt]", count + 1))
        numbers = range(below - 1, max(0, below - 1 - int(asked.params["limit"])), -1)
        return Reply(200, {"data": [change(number) for number in numbers]})

    return Instance(activity_changes=reply)


@pytest.mark.parametrize("count", [0, 99, 100, 250])
def test_all_changes_since_the_look_before_are_read_page_by_page(count: int) -> None:
    result, server = live(activity(count), since=SINCE)
    table = result.tables["audit_events"]
    assert {row["audit_event_id"] for row in table.rows} == {str(number) for number in range(1, count + 1)}
    assert table.since == SINCE
    asked = [each.params for each in server.asked if "filter[collection][_in]" in each.params]
    assert {params["filter[timestamp][_gte]"] for params in asked} == {"2026-11-20T06:00:00Z"}
    assert len(asked) == count // 100 + 1


def test_a_log_that_is_too_long_is_partial_and_says_how_far_back_it_goes() -> None:
    result, server = live(activity(MOST_ENTRIES + 250), since=SINCE)
    table = result.tables["audit_events"]
    oldest = datetime(2026, 11, 26, tzinfo=UTC) - timedelta(minutes=MOST_ENTRIES - 1)
    assert (statuses(result, "audit_events"), table.since) == (["partial"], oldest)
    assert f"only the newest {MOST_ENTRIES} changes were read; the log read goes back to" in table.reason
    assert len([each for each in server.asked if "filter[collection][_in]" in each.params]) == MOST_ENTRIES // 100


def test_without_a_look_before_a_month_is_asked_for() -> None:
    result, _ = live(activity(1))
    since = result.tables["audit_events"].since
    assert since is not None
    assert timedelta(days=29) < datetime.now(UTC) - since < timedelta(days=31)


def test_without_the_right_to_read_the_log_its_table_is_denied() -> None:
    result, _ = live(Instance(activity_changes=error(403, "FORBIDDEN")))
    assert statuses(result, "audit_events", "log_sources", "apps") == ["denied", "ok", "ok"]
    assert "directus_activity" in result.tables["audit_events"].unlock


def test_a_log_whose_steps_cannot_be_looked_up_is_partial(tmp_path: Path) -> None:
    for path in EXAMPLES.glob("*.json"):
        if path.stem != "flows":
            (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    table = Directus().collect(Target(path=tmp_path)).tables["audit_events"]
    assert (table.status.value, table.since) == ("partial", None)
    assert "directus_operations" in table.reason
