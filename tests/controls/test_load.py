"""Loading packs: every mistake of every file at once, each with file, place and mend."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from passmuster.controls.complaints import schema_complaints
from passmuster.controls.load import load_pack, read_params
from passmuster.errors import PackErrors, UnreadableInput
from tests.making import make_pack, sql_control

SQL = "SELECT principal_id AS resource_id FROM principals"


def _good(name: str, **more: str) -> dict[str, str]:
    return {"control.yaml": sql_control(name, **more), "control.sql": SQL}


def _complaints(folder: Path, *only: str) -> list[str]:
    with pytest.raises(PackErrors) as caught:
        load_pack(folder, is_trusted=False, only=only)
    return caught.value.complaints


def test_a_good_pack_loads_with_its_controls_in_order(tmp_path: Path) -> None:
    folder = make_pack(
        tmp_path / "pack", {"T-02": _good("T-02"), "T-01": _good("T-01")}, params="days: {value: 3, unit: days}\n"
    )
    pack = load_pack(folder, is_trusted=False)
    assert [control.id for control in pack.controls] == ["T-01", "T-02"]
    assert pack.params == {"days": 3}


def test_a_copy_is_the_same_pack_and_one_that_differs_in_a_word_is_not(tmp_path: Path) -> None:
    first, copy, other = (
        load_pack(make_pack(tmp_path / name, {"T-01": _good("T-01")}, params=f"days: {days}\n"), is_trusted=False)
        for name, days in (("first", 3), ("copy", 3), ("other", 4))
    )
    assert replace(copy, folder=first.folder) == first
    assert (first.params, other.params) == ({"days": 3}, {"days": 4})


def test_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    controls = {
        "T-01": {"control.yaml": "id: T-01\ntitle: t\nseverity: bad\n"},
        "T-02": {"control.yaml": "id: T-02\nid: T-02\n"},
        "T-03": {"control.yaml": "id: &x T-03\ntitle: *x\n"},
        "T-04": {"control.yaml": sql_control("T-05"), "control.sql": SQL},
        "T-06": {"control.yaml": sql_control("T-06")},
        "T-07": {"control.yaml": sql_control("T-07"), "control.sql": SQL + " WHERE $nobody_set > 1"},
        "T-08": {"control.yaml": ""},
        "T-09": {"control.yaml": sql_control("T-09"), "control.sql": "SELECT '" + "x" * 70_000 + "' AS resource_id"},
    }
    head = "id: Bad Pack\nversion: 1\ntitle: x\nsurprise: 1\n"
    complaints = _complaints(make_pack(tmp_path / "p", controls, head=head, params="Days: [1]\nlimit: [2]\n"))
    expected = [
        "pack.yaml: unknown key 'surprise'; known are id, version, title",
        "pack.yaml: id: 'Bad Pack' does not fit the pattern",
        "pack.yaml: version: 1 is not text (quote it)",
        "params.yaml: 'Days' does not fit the pattern",
        "params.yaml: limit: [2] is not",
        "T-01/control.yaml: 'responsibility' and 'check' and 'remediation' must be given",
        "T-01/control.yaml: severity: 'bad' is none of critical, high, medium, low, info",
        "T-01/control.yaml: title: 't' is too short; write at least 5 characters",
        "T-02/control.yaml: is not YAML we accept: line 2, column 1: the key 'id' is given twice",
        "T-03/control.yaml: is not YAML we accept: line 2, column 8: aliases are not accepted",
        "T-04/control.yaml: the id is 'T-05' but the folder is 'T-04'; they must be the same",
        "T-06/control.yaml: check: the SELECT of violations is missing; write it into control.sql",
        "T-07/control.yaml: the house limit $nobody_set is not in params.yaml",
        "T-08/control.yaml: is empty",
        "T-09/control.sql: is larger than the 64 KiB that are read",
    ]
    for words in expected:
        assert sum(complaint.startswith(words) for complaint in complaints) == 1, words
    assert str(tmp_path) not in "".join(complaints)


def test_the_message_counts_the_mistakes_and_names_the_pack(tmp_path: Path) -> None:
    folder = make_pack(tmp_path / "p", {}, head="id: x\n")
    with pytest.raises(PackErrors) as caught:
        load_pack(folder, is_trusted=False)
    assert str(caught.value).startswith(f"{folder}: {len(caught.value.complaints)} mistake(s)\n  - ")


@pytest.mark.parametrize(
    ("check", "words"),
    [
        ("kind: setting", "names a key and an operator"),
        ("{kind: setting, key: a, operator: equals}", "the operator equals needs a value"),
        ("{kind: setting, key: a, operator: equals, value: {parm: x}}", "a value is a literal or {param: name}"),
        ("{kind: setting, key: a, operator: near, value: 1}", "operator: 'near' is none of equals"),
        ("{kind: setting, key: a, operator: equals, value: {param: gone}}", "the house limit $gone is not in params"),
        ("{kind: sql}", "needs and population must be given"),
        ("{kind: attest, key: a}", "a control of kind attest has no key"),
        ("{kind: telepathy}", "check.kind: 'telepathy' is none of sql"),
        ("{kind: sql, needs: [apps, apps], population: x}", "check.needs"),
        ("[sql]", "check: ['sql'] is not a mapping"),
    ],
)
def test_a_check_that_cannot_be_run_says_what_it_lacks(tmp_path: Path, check: str, words: str) -> None:
    text = (
        "id: T-01\ntitle: A title\nseverity: high\nresponsibility: customer\nremediation: Mend it so.\n"
        f"check: {check}\n".replace("check: kind", "check:\n  kind")
    )
    complaints = _complaints(make_pack(tmp_path / "p", {"T-01": {"control.yaml": text}}))
    assert any(words in complaint for complaint in complaints), complaints
    assert all(complaint.startswith("T-01/control.yaml: ") for complaint in complaints)


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("retired: [T-01]", "retired id 'T-01' is in use again"),
        ("renamed: {T-01: T-02}", "renamed id 'T-01' is in use again"),
        ("renamed: {OLD-1: GONE-2}", "'OLD-1' was renamed to 'GONE-2', which is no control of this pack"),
        ("renamed: {A-1: B-1, B-1: A-1}", "'A-1' was renamed to 'B-1', which is no control of this pack"),
    ],
)
def test_ids_are_never_reused_and_renamings_lead_somewhere(tmp_path: Path, head: str, words: str) -> None:
    folder = make_pack(
        tmp_path / "p",
        {"T-01": _good("T-01"), "T-02": _good("T-02")},
        head=f"id: tp\nversion: 1.0.0\ntitle: T\n{head}\n",
    )
    assert any(words in complaint for complaint in _complaints(folder))


def test_a_chain_of_renamings_that_ends_in_a_control_is_good(tmp_path: Path) -> None:
    head = "id: tp\nversion: 1.0.0\ntitle: T\nrenamed: {A-1: B-1, B-1: T-01}\n"
    pack = load_pack(make_pack(tmp_path / "p", {"T-01": _good("T-01")}, head=head), is_trusted=False)
    assert pack.name_today("A-1") == "T-01"


def test_ids_that_differ_only_in_case_are_refused(tmp_path: Path) -> None:
    folder = make_pack(tmp_path / "p", {"T-A": _good("T-A"), "t-a": _good("t-a")})
    assert any("only in case" in complaint for complaint in _complaints(folder))


def test_a_control_asked_for_that_is_not_there_is_named(tmp_path: Path) -> None:
    folder = make_pack(tmp_path / "p", {"T-01": _good("T-01")})
    assert _complaints(folder, "T-01", "T-99") == ["there is no control 'T-99' in this pack"]


def test_a_folder_without_a_pack_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match=r"holds no pack\.yaml; `passmuster packs new` makes one"):
        load_pack(tmp_path, is_trusted=False)


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "is empty"), ("- 1\n", "is not a mapping"), ("a: {value: 1, uint: x}\n", "unknown key 'uint'")],
)
def test_a_file_of_house_limits_that_is_none_names_file_and_place(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "limits.yaml"
    path.write_text(text)
    with pytest.raises(PackErrors) as caught:
        read_params(path)
    assert "limits.yaml: " in caught.value.complaints[0]
    assert words in caught.value.complaints[0]


def test_a_file_named_by_mistake_does_not_have_its_passwords_printed() -> None:
    (told,) = schema_complaints("fleet", "API_PASSWORD=hunter2-or-so", "env")
    assert "is not a mapping" in told
    assert "hunter2" not in told


def test_of_ways_that_exclude_each_other_the_ways_are_named() -> None:
    fleet = {"schema": "passmuster/fleet@1", "platforms": [{"name": "a", "kind": "n8n"}]}
    assert schema_complaints("fleet", fleet, "fleet.yaml") == [
        "fleet.yaml: platforms.0: give one of these and nothing of the others: kind and url; or kind and from; "
        "or snapshot"
    ]
