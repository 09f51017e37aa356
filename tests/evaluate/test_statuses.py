"""The verdict of a control, by what could be looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from passmuster.controls.load import load_pack
from passmuster.documents.atomic import new_folder
from passmuster.evaluate.engine import evaluate
from passmuster.model.control import Pack
from passmuster.model.results import ControlResult, Evaluation
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gathered
from passmuster.snapshot.load import Beside
from passmuster.snapshot.read import open_snapshot
from passmuster.snapshot.registers import Registers, register_rows
from passmuster.snapshot.write import write_snapshot
from tests.making import NOW, Rows, make_pack, make_snapshot, result_of, sql_control

ENABLED = "SELECT principal_id AS resource_id, is_enabled FROM principals"
SERVICE = "SELECT principal_id AS resource_id, display_name AS name, 'is on' AS detail FROM principals WHERE is_enabled"


def run(tmp_path: Path, controls: Mapping[str, Mapping[str, str]], tables: Rows, **options: Any) -> Evaluation:
    pack = load_pack(make_pack(tmp_path / "pack", controls, params=options.get("params", "")), is_trusted=True)
    snapshot = make_snapshot(tmp_path / "s", tables, options.get("unreadable"))
    registers = {name: register_rows(name, rows) for name, rows in options.get("registers", {}).items()}
    return evaluate(snapshot, [pack], as_of=options.get("as_of", NOW), beside=Beside(Registers(None, registers)))


def one(tmp_path: Path, text: str, sql: str, tables: Rows, **options: Any) -> ControlResult:
    files = {"control.yaml": text} | ({"control.sql": sql} if sql else {})
    return run(tmp_path, {"T-01": files}, tables, **options).results[0]


def known(**more: str) -> str:
    return sql_control("T-01", population=ENABLED, must_know="[is_enabled]", **more)


def test_a_violation_fails_even_where_others_are_unknown(tmp_path: Path) -> None:
    people = [{"principal_id": "a", "is_enabled": True}, {"principal_id": "b"}]
    result = one(tmp_path, known(), SERVICE, {"principals": people})
    assert (result.outcome, result.population, result.violation_count, result.unknown_resources) == ("fail", 2, 1, 1)
    assert [(v.id, v.name, v.detail) for v in result.violations] == [("a", "a", "is on")]


def test_a_null_that_must_be_known_is_unknown_not_pass(tmp_path: Path) -> None:
    result = one(tmp_path, known(), SERVICE, {"principals": [{"principal_id": "b"}]})
    assert (result.outcome, result.reason) == ("unknown", "is_enabled not known for 1 of 1")


def test_nothing_of_the_kind_is_not_applicable(tmp_path: Path) -> None:
    assert one(tmp_path, known(), SERVICE, {}).outcome == "not_applicable"


def test_all_known_and_none_in_violation_passes(tmp_path: Path) -> None:
    result = one(tmp_path, known(), SERVICE, {"principals": [{"principal_id": "b", "is_enabled": False}]})
    assert (result.outcome, result.population) == ("pass", 1)


@pytest.mark.parametrize("status", ["partial", "denied", "error", "unsupported"])
def test_a_table_that_was_not_read_in_full_is_unknown_and_names_what_would_unlock_it(
    tmp_path: Path, status: str
) -> None:
    people = {"principals": [{"principal_id": "a", "is_enabled": True}]}
    result = one(tmp_path, known(), SERVICE, people, unreadable={"principals": status})
    assert result.outcome == "unknown"
    assert result.reason == f"principals: {status} ({status} by the test)"
    assert result.unlocks == ("allow principals",)


def test_a_feature_that_is_not_licensed_is_not_applicable(tmp_path: Path) -> None:
    assert one(tmp_path, known(), SERVICE, {}, unreadable={"principals": "not_licensed"}).outcome == "not_applicable"


def test_a_register_that_was_not_handed_over_is_unknown_and_says_so(tmp_path: Path) -> None:
    text = sql_control("T-01", needs="[updates]", population="SELECT update_id AS resource_id FROM updates")
    result = one(tmp_path, text, "SELECT update_id AS resource_id FROM updates WHERE kev", {})
    assert result.outcome == "unknown"
    assert "updates.csv was not handed over" in result.reason
    assert "--registers" in result.unlocks[0]


def test_an_undecided_item_waits_for_a_person(tmp_path: Path) -> None:
    text = sql_control("T-01", population=ENABLED, must_decide="[is_enabled]")
    assert one(tmp_path, text, SERVICE, {"principals": [{"principal_id": "b"}]}).outcome == "manual"


def test_broken_sql_is_an_error_of_that_control_alone(tmp_path: Path) -> None:
    controls = {
        "T-01": {"control.yaml": known(), "control.sql": "SELECT nothing_like_it AS resource_id FROM principals"},
        "T-02": {"control.yaml": sql_control("T-02"), "control.sql": SERVICE},
    }
    results = run(tmp_path, controls, {"principals": [{"principal_id": "a", "is_enabled": True}]}).results
    assert [result.outcome for result in results] == ["error", "fail"]
    assert "nothing_like_it" in results[0].reason


def test_a_control_for_self_hosted_platforms_does_not_apply_to_others(tmp_path: Path) -> None:
    platforms = [{"product": "n8n", "hosting": "vendor"}]
    assert one(tmp_path, known(hosting="self"), SERVICE, {"platforms": platforms}).outcome == "not_applicable"


def test_where_the_hosting_is_not_known_a_hosting_control_is_unknown(tmp_path: Path) -> None:
    result = one(tmp_path, known(hosting="self"), SERVICE, {"platforms": [{"product": "n8n"}]})
    assert (result.outcome, result.reason) == ("unknown", "who hosts this platform is not known")


def test_a_control_of_other_platforms_does_not_apply(tmp_path: Path) -> None:
    assert one(tmp_path, known(platforms="[salesforce]"), SERVICE, {}).outcome == "not_applicable"


def statement(**more: Any) -> dict[str, Any]:
    return {"attestation_id": "1", "control_id": "T-01", "result": "met", "made_by": "Ada", "kind": "evidence"} | more


ATTEST = """\
id: T-01
title: A statement is there
severity: low
responsibility: customer
remediation: State it in writing.
check: {kind: attest}
"""


@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        (None, "manual"),
        ([], "manual"),
        ([statement(valid_until=NOW + timedelta(days=1))], "pass"),
        ([statement(valid_until=NOW)], "manual"),
        ([statement()], "manual"),
        ([statement(valid_until=NOW + timedelta(days=1), made_at=NOW + timedelta(hours=1))], "manual"),
        ([statement(valid_until=NOW + timedelta(days=1), result="not_met")], "fail"),
        ([statement(valid_until=NOW + timedelta(days=1), result="not_applicable")], "not_applicable"),
        ([statement(valid_until=NOW + timedelta(days=1), scope_kind="platform", scope_id="test:1")], "pass"),
        ([statement(valid_until=NOW + timedelta(days=1), scope_kind="platform", scope_id="other")], "manual"),
        ([statement(valid_until=NOW + timedelta(days=1), kind="exception")], "manual"),
    ],
)
def test_a_statement_counts_while_it_is_valid_and_about_this_platform(
    tmp_path: Path, rows: list[dict[str, Any]] | None, outcome: str
) -> None:
    registers = {} if rows is None else {"attestations": rows}
    assert one(tmp_path, ATTEST, "", {}, registers=registers).outcome == outcome


def test_data_without_violation_waits_for_the_statement(tmp_path: Path) -> None:
    clean = {"principals": [{"principal_id": "b", "is_enabled": False}]}
    text = known(kind="sql+attest")
    assert one(tmp_path / "1", text, SERVICE, clean).outcome == "manual"
    met = {"attestations": [statement(valid_until=NOW + timedelta(days=1))]}
    assert one(tmp_path / "2", text, SERVICE, clean, registers=met).outcome == "pass"
    broken = {"principals": [{"principal_id": "b", "is_enabled": True}]}
    assert one(tmp_path / "3", text, SERVICE, broken, registers=met).outcome == "fail"


def test_an_exception_is_an_overlay_and_ends(tmp_path: Path) -> None:
    people = {"principals": [{"principal_id": "a", "is_enabled": True}]}
    row = statement(kind="exception", scope_kind="resource", scope_id="a", valid_until=NOW + timedelta(days=1))
    result = one(tmp_path / "1", known(), SERVICE, people, registers={"attestations": [row]})
    assert (result.outcome, result.violations[0].is_excepted, result.worst_open) == ("fail", True, None)
    ended = one(tmp_path / "2", known(), SERVICE, people, registers={"attestations": [row | {"valid_until": NOW}]})
    assert (ended.outcome, ended.violations[0].is_excepted, ended.worst_open) == ("fail", False, "high")


def test_one_cause_is_told_once(tmp_path: Path) -> None:
    controls = {
        "T-01": {"control.yaml": sql_control("T-01", supersedes="[T-02]"), "control.sql": SERVICE},
        "T-02": {
            "control.yaml": sql_control("T-02"),
            "control.sql": "SELECT principal_id AS resource_id FROM principals",
        },
    }
    people = [{"principal_id": "a", "is_enabled": True}, {"principal_id": "b", "is_enabled": False}]
    first, second = run(tmp_path / "1", controls, {"principals": people}).results
    assert ([v.id for v in first.violations], [v.id for v in second.violations]) == (["a"], ["b"])
    only = run(tmp_path / "2", controls, {"principals": people[:1]}).results[1]
    assert (only.outcome, only.reason) == ("not_applicable", "told by T-01")


def test_a_fingerprint_is_the_same_in_every_run_and_after_a_rename(tmp_path: Path) -> None:
    people = {"principals": [{"principal_id": "a", "is_enabled": True}]}
    before = one(tmp_path / "1", known(), SERVICE, people)
    again = one(tmp_path / "2", known(), SERVICE, people, as_of=NOW + timedelta(days=5))
    head = "id: test-pack\nversion: 2.0.0\ntitle: Test\nrenamed: {T-01: T-09}\n"
    folder = make_pack(
        tmp_path / "pack3",
        {"T-09": {"control.yaml": known().replace("T-01", "T-09"), "control.sql": SERVICE}},
        head=head,
    )
    snapshot = make_snapshot(tmp_path / "s3", people)
    renamed = evaluate(snapshot, [load_pack(folder, is_trusted=True)], as_of=NOW).results[0]
    assert before.violations[0].fingerprint == again.violations[0].fingerprint == renamed.violations[0].fingerprint


ALTERNATIVES = """\
id: T-01
title: Sharing with everyone is off
severity: high
responsibility: customer
remediation: Turn it off in the settings.
check:
  kind: sql
  alternatives:
    - kind: sql
      needs: [apps]
      population: SELECT app_id AS resource_id FROM apps
      violations: SELECT app_id AS resource_id FROM apps WHERE is_active
    - kind: setting
      key: sharing.off
      operator: equals
      value: true
"""
OFF = {"scope_kind": "platform", "scope_id": "test:1", "key": "sharing.off", "value_bool": True}


@pytest.mark.parametrize(
    ("tables", "unreadable", "outcome"),
    [
        ({"apps": [{"app_id": "a", "is_active": True}], "settings": [OFF]}, {}, "fail"),
        ({"apps": [{"app_id": "a", "is_active": False}]}, {}, "pass"),
        ({"settings": [OFF]}, {"apps": "denied"}, "pass"),
        ({"settings": [OFF | {"value_bool": False}]}, {"apps": "denied"}, "fail"),
        ({}, {"apps": "denied"}, "unknown"),
        ({"settings": [OFF]}, {"apps": "not_licensed"}, "pass"),
        ({}, {"apps": "not_licensed"}, "not_applicable"),
        ({}, {"apps": "denied", "settings": "error"}, "unknown"),
    ],
)
def test_the_first_alternative_that_can_answer_answers(
    tmp_path: Path, tables: Rows, unreadable: dict[str, str], outcome: str
) -> None:
    assert one(tmp_path, ALTERNATIVES, "", tables, unreadable=unreadable).outcome == outcome


LACKING = """\
id: T-01
title: Updates are preceded by a backup
severity: high
responsibility: customer
remediation: Make a backup first.
check:
  kind: sql
  alternatives:
    - kind: sql
      needs: [updates]
      population: SELECT update_id AS resource_id FROM updates
      violations: SELECT update_id AS resource_id FROM updates
    - kind: sql
      needs: [updates, backups]
      population: SELECT update_id AS resource_id FROM updates
      violations: SELECT update_id AS resource_id FROM updates
"""


def test_what_several_alternatives_lack_is_told_once(tmp_path: Path) -> None:
    result = one(tmp_path, LACKING, "", {}, unreadable={"backups": "denied"})
    assert result.outcome == "unknown"
    assert result.reason.count("updates.csv") == 1
    assert "backups: denied" in result.reason


NAMED = """\
id: T-01
title: Keys end
severity: high
responsibility: customer
remediation: Give the key an end.
check:
  kind: sql
  needs: [credentials]
  names_from: [principals]
  population: SELECT credential_id AS resource_id FROM credentials
"""
NAMING = """
SELECT c.credential_id AS resource_id, coalesce(p.login, c.owner_principal_id) AS detail
FROM credentials c LEFT JOIN principals p ON p.principal_id = c.owner_principal_id
"""
KEY = {"credentials": [{"credential_id": "k", "owner_principal_id": "p1"}]}


@pytest.mark.parametrize(
    ("tables", "unreadable", "told"),
    [
        (KEY | {"principals": [{"principal_id": "p1", "login": "ann"}]}, {}, "ann"),
        (KEY, {"principals": "denied"}, "p1"),
        (KEY, {"principals": "not_licensed"}, "p1"),
    ],
)
def test_a_table_that_only_tells_names_is_not_waited_for(
    tmp_path: Path, tables: Rows, unreadable: dict[str, str], told: str
) -> None:
    result = one(tmp_path, NAMED, NAMING, tables, unreadable=unreadable)
    assert (result.outcome, result.violations[0].detail) == ("fail", told)


SETTING = """\
id: T-01
title: Sessions end in time
severity: high
responsibility: customer
remediation: Shorten the session in the settings.
check:
  kind: setting
  key: session.timeout
  operator: at_most
  value: {param: session_minutes}
  unit: minutes
  when_missing: WHEN
"""


@pytest.mark.parametrize(
    ("row", "when", "outcome"),
    [
        ({"value_int": 1800, "unit": "s"}, "unknown", "pass"),
        ({"value_int": 31, "unit": "minutes"}, "unknown", "fail"),
        ({"value_int": 1, "unit": "days"}, "unknown", "fail"),
        ({"value_text": "20"}, "unknown", "pass"),
        ({"value_text": "soon"}, "unknown", "unknown"),
        ({}, "unknown", "unknown"),
        ({"is_set": False}, "fail", "fail"),
        (None, "unknown", "unknown"),
        (None, "fail", "fail"),
        (None, "pass", "pass"),
        (None, "not_applicable", "not_applicable"),
    ],
)
def test_a_setting_is_held_against_its_limit_in_its_unit(
    tmp_path: Path, row: dict[str, Any] | None, when: str, outcome: str
) -> None:
    rows = [] if row is None else [{"scope_kind": "platform", "scope_id": "x", "key": "session.timeout"} | row]
    result = one(tmp_path, SETTING.replace("WHEN", when), "", {"settings": rows}, params="session_minutes: 30\n")
    assert result.outcome == outcome


@pytest.mark.parametrize(
    ("rows", "when", "outcome"),
    [
        ([{"value_int": 20, "unit": "minutes"}], "unknown", "pass"),
        ([{"value_int": 31, "unit": "minutes"}], "unknown", "fail"),
        ([], "unknown", "unknown"),
        ([], "pass", "unknown"),
        ([], "fail", "unknown"),
        ([], "not_applicable", "unknown"),
    ],
)
def test_a_setting_that_was_read_is_a_fact_where_others_were_not(
    tmp_path: Path, rows: list[dict[str, Any]], when: str, outcome: str
) -> None:
    pack = load_pack(
        make_pack(
            tmp_path / "pack", {"T-01": {"control.yaml": SETTING.replace("WHEN", when)}}, params="session_minutes: 30\n"
        ),
        is_trusted=True,
    )
    result = result_of({})
    settings = [{"scope_kind": "platform", "scope_id": "x", "key": "session.timeout"} | row for row in rows]
    tables = {**result.tables, "settings": Gathered(CollectionStatus.PARTIAL, settings, "half of it", "allow the rest")}
    with new_folder(tmp_path / "s") as scratch:
        write_snapshot(replace(result, tables=tables), scratch, started_at=NOW, taken_at=NOW)
    verdict = evaluate(open_snapshot(tmp_path / "s"), [pack], as_of=NOW).results[0]
    assert verdict.outcome == outcome
    if outcome == "unknown":
        assert "settings: partial (half of it)" in verdict.reason
        assert verdict.unlocks == ("allow the rest",)


def _setting_pack(folder: Path, name: str, table: str) -> Pack:
    defaults = "settings_table: {responsibility: customer, remediation: 'Set {settings}.'}\n"
    head = f"id: {name}\nversion: 1.0.0\ntitle: Test\n{defaults}"
    make_pack(folder, {}, head=head)
    (folder / "settings.csv").write_text("id,title,severity,key,operator,value,supersedes\n" + table, encoding="utf-8")
    return load_pack(folder, is_trusted=True)


def test_one_cause_is_told_once_across_packs(tmp_path: Path) -> None:
    special = _setting_pack(tmp_path / "a", "special", "S-01,Cookies are strict,high,a,equals,true,wide/W-01\n")
    wide = _setting_pack(tmp_path / "b", "wide", "W-01,Cookies are good,high,a,equals,true,\nW-01,,,b,equals,true,\n")
    rows = [{"scope_kind": "platform", "scope_id": "p", "key": key, "value_bool": False} for key in ("a", "b")]
    snapshot = make_snapshot(tmp_path / "s", {"settings": rows})
    both = {r.control: r for r in evaluate(snapshot, [wide, special], as_of=NOW).results}
    assert [v.id for v in both["S-01"].violations] == ["a"]
    assert [v.id for v in both["W-01"].violations] == ["b"]
    alone = evaluate(snapshot, [wide], as_of=NOW).results[0]
    assert [v.id for v in alone.violations] == ["a", "b"]


@pytest.mark.parametrize(
    ("operator", "wanted", "value", "status"),
    [
        ("contains_all", '["a/b", "a/b+c"]', "A/B+C, a/b", "pass"),
        ("contains_all", '["a/b", "a/b+c"]', "a/b+c", "fail"),
        ("only_from", '["a", "b"]', "b,a,", "pass"),
        ("only_from", '["a", "b"]', "", "pass"),
        ("only_from", '["a", "b"]', "a,ab", "fail"),
    ],
)
def test_lists_within_a_setting_are_compared_entry_by_entry(
    tmp_path: Path, operator: str, wanted: str, value: str, status: str
) -> None:
    cell = '"' + wanted.replace('"', '""') + '"'
    pack = _setting_pack(tmp_path / "p", "lists", f"L-01,The list is right,low,a,{operator},{cell},\n")
    rows = [{"scope_kind": "platform", "scope_id": "p", "key": "a", "value_text": value}]
    result = evaluate(make_snapshot(tmp_path / "s", {"settings": rows}), [pack], as_of=NOW).results[0]
    assert result.outcome == status
