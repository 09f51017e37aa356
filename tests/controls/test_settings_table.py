"""A pack's settings.csv: a control a line, further settings on further lines, every mistake told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from passmuster.controls.cases import coverage_complaints, read_cases
from passmuster.controls.load import load_pack
from passmuster.errors import PackErrors
from passmuster.evaluate.verify import verify_pack
from passmuster.model.control import Pack, Param, SettingLook
from tests.making import make_pack, sql_control

HEAD = """id: test-pack
version: 1.0.0
title: Test
settings_table:
  responsibility: customer
  platforms: [servicenow]
  key_prefix: "p."
  remediation: "Set {settings}, on a copy first."
"""
COLUMNS = "id,title,severity,kind,key,operator,value,unit,when_missing,text,supersedes,remediation\n"
GOOD = (
    COLUMNS
    + "T-01,Cookies are strict,high,,p.cookies,equals,true,,fail,,,\n"
    + "T-02,Sessions end,medium,,p.minutes,at_least,1,minutes,unknown,,T-01 other-pack/T-09,\n"
    + "T-02,,,,p.minutes,at_most,{limit},minutes,pass,,,\n".replace("{limit}", '"{""param"": ""longest""}"')
    + 'T-03,Types are listed,low,setting+attest,p.types,contains_all,"[""a"", ""b""]",,unknown,,,Look at p.types.\n'
    + "T-04,A person has looked,low,,,,,,,,,Look at the welcome page and attest.\n"
)


def pack_of(folder: Path, table: str, *, head: str = HEAD, **controls: dict[str, str]) -> Path:
    made = make_pack(folder, {name.replace("_", "-"): files for name, files in controls.items()}, head=head)
    (made / "params.yaml").write_text("longest: {value: 60, unit: minutes}\n", encoding="utf-8")
    (made / "settings.csv").write_text(table, encoding="utf-8")
    return made


def load(folder: Path, table: str, **controls: dict[str, str]) -> Pack:
    return load_pack(pack_of(folder, table, **controls), is_trusted=True)


def complaints(folder: Path, table: str, *, head: str = HEAD, **controls: dict[str, str]) -> list[str]:
    with pytest.raises(PackErrors) as caught:
        load_pack(pack_of(folder, table, head=head, **controls), is_trusted=True)
    return caught.value.complaints


def test_lines_become_controls_with_their_settings_and_the_defaults_of_the_pack(tmp_path: Path) -> None:
    controls = {control.id: control for control in load(tmp_path / "p", GOOD).controls}
    look = controls["T-02"].looks[0]
    assert isinstance(look, SettingLook)
    assert [(rule.operator, rule.value, rule.unit, rule.when_missing) for rule in look.rules] == [
        ("at_least", 1, "minutes", "unknown"),
        ("at_most", Param("longest"), "minutes", "pass"),
    ]
    assert controls["T-01"].platforms == ("servicenow",)
    assert controls["T-01"].remediation == "Set cookies: true, on a copy first."
    assert controls["T-02"].supersedes == ("T-01", "other-pack/T-09")
    assert (controls["T-03"].must_attest, controls["T-03"].remediation) == (True, "Look at p.types.")
    assert (controls["T-04"].looks, controls["T-04"].must_attest) == ((), True)


def test_controls_of_the_table_and_of_folders_are_one_pack_in_order(tmp_path: Path) -> None:
    folder = {"control.yaml": sql_control("T-00"), "control.sql": "SELECT principal_id AS resource_id FROM principals"}
    pack = load(tmp_path / "p", GOOD, T_00=folder)
    assert [(control.id, control.is_tabled) for control in pack.controls] == [
        *(("T-00", False), ("T-01", True), ("T-02", True), ("T-03", True), ("T-04", True)),
    ]
    only = load_pack(tmp_path / "p", is_trusted=True, only=("T-02",))
    assert [control.id for control in only.controls] == ["T-02"]


def test_generated_cases_try_every_way_and_hold(tmp_path: Path) -> None:
    pack = load(tmp_path / "p", GOOD)
    for control in pack.controls:
        cases, told = read_cases(pack, control)
        assert (told, coverage_complaints(control, cases)) == ([], [])
    verified = list(verify_pack(pack))
    assert [each.complaints for each in verified] == [(), (), (), ()]
    assert sum(each.cases for each in verified) > 20
    statuses = {case.status for control in pack.controls for case in read_cases(pack, control)[0]}
    assert statuses == {"pass", "fail", "unknown", "manual"}


def test_generated_cases_notice_settings_that_contradict_each_other(tmp_path: Path) -> None:
    table = COLUMNS + "T-01,Never to be met,high,,p.a,at_least,10,,fail,,,\nT-01,,,,p.a,at_most,5,,fail,,,\n"
    (verified,) = verify_pack(load(tmp_path / "p", table))
    assert any("everything as it should be" in text for text in verified.complaints)


def test_every_mistake_of_the_table_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    table = (
        COLUMNS
        + "T-01,Cookies are strict,worst,,p.a,equals,true,,fail,,,\n"
        + "T-01,Another title,,,p.b,equals,true,,,,,\n"
        + ",No id,high,,p.a,equals,true,,,,,\n"
        + "T-02,No value here,high,,p.a,equals,,,,,,\n"
        + 'T-03,Broken value,high,,p.a,in,"[1,",,,,,\n'
        + "T-04,Never heard of,high,,p.a,resembles,1,,,,,\n"
        + "T-05,A person has looked,low,attest,p.a,equals,1,,,,,\n"
        + "T-06,Unknown limit,low,,p.a,at_most,{x},,,,,\n".replace("{x}", '"{""param"": ""shortest""}"')
    )
    told = complaints(tmp_path / "p", table)
    expected = [
        "settings.csv: line 2 (T-01): severity: 'worst' is none of",
        "settings.csv: line 3: title of T-01 belong into its first line",
        "settings.csv: line 4: has no id",
        "settings.csv: line 5 (T-02): check: setting 0 (p.a): the operator equals needs a value",
        "settings.csv: line 6: value: is not JSON",
        "settings.csv: line 7 (T-04): check.settings",
        "settings.csv: line 8: a control of kind attest has no key",
        "settings.csv: line 9 (T-06): the house limit $shortest is not in params.yaml",
    ]
    for words in expected:
        assert sum(text.startswith(words) for text in told) == 1, (words, told)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("id,title,colour\nT-01,Any title,red\n", "settings.csv: line 1: unknown column 'colour'"),
        ("id,title\nT-01,Any title\n", "settings.csv: line 1: the column key is missing"),
        ("id;title;key\nT-01;Any title;a\n", "settings.csv: line 1: the cells are not separated by commas"),
        (GOOD + "T-09,too,few\n", "settings.csv: line 7 has 3 cells"),
    ],
)
def test_a_table_that_is_none_is_told_as_such(tmp_path: Path, table: str, words: str) -> None:
    told = complaints(tmp_path / "p", table)
    assert any(text.startswith(words) for text in told), told
    assert str(tmp_path) not in "".join(told)


def test_one_id_is_not_both_a_folder_and_a_line(tmp_path: Path) -> None:
    folder = {"control.yaml": sql_control("T-01"), "control.sql": "SELECT principal_id AS resource_id FROM principals"}
    assert "T-01: is a folder and a line of settings.csv; keep one" in complaints(tmp_path / "p", GOOD, T_01=folder)


def test_defaults_that_the_pack_may_not_set_are_refused(tmp_path: Path) -> None:
    told = complaints(tmp_path / "p", GOOD, head=HEAD + "  severity: high\n")
    assert any(text.startswith("pack.yaml: settings_table: unknown key 'severity'") for text in told)
