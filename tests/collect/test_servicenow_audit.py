"""Who changed what in ServiceNow, from `sys_audit`; records as the vendor's documentation describes them, none real."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from passmuster.collect.audit_log import MOST_ENTRIES
from passmuster.collect.connectors.servicenow.mapping_audit import AUDITED_TABLES
from passmuster.collect.connectors.servicenow.wanted import WANTED
from tests.collect.answering import Reply
from tests.collect.servicenow_tables import EXAMPLE, Instance, collect, live, put, rows_by, status, tables_of_example

ADA = "9e4bed325fb52fc40d9f4d26904d6e8c"
SINCE = datetime(2026, 5, 30, 6, tzinfo=UTC)


def audit(number: int, table: str, item: str, **more: str) -> dict[str, Any]:
    told = {"sys_id": f"{number:032d}", "tablename": table, "documentkey": item, "fieldname": "name", "user": "admin"}
    return {**told, "sys_created_on": f"{datetime(2026, 5, 31, tzinfo=UTC) - timedelta(minutes=number):%F %T}", **more}


def test_records_of_the_example_name_people_by_id_and_what_they_touched() -> None:
    result = collect(EXAMPLE)
    people = {key: row["principal_id"] for key, row in rows_by(result, "principals", "login").items()}
    told = {
        (row["object_table"], row["object_id"], row["actor_principal_id"], row["action"])
        for row in result.tables["audit_events"].rows
    }
    assert told == {
        ("grants", "78d79b9f66df1515c2e35687cd435bf1", people["bruno.hale"], "update"),
        ("principals", ADA, people["bruno.hale"], "update"),
        ("principals", people["elena.park"], people["ada.kessel"], "update"),
        ("apps", "9f6974eebcd3c20175c6300d78f5aa74", people["carla.voss"], "update"),
        ("data_stores", "sys_properties", people["admin"], "update"),
        ("log_sources", "sys_audit", people["admin"], "update"),
    }
    # An export says of itself how far back it goes.
    assert result.tables["audit_events"].since == datetime(2026, 5, 11, 17, 12, 55, tzinfo=UTC)


@pytest.mark.parametrize(
    ("table", "item", "touched"),
    [
        ("sys_script", "s1", {("apps", "s1")}),
        ("sp_portal", "p1", {("apps", "p1"), ("endpoints", "p1")}),
        ("oauth_entity", "o1", {("credentials", "o1")}),
        ("sys_security_acl", "a1", {("data_stores", "incident")}),
        ("sys_user_role", "r1", {("roles", "itil")}),
        ("sys_user_grmember", "m1", {("principals", "u1"), ("groups", "g1")}),
        # What it was cannot be told any more, and a record of a table that nobody reads says nothing here.
        ("sys_user_grmember", "gone", set()),
        ("incident", "i1", set()),
    ],
)
def test_a_record_touches_what_the_snapshot_has_of_it(
    tmp_path: Any, table: str, item: str, touched: set[tuple[str, str]]
) -> None:
    put(tmp_path, "sys_audit.json", {"result": [audit(1, table, item)]})
    put(
        tmp_path, "sys_security_acl.json", {"result": [{"sys_id": "a1", "name": "incident.state", "operation": "read"}]}
    )
    put(tmp_path, "sys_user_role.json", {"result": [{"sys_id": "r1", "name": "itil"}]})
    put(tmp_path, "sys_user_grmember.json", {"result": [{"sys_id": "m1", "user": "u1", "group": "g1"}]})
    put(tmp_path, "sys_user.json", {"result": [{"sys_id": "u1", "user_name": "una"}]})
    rows = collect(tmp_path).tables["audit_events"].rows
    assert {(row["object_table"], row["object_id"]) for row in rows} == touched


def test_a_deleted_record_is_told_as_deleted(tmp_path: Any) -> None:
    put(tmp_path, "sys_audit.json", {"result": [audit(1, "sys_hub_flow", "f1", fieldname="DELETED")]})
    [row] = collect(tmp_path).tables["audit_events"].rows
    assert (row["action"], row["actor_principal_id"]) == ("delete", "admin")


def test_an_instance_is_asked_from_the_look_before_on_newest_first_and_for_no_values() -> None:
    result, server = live(Instance(), since=SINCE)
    [asked] = [each for each in server.asked if each.path.endswith("/sys_audit")]
    query = asked.params["sysparm_query"].split("^")
    # Half a day more, whatever the time zone of the account.
    assert query == [f"tablenameIN{','.join(AUDITED_TABLES)}", "sys_created_on>=2026-05-29 18:00:00", query[-1]]
    assert query[-1] == "ORDERBYDESCsys_created_on"
    assert not {"oldvalue", "newvalue"} & set(asked.params["sysparm_fields"].split(","))
    assert result.tables["audit_events"].since == SINCE


def test_a_log_that_is_too_long_is_partial_and_says_how_far_back_it_goes() -> None:
    records = [audit(number, "sys_hub_flow", f"f{number}") for number in range(MOST_ENTRIES + 1_500)]
    result, server = live(Instance({**tables_of_example(), "sys_audit": records}), since=SINCE)
    asked = [each for each in server.asked if each.path.endswith("/sys_audit")]
    oldest = datetime(2026, 5, 31, tzinfo=UTC) - timedelta(minutes=MOST_ENTRIES - 1)
    assert len(asked) == 5
    assert (status(result, "audit_events"), result.tables["audit_events"].since) == ("partial", oldest)
    assert f"the log read goes back to {oldest:%Y-%m-%d %H:%M} UTC" in result.tables["audit_events"].reason


def test_without_the_right_to_read_the_log_that_table_alone_is_denied() -> None:
    whole, _ = live(Instance())
    result, _ = live(Instance(sys_audit=Reply(403, {"error": {"message": "Operation Failed"}, "status": "failure"})))
    assert status(result, "audit_events") == "denied"
    assert "may read sys_audit" in result.tables["audit_events"].unlock
    others = {name: status(result, name) for name in result.tables if name != "audit_events"}
    assert others == {name: status(whole, name) for name in others}


def test_every_table_that_is_joined_is_read() -> None:
    assert set(AUDITED_TABLES) <= set(WANTED)
