"""Exports of ServiceNow in every form, cut short, mixed up, or of something else.

All exports here are made from ServiceNow's documentation; none was taken from an instance.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from passmuster.collect.connectors.servicenow.connector import ServiceNow
from passmuster.collect.interface import Target
from passmuster.errors import UnreadableInput, UsageError
from passmuster.snapshot.tables import TABLES
from tests.collect.conformance import (
    assert_conforms,
)
from tests.collect.servicenow_tables import ID, LINK, PROPERTY, USER, collect, put, rows_by, status

# -- the forms of an export

AS_VALUES = {"records": [{**USER, "manager": ID}]}
AS_LINKS = {"result": [{**USER, "manager": {"link": f"{LINK}sys_user/{ID}", "value": ID}}]}
_SHOWN = {name: {"display_value": value, "value": value} for name, value in USER.items()}
AS_ALL = {"result": [{**_SHOWN, "manager": {"display_value": "Abel Tuter", "value": ID}}]}
RECORDED = {
    "request": "GET /api/now/table/sys_user",
    "status": 200,
    "headers": {"X-Total-Count": "1"},
    "body": AS_LINKS,
}
AS_LIST_XML = (
    f'<?xml version="1.0" encoding="UTF-8"?><xml><sys_user><sys_id>{ID}</sys_id><user_name>abel.tuter</user_name>'
    f'<name>Abel Tuter</name><active>true</active><manager display_value="Abel Tuter">{ID}</manager></sys_user></xml>'
)
AS_UNLOAD_XML = AS_LIST_XML.replace("<xml>", '<unload unload_date="2026-06-01 05:00:00">').replace(
    "</xml>", "</unload>"
)
AS_API_XML = (
    f"<response><result><sys_id>{ID}</sys_id><user_name>abel.tuter</user_name><active>true</active>"
    f"<manager><link>{LINK}sys_user/{ID}</link><value>{ID}</value></manager></result></response>"
)
BY_FIELDS = (
    '"sys_id","user_name","name","active","manager"\n' + f'"{ID}","abel.tuter","Abel Tuter","true","Abel Tuter"\n'
)
BY_LABELS = '"Sys ID","User ID","Name","Active","Manager"\n' + f'"{ID}","abel.tuter","Abel Tuter","true","Abel Tuter"\n'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("sys_user.json", AS_VALUES),
        ("sys_user.json", AS_LINKS),
        ("sys_user (2).json", AS_ALL),
        ("sys_user.json", RECORDED),
        ("users of the house.json", AS_VALUES),
        ("sys_user.xml", AS_LIST_XML),
        ("whatever.xml", AS_UNLOAD_XML),
        ("sys_user.xml", AS_API_XML),
        ("sys_user.csv", BY_FIELDS),
        ("sys_user-2026-06-01.csv", BY_LABELS),
        ("sys_user_page2.csv", "﻿" + BY_FIELDS),
    ],
)
def test_every_form_of_an_export_gives_the_same_person(tmp_path: Path, name: str, content: Any) -> None:
    result = collect(put(tmp_path, name, content))
    assert_conforms(result)
    (row,) = result.tables["principals"].rows
    assert (row["principal_id"], row["login"], row["is_enabled"]) == (ID, "abel.tuter", True)
    assert row["manager"] in ("Abel Tuter", ID)
    assert status(result, "principals") == "ok"


def test_lists_without_ids_are_tied_together_by_names(tmp_path: Path) -> None:
    put(tmp_path, "sys_user.csv", "user_name,name,active\nabel,Abel Tuter,true\nbeth,Beth Anglin,true\n")
    put(tmp_path, "sys_user_role.csv", "name,elevated_privilege,grantable\nadmin,false,true\n")
    put(tmp_path, "sys_user_has_role.csv", "user,role,state,inherited\nAbel Tuter,admin,Active,false\n")
    put(tmp_path, "sys_group_has_role.json", {"result": []})
    result = collect(tmp_path)
    assert_conforms(result)
    (grant,) = result.tables["grants"].rows
    assert (grant["subject_id"], grant["role_id"], status(result, "grants")) == ("abel", "admin", "ok")


def test_a_name_that_two_people_have_ties_nothing(tmp_path: Path) -> None:
    put(tmp_path, "sys_user.csv", "user_name,name,active\njs1,John Smith,true\njs2,John Smith,true\n")
    put(tmp_path, "sys_user_role.json", {"result": [{"name": "itil"}]})
    put(tmp_path, "sys_user_has_role.csv", "user,role,inherited\nJohn Smith,admin,false\njs2,itil,false\n")
    put(tmp_path, "sys_group_has_role.json", {"result": []})
    result = collect(tmp_path)
    assert [(row["subject_id"], row["role_id"]) for row in result.tables["grants"].rows] == [("js2", "itil")]
    assert status(result, "grants") == "partial"
    assert "1 records name nobody, or several alike" in result.tables["grants"].reason


def test_windows_letters_are_read_and_told(tmp_path: Path) -> None:
    (tmp_path / "sys_user.csv").write_bytes("user_name,name\nzoe,Zoë Ångström\n".encode("cp1252"))
    result = collect(tmp_path)
    assert result.tables["principals"].rows[0]["display_name"] == "Zoë Ångström"
    assert any("read as Windows-1252" in text for text in result.warnings)
    assert any("time zone of whoever exported them" in text for text in result.warnings)


def test_times_written_another_way_are_left_out(tmp_path: Path) -> None:
    put(tmp_path, "sys_user.csv", "user_name,last_login_time\na,31/05/2026 17:04:05\nb,2026-05-31 17:04:05\n")
    people = rows_by(collect(tmp_path), "principals", "login")
    assert people["a"]["last_sign_in_at"] is None
    assert people["b"]["last_sign_in_at"] == datetime(2026, 5, 31, 17, 4, 5, tzinfo=UTC)


def test_parts_of_one_table_are_put_together_and_doubles_count_once(tmp_path: Path) -> None:
    put(tmp_path, "sys_properties_1.json", {"result": [PROPERTY]})
    put(tmp_path, "sys_properties_2.json", {"result": [PROPERTY, {**PROPERTY, "sys_id": "p2", "name": "glide.a"}]})
    assert len(collect(tmp_path).tables["settings"].rows) == 2


def test_a_deleted_record_in_an_unload_is_not_there(tmp_path: Path) -> None:
    gone = AS_UNLOAD_XML.replace(
        "</unload>", '<sys_user action="DELETE"><user_name>gone</user_name></sys_user></unload>'
    )
    assert [row["login"] for row in collect(put(tmp_path, "u.xml", gone)).tables["principals"].rows] == ["abel.tuter"]


def test_an_empty_list_is_empty_and_not_unread(tmp_path: Path) -> None:
    put(tmp_path, "sys_user.json", {"result": []})
    put(tmp_path, "sys_user_group.xml", "<xml></xml>")
    result = collect(tmp_path)
    assert (status(result, "principals"), status(result, "groups")) == ("empty", "empty")


def test_people_alone_leave_the_other_tables_to_be_exported(tmp_path: Path) -> None:
    result = collect(put(tmp_path, "sys_user.json", AS_LINKS))
    assert_conforms(result)
    others = ("apps", "grants", "memberships", "roles", "role_inclusions", "role_permissions", "settings", "endpoints")
    assert [status(result, name) for name in others] == ["unsupported"] * len(others)
    assert not any(gathered.status.is_incomplete for gathered in result.tables.values())


def test_properties_alone_are_whole_settings(tmp_path: Path) -> None:
    result = collect(put(tmp_path, "sys_properties.json", {"result": [PROPERTY]}))
    assert (status(result, "settings"), status(result, "principals")) == ("ok", "unsupported")
    assert "export the table sys_user (users)" in result.tables["principals"].unlock


# -- exports cut short, mixed up, of something else


@pytest.mark.parametrize(("count", "expected"), [(999, "ok"), (1_000, "partial"), (1_001, "ok"), (10_000, "partial")])
def test_exactly_so_many_thousand_rows_are_a_row_limit(tmp_path: Path, count: int, expected: str) -> None:
    rows = [{**PROPERTY, "sys_id": str(n), "name": f"glide.p{n}"} for n in range(count)]
    result = collect(put(tmp_path, "sys_properties.json", {"records": rows}))
    assert status(result, "settings") == expected
    assert len(result.tables["settings"].rows) == count
    if expected == "partial":
        assert "cut at its row limit" in result.tables["settings"].reason


def test_a_recorded_answer_tells_by_its_count_what_is_missing(tmp_path: Path) -> None:
    answer = {"status": 200, "headers": {"x-total-count": "40"}, "body": {"result": [PROPERTY]}}
    result = collect(put(tmp_path, "sys_properties.json", answer))
    assert status(result, "settings") == "partial"
    assert "1 of 40 records were given" in result.tables["settings"].reason


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("sys_user.json", '{"result": [{"user_name": "a"', "sys_user.json: is not JSON: line 1"),
        ("sys_user.xml", "<xml><sys_user><user_name>a</user_name>", "sys_user.xml: is not XML: line 1"),
        ("sys_user.csv", 'user_name,name\n"a,b\n', "sys_user.csv: line 2"),
        ("sys_user.csv", "Benutzer-ID,Name,Aktiv\na,b,wahr\n", "columns in another language cannot be told"),
        ("sys_user.json", {"result": [{"number": "INC1", "short_description": "x"}]}, "is no list of sys_user"),
        ("sys_user.json", "<html>sign in</html>", "web page"),
        (
            "sys_user.json",
            {"error": {"message": "User Not Authenticated"}, "status": "failure"},
            "User Not Authenticated",
        ),
        ("sys_user.json", {"result": [{"user_name": ["a"]}]}, "entries are not records of ServiceNow"),
        ("sys_user.xml", "<!DOCTYPE a [<!ENTITY b 'c'>]><xml>&b;</xml>", "document type"),
    ],
)
def test_a_broken_file_is_an_error_of_its_table_and_the_others_stay(
    tmp_path: Path, name: str, content: Any, words: str
) -> None:
    put(tmp_path, name, content)
    put(tmp_path, "sys_properties.json", {"result": [PROPERTY]})
    result = collect(tmp_path)
    assert_conforms(result)
    assert (status(result, "principals"), status(result, "settings")) == ("error", "ok")
    assert words in result.tables["principals"].reason
    assert str(tmp_path) not in repr(result)


def test_a_broken_part_beside_a_good_one_makes_the_table_partial(tmp_path: Path) -> None:
    put(tmp_path, "sys_user_1.json", AS_LINKS)
    put(tmp_path, "sys_user_2.json", '{"result": [')
    result = collect(tmp_path)
    assert (status(result, "principals"), len(result.tables["principals"].rows)) == ("partial", 1)


def test_where_no_file_can_be_read_every_reason_is_told(tmp_path: Path) -> None:
    put(tmp_path, "sys_user.json", '{"result": [')
    put(tmp_path, "sys_properties.xml", "<xml><sys_properties>")
    with pytest.raises(UnreadableInput) as caught:
        collect(tmp_path)
    assert "sys_user.json: is not JSON" in str(caught.value)
    assert "sys_properties.xml: is not XML" in str(caught.value)


def test_an_export_of_another_product_is_an_error_of_every_table(tmp_path: Path) -> None:
    put(tmp_path, "export.json", {"dlp_policies": [], "environment_list": []})
    result = collect(tmp_path)
    assert {status(result, name) for name in TABLES} == {"error"}
    assert_conforms(result)


def test_exports_of_two_instances_are_not_mixed(tmp_path: Path) -> None:
    put(tmp_path, "sys_user.json", AS_LINKS)
    other = {"result": [{"user": {"link": "https://other.service-now.com/x", "value": ID}, "role": "admin"}]}
    put(tmp_path, "sys_user_has_role.json", other)
    result = collect(tmp_path)
    assert {status(result, name) for name in ("principals", "grants", "settings")} == {"error"}
    assert "several instances (house.service-now.com, other.service-now.com)" in result.tables["principals"].reason


def test_tables_that_are_not_read_are_named_and_do_no_harm(tmp_path: Path) -> None:
    put(tmp_path, "incident.json", {"result": [{"number": "INC1"}]})
    put(tmp_path, "sys_user.json", AS_LINKS)
    put(tmp_path, "notes.txt", "hello")
    result = collect(tmp_path)
    assert status(result, "principals") == "ok"
    assert any("incident.json" in text for text in result.warnings)


@pytest.mark.parametrize("make", ["missing", "empty", "text"])
def test_a_place_without_exports_is_refused_with_the_mend(tmp_path: Path, make: str) -> None:
    path = tmp_path / make
    if make == "empty":
        path.mkdir()
    if make == "text":
        path.write_text("x", encoding="utf-8")
    with pytest.raises(UnreadableInput, match="hand over a folder of exported tables"):
        collect(path)


def test_neither_an_address_nor_a_path_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="--from"):
        ServiceNow().collect(Target())


def test_fields_of_a_newer_release_and_odd_values_change_nothing(tmp_path: Path) -> None:
    odd = {**USER, "brand_new": "1", "active": "perhaps", "last_login_time": "never", "email": 7, "manager": None}
    result = collect(put(tmp_path, "sys_user.json", json.dumps({"result": [odd]})))
    assert_conforms(result)
    (row,) = result.tables["principals"].rows
    assert (row["is_enabled"], row["last_sign_in_at"], row["manager"]) == (None, None, None)
