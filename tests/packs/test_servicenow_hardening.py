"""The pack servicenow-hardening beside the vendor's settings: every row of the data is held against the pack.

The data says in prose what is recommended; here it is read a second time, by other means than the pack was made with.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from passmuster.controls.catalogue import find_pack
from passmuster.model.control import Control, Param, SettingLook, SettingRule
from passmuster.model.words import Severity

PACK = find_pack("servicenow-hardening")
BASELINE = {control.id: control for control in find_pack("no-code-baseline").controls}
CONTROLS = {control.id: control for control in PACK.controls}
Row = Mapping[str, str]
# Lines whose name the data lacks: the vendor's page on that line's place tells it, and these are the controls.
NAMELESS = {
    17: "SN-SESS-02", 28: "SN-VAL-07", 40: "SN-COM-02", 41: "SN-VAL-09", 45: "SN-ARC-03", 53: "SN-CRY-01",
    59: "SN-AC-19", 91: "SN-AUTH-12", 105: "SN-AUTH-05", 143: "SN-API-02", 160: "SN-VAL-28", 176: "SN-SESS-17",
    188: "SN-AUTH-19", 191: "SN-VAL-30", 208: "SN-AUTH-22", 209: "SN-AUTH-23", 214: "SN-API-08", 259: "SN-SESS-24",
    261: "SN-AC-78", 265: "SN-VAL-34", 268: "SN-AC-79",
}  # fmt: skip
# Lines that speak of several settings, of tables or of a person's judgement: a control answers, but no one value does.
IN_PROSE = {
    3: "SN-ARC-01", 12: "SN-VAL-04", 32: "SN-AC-12", 60: "SN-AUTH-05", 65: "SN-FILE-02", 70: "SN-AUTH-06",
    83: "SN-LOG-03", 104: "SN-AC-35", 115: "SN-ARC-09", 129: "SN-VAL-18", 131: "SN-ARC-12", 144: "SN-AC-52",
    145: "SN-AUTH-15", 148: "SN-ARC-13", 153: "SN-AC-54", 159: "SN-ARC-14", 168: "SN-SESS-13", 170: "SN-FILE-07",
    183: "SN-AUTH-17", 184: "SN-AUTH-18", 192: "SN-AUTH-20", 195: "SN-AC-57", 201: "SN-LOG-12", 203: "SN-SESS-20",
    207: "SN-AC-61", 234: "SN-AC-67", 247: "SN-AUTH-37", 256: "SN-AC-77", 260: "SN-ARC-20", 262: "SN-AUTH-39",
    270: "SN-API-14", 272: "SN-AC-81", 288: "SN-VAL-37", 294: "SN-AC-84",
}  # fmt: skip
NO_SETTING = 293  # the page that explains the columns, read as if it were one
# Zero means without a limit, so the recommended range begins at one; the data's plain comparison would let it pass.
ZERO_IS_ENDLESS = {169, 171}
APPLICATION = re.compile(
    r"(sn_|evt_mgmt|csm_|mid\.|identity\.|com\.glide\.(cs|snap|one_extend)\.|glide\.(sg|voice|enforce_security_scope)|com\.snc\.doc)"
)


@pytest.fixture(scope="module")
def rows(shared: Path) -> dict[int, Row]:
    path = shared / "data" / "servicenow_hardening.csv"
    if not path.is_file():
        pytest.skip("the vendor's settings are not beside this checkout")
    with path.open(encoding="utf-8", newline="") as stream:
        return dict(enumerate(csv.DictReader(stream), 2))


def rules() -> Iterator[tuple[Control, SettingRule]]:
    for control in PACK.controls:
        for look in control.looks:
            if isinstance(look, SettingLook):
                yield from ((control, rule) for rule in look.rules)


def rules_on(name: str) -> list[SettingRule]:
    return [rule for _, rule in rules() if rule.key == f"sys_properties.{name}"]


def plain(rows: Mapping[int, Row]) -> dict[int, Row]:
    """The rows that name one property and one recommended value."""
    apart = {*NAMELESS, *IN_PROSE, NO_SETTING}
    return {line: row for line, row in rows.items() if line not in apart}


def kind_of(row: Row) -> str:
    """How a recommendation is written: a truth, a number with or without a bound, or words."""
    text = row["recommended"].strip().replace(",", "").lower()
    if re.fullmatch(r"true|false|true\s*note:.*", text):
        return "truth"
    return (
        "number" if re.fullmatch(r"[\d\s-]+|.*(?:less|lower|higher|greater).*|.*\bvalues of 512.*", text) else "words"
    )


def written_as(kind: str, rows: Mapping[int, Row]) -> list[tuple[int, Row]]:
    return [(line, row) for line, row in plain(rows).items() if kind_of(row) == kind]


def test_every_row_of_the_data_has_its_control(rows: Mapping[int, Row]) -> None:
    assert len(rows) == 293
    lacking = [line for line, row in plain(rows).items() if not rules_on(row["property"].strip())]
    assert lacking == []
    assert {line: name for line, name in (NAMELESS | IN_PROSE).items() if name not in CONTROLS} == {}
    assert {line for line, row in rows.items() if not row["property"]} == set(NAMELESS)


def test_the_names_of_rows_in_prose_stand_in_their_controls(rows: Mapping[int, Row]) -> None:
    for line, name in IN_PROSE.items():
        control = CONTROLS[name]
        looked = " ".join(rule.key for _, rule in rules() if _ is control) + control.remediation + control.rationale
        words = re.findall(r"(?:com|glide|pwd_process|sn)[\w.]*\.[\w.]+[a-z]", rows[line]["property"])
        missing = [word for word in words if word not in looked and word.rpartition(".")[0] not in looked]
        # The data is cut off after some 160 characters, so that the last name of a long row may be half a name.
        assert missing in ([], words[-1:] if len(rows[line]["property"]) > 150 else []), (line, missing)


def test_recommended_truths_are_what_the_pack_wants(rows: Mapping[int, Row]) -> None:
    found = written_as("truth", rows)
    assert len(found) == 180
    for line, row in found:
        wanted = row["recommended"].strip().lower().startswith("true")
        for rule in rules_on(row["property"].strip()):
            assert rule.value is wanted or wanted in rule.value, line
            assert rule.operator == ("equals" if rule.value is wanted else "in"), line


def test_recommended_numbers_are_what_the_pack_wants(rows: Mapping[int, Row]) -> None:
    found = written_as("number", rows)
    assert len(found) == 34
    for line, row in found:
        text = row["recommended"].strip().replace(",", "")
        bounds = [(rule.operator, rule.value) for rule in rules_on(row["property"].strip())]
        wanted = int(re.findall(r"\d+", text)[-1])
        if "less than" in text and "equal" not in text:
            assert ("at_most", wanted - 1) in bounds, line
        elif re.search(r"higher|greater", text):
            assert bounds == [("at_least", wanted)], line
        elif re.search(r"less|lower", text) or "-" in text:
            assert ("at_most", wanted) in bounds, line
        else:
            assert any(wanted == value or (isinstance(value, list) and wanted in value) for _, value in bounds), line


def test_recommended_words_are_what_the_pack_wants(rows: Mapping[int, Row]) -> None:
    found = written_as("words", rows)
    assert len(found) > 15
    for line, row in found:
        text = row["recommended"].strip().removeprefix("At minimum, ").removeprefix("the default value of ")
        rules = rules_on(row["property"].strip())
        (operator, value), *rest = [(rule.operator, rule.value) for rule in rules]
        if re.fullmatch(r"<?(?:blank|empty)>?", text):
            assert (operator, value) == ("equals", ""), line
        elif text.startswith("Does not contain"):
            assert all(rule.operator == "not_contains" and rule.value in text for rule in rules), line
            assert len(rules) == len(re.findall(r"[0-9a-f]{32}", text)), line
        elif "," in text:
            assert operator in ("contains_all", "only_from"), line
            assert value == [entry.strip() for entry in text.split(",")], line
        else:
            entries = value if isinstance(value, list) else [value]
            assert not rest, line
            assert " or ".join(map(str, entries)) == text, line


def test_an_absent_property_counts_by_its_documented_default(rows: Mapping[int, Row]) -> None:
    """A good default passes, a bad one fails (unknown for an application that may not be there), none is unknown."""
    seen = {"pass": 0, "fail": 0, "unknown": 0}
    twice = [row["property"] for row in rows.values()]
    for line, row in plain(rows).items():
        name, default = row["property"].strip(), row["default"].strip()
        if "when the property does not exist" in default:
            default = default.split()[0]
        first, *_ = rules_on(name)
        if default.lower() in ("", "<none>", "none"):
            if twice.count(row["property"]) == 1:
                assert first.when_missing == "unknown", line
                seen["unknown"] += 1
            continue
        is_good = line not in ZERO_IS_ENDLESS and meets(
            first, "" if default.strip("<>") in ("blank", "empty") else default
        )
        if is_good:
            assert first.when_missing == "pass", line
        else:
            assert first.when_missing == ("unknown" if APPLICATION.match(name) else "fail"), line
        seen[first.when_missing] += 1
    assert all(count > 15 for count in seen.values()), seen


def meets(rule: SettingRule, default: str) -> bool:
    """Whether a documented default is what a rule wants, told without the evaluator."""
    entries = {entry.strip().lower() for entry in default.split(",") if entry.strip()}
    if rule.operator in ("contains_all", "only_from"):
        return entries == {str(entry).lower() for entry in rule.value}
    number = default.replace(",", "")
    if rule.operator == "at_most":
        return number.isdigit() and int(number) <= rule.value
    if rule.operator == "at_least":
        return number.isdigit() and int(number) >= rule.value
    return default.lower() == str(rule.value).lower()


# -- what holds without the data


def test_no_setting_is_judged_twice_but_where_one_control_takes_over() -> None:
    by_key: dict[str, set[str]] = {}
    for control, rule in rules():
        by_key.setdefault(rule.key, set()).add(control.id)
    shared = {key: names for key, names in by_key.items() if len(names) > 1}
    for key, names in shared.items():
        above = [name for name in names if set(CONTROLS[name].supersedes) >= names - {name}]
        assert above, (key, names)


def test_a_control_that_takes_over_from_the_baseline_is_at_least_as_severe_and_asks_the_same() -> None:
    taken = [
        (control, name.partition("/")[2]) for control in PACK.controls for name in control.supersedes if "/" in name
    ]
    assert len(taken) == 8
    for control, name in taken:
        below = BASELINE[name]
        assert Severity(control.severity).is_at_least(below.severity), control.id
        keys = {rule.key for look in below.looks if isinstance(look, SettingLook) for rule in look.rules}
        assert keys & {rule.key for look in control.looks if isinstance(look, SettingLook) for rule in look.rules}


def test_every_control_says_what_to_do_and_asks_a_person_only_where_it_must() -> None:
    for control in PACK.controls:
        assert control.platforms == ("servicenow",)
        assert "{settings}" not in control.remediation
        assert len(control.remediation) > 40
        assert (not control.looks) <= control.must_attest
        for look in control.looks:
            if isinstance(look, SettingLook):
                assert all(rule.value is not None or rule.operator == "is_set" for rule in look.rules)
    assert sum(control.must_attest for control in PACK.controls) < 20
    titles = [control.title for control in PACK.controls]
    assert len(set(titles)) == len(titles)


def test_house_limits_are_named_as_the_baseline_names_them() -> None:
    names = {rule.value.name for _, rule in rules() if isinstance(rule.value, Param)}
    baseline: Any = find_pack("no-code-baseline").params
    assert names == set(PACK.params) <= set(baseline)
