"""Vendors' assurance: mistakes are told at once, gaps are those that are there and no others."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from passmuster.errors import UnreadableInput
from passmuster.snapshot.assurance.coverage import covered_until
from passmuster.snapshot.assurance.template import file_name_of, template_of
from passmuster.snapshot.registers import read_registers
from tests.snapshot.assured import DOCUMENTS, SCOPE, VENDOR, changed, gaps, read, write


def codes(found: Any) -> list[tuple[str, str]]:
    return sorted((gap.code, gap.document) for gap in found.gaps)


def test_a_file_in_which_nothing_is_open_has_no_gap(tmp_path: Path) -> None:
    assert gaps(tmp_path, VENDOR).gaps == ()


OPEN = {"id": "CC7.1", "text": "a late alarm"}
ONE_CHANGE: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "letter pending": ({"letter": {"status": "pending"}}, [("not_covered", "soc2")]),
    "letter ends yesterday": (
        {"letter": {"period": {"from": "2026-01-01", "to": "2026-05-31"}}},
        [("not_covered", "soc2")],
    ),
    "letter ends today": (
        {"letter": {"period": {"from": "2026-01-01", "to": "2026-06-01"}}},
        [("ends_soon", "soc2")],
    ),
    "letter begins a day too late": (
        {"letter": {"period": {"from": "2026-01-02", "to": "2026-09-30"}}},
        [("letter_leaves_hole", "letter"), ("not_covered", "soc2")],
    ),
    "letter overlaps the report": ({"letter": {"period": {"from": "2025-07-01", "to": "2026-09-30"}}}, []),
    "report without end": ({"soc2": {"period": {"from": "2025-01-01"}}}, [("period_not_known", "soc2")]),
    "report of the future": (
        {"soc2": {"period": {"from": "2026-06-02", "to": "2027-06-01"}}},
        [("not_begun", "soc2")],
    ),
    "type not known": ({"soc2": {"type": ...}}, [("type_not_known", "soc2")]),
    "type 1": ({"soc2": {"type": 1}, "letter": {"status": "pending"}}, [("design_only", "soc2")]),
    "qualified": ({"soc2": {"opinion": "qualified"}}, [("opinion", "soc2")]),
    "other services": ({"soc2": {"scope": {**SCOPE, "services": ["Flows"]}}}, [("scope_lacks", "soc2")]),
    "other regions": ({"iso": {"scope": {**SCOPE, "regions": ["us"]}}}, [("scope_lacks", "iso")]),
    "regions not known": ({"iso": {"scope": {"services": "all"}}}, [("scope_not_known", "iso")]),
    "scope not known": ({"test": {"scope": ...}}, [("scope_not_known", "test")]),
    "exception without answer": (
        {"soc2": {"exceptions": [OPEN]}},
        [("exception_without_answer", "soc2")],
    ),
    "a blank is no answer": (
        {"soc2": {"user_controls": [{**OPEN, "answer": " "}]}},
        [("user_control_without_answer", "soc2")],
    ),
    "exceptions not known": ({"iso": {"exceptions": None}}, [("exceptions_not_known", "iso")]),
    "user controls not known": ({"soc2": {"user_controls": ...}}, [("user_controls_not_known", "soc2")]),
    "not read": ({"iso": {"read_on": ...}}, [("not_read", "iso")]),
    "certificate ran out": ({"iso": {"expires_on": "2026-05-31"}}, [("not_covered", "iso")]),
    "certificate ends in 90 days": ({"iso": {"expires_on": "2026-08-30"}}, [("ends_soon", "iso")]),
    "certificate ends in 91 days": ({"iso": {"expires_on": "2026-08-31"}}, []),
    "certificate refused": ({"iso": {"status": "refused"}}, [("refused", "iso")]),
    "test of a year ago": ({"test": {"dated_on": "2025-06-01"}}, [("ends_soon", "test")]),
    "test too old": ({"test": {"dated_on": "2025-05-31"}}, [("too_old", "test")]),
    "test without a day": ({"test": {"dated_on": ...}}, [("date_not_known", "test")]),
    "findings open": ({"test": {"open_findings": 2}}, [("findings_open", "test")]),
    "findings not known": ({"test": {"open_findings": ...}}, [("findings_not_known", "test")]),
    "change of subprocessors": ({"subs": {"changes": [OPEN]}}, [("change_without_answer", "subs")]),
    "changes not known": ({"subs": {"changes": ...}}, [("changes_not_known", "subs")]),
    "subprocessors not known": ({"subs": {"subprocessors": ...}}, [("subprocessors_not_known", "subs")]),
    "term lacking": (
        {"contract": {"terms": {**DOCUMENTS[-1]["terms"], "audit_right": False}}},
        [("term_lacking", "contract")],
    ),
    "no hours of notice": (
        {"contract": {"terms": {**DOCUMENTS[-1]["terms"], "incident_notice_hours": False}}},
        [("term_lacking", "contract")],
    ),
    "notice within no time at all": (
        {"contract": {"terms": {**DOCUMENTS[-1]["terms"], "incident_notice_hours": 0}}},
        [],
    ),
    "term not known": (
        {"contract": {"terms": {key: value for key, value in DOCUMENTS[-1]["terms"].items() if key != "data_return"}}},
        [("term_not_known", "contract")],
    ),
    "notice too slow": (
        {"contract": {"terms": {**DOCUMENTS[-1]["terms"], "incident_notice_hours": 73}}},
        [("term_too_weak", "contract")],
    ),
    "contract ends": ({"contract": {"expires_on": "2026-07-01"}}, [("ends_soon", "contract")]),
    "end of contract not known": ({"contract": {"expires_on": ...}}, [("period_not_known", "contract")]),
}


@pytest.mark.parametrize("name", ONE_CHANGE)
def test_one_change_makes_the_gaps_it_should(tmp_path: Path, name: str) -> None:
    changes, expected = ONE_CHANGE[name]
    assert codes(gaps(tmp_path, changed(changes))) == expected


def test_limits_are_the_house_s(tmp_path: Path) -> None:
    strict = gaps(tmp_path, VENDOR, penetration_test_days=100, warning_days=0, incident_notice_hours=24)
    assert codes(strict) == [("term_too_weak", "contract"), ("too_old", "test")]


@pytest.mark.parametrize(
    ("tier", "asked"),
    [("low", 1), ("medium", 4), ("high", 5), ("critical", 6)],
)
def test_an_empty_file_lacks_what_its_tier_asks_for(tmp_path: Path, tier: str, asked: int) -> None:
    found = gaps(tmp_path, {**VENDOR, "tier": tier, "documents": []})
    assert [gap.code for gap in found.gaps] == ["missing"] * asked


def test_what_the_file_itself_expects_replaces_the_tier(tmp_path: Path) -> None:
    found = gaps(tmp_path, {**VENDOR, "documents": [], "expects": ["soc1"]})
    assert [gap.text for gap in found.gaps] == ["not listed: SOC 1 report"]


def test_a_later_report_ends_the_questions_about_the_earlier(tmp_path: Path) -> None:
    old = {
        **DOCUMENTS[0],
        "id": "soc2-2024",
        "period": {"from": "2024-01-01", "to": "2024-12-31"},
        "exceptions": [OPEN],
    }
    assert gaps(tmp_path, {**VENDOR, "documents": [*DOCUMENTS, old]}).gaps == ()


def test_a_later_report_that_leaves_a_platform_out_does_not(tmp_path: Path) -> None:
    old = {**DOCUMENTS[0], "id": "soc2-2024", "period": {"from": "2024-01-01", "to": "2024-12-31"}}
    vendor = changed({"soc2": {"scope": {"services": ["Flows"], "regions": "all"}}})
    found = gaps(tmp_path, {**vendor, "documents": [*vendor["documents"], old]})
    assert codes(found) == [("not_covered", "soc2-2024"), ("scope_lacks", "soc2")]


def test_a_later_type_1_does_not_replace_type_2(tmp_path: Path) -> None:
    design = {**DOCUMENTS[0], "id": "design", "type": 1, "period": {"from": "2026-05-01", "to": "2026-05-02"}}
    found = gaps(tmp_path, {**VENDOR, "documents": [*changed({"letter": {"status": "pending"}})["documents"], design]})
    assert codes(found) == [("design_only", "design"), ("not_covered", "soc2")]


def test_letters_in_a_row_carry_on_and_never_beyond_what_they_state(tmp_path: Path) -> None:
    more = {"id": "second", "kind": "bridge_letter", "status": "received", "of": "soc2"}
    more["period"] = {"from": "2026-10-01", "to": "2026-11-30"}  # type: ignore[assignment]
    vendor = read(tmp_path, {**VENDOR, "documents": [more, *DOCUMENTS]})
    report = next(document for document in vendor.documents if document.id == "soc2")
    assert covered_until(report, vendor) == date(2026, 11, 30)


@pytest.mark.parametrize("days", range(0, 400, 37))
def test_coverage_agrees_with_counting_days(tmp_path: Path, days: int) -> None:
    """The last day covered is the last of an unbroken row of days that report and letter speak of."""
    start = date(2025, 11, 1) + timedelta(days=days)
    letter = (start, start + timedelta(days=45))
    spoken = {date(2025, 1, 1) + timedelta(days=number) for number in range(365)}
    spoken |= {letter[0] + timedelta(days=number) for number in range(46)}
    last = date(2025, 1, 1)
    while last + timedelta(days=1) in spoken:
        last += timedelta(days=1)
    period = {"from": letter[0].isoformat(), "to": letter[1].isoformat()}
    vendor = read(tmp_path, changed({"letter": {"period": period}}))
    assert covered_until(vendor.documents[0], vendor) == last


def test_every_mistake_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    wrong = changed(
        {
            "soc2": {"period": {"from": "2026-01-01", "to": "2025-12-31"}, "terms": {}},
            "letter": {"of": "nothing"},
            "test": {"dated_on": "2026-02-30"},
            "bom": {"id": "split"},
            "iso": {"scope": {"services": "everything"}, "issued_on": "2025-01-01T00:00:00Z"},
        }
    )
    folder = write(tmp_path, wrong, {**VENDOR, "vendor": "Other", "tier": "huge", "colour": 1})
    (folder / "assurance" / "vendor-2.yaml").write_text("vendor: [", encoding="utf-8")
    (folder / "owners.csv").write_text("owner\n", encoding="utf-8")
    with pytest.raises(UnreadableInput) as caught:
        read_registers(folder)
    told = str(caught.value)
    for words in (
        "owners.csv: line 1: the column 'scope_kind' is missing",
        "assurance/vendor-0.yaml: document soc2: a SOC 2 report has no terms",
        "document soc2: begins on 2026-01-01 after it ends on 2025-12-31",
        "document letter: of 'nothing' is no report of this file",
        "document test: dated_on: '2026-02-30' is no date; write 2026-12-31",
        "the document 'split' is given twice",
        "document iso: scope: services: 'everything' is neither a list nor the word all",
        "document iso: issued_on: '2025-01-01T00:00:00Z' is no date; write 2026-12-31",
        "assurance/vendor-1.yaml: unknown key 'colour'",
        "tier: 'huge' is none of low, medium, high, critical",
        "assurance/vendor-2.yaml: is not YAML we accept",
    ):
        assert words in told


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({"incident_notice_hours": True}, "terms: incident_notice_hours: true is no number; write the number agreed"),
        ({"incident_notice_hours": -1}, "incident_notice_hours: -1"),
        ({"critical_fix_days": "fast"}, "'fast' is not a number or true or false"),
        ({"evidence_access": 3}, "3 is not true or false"),
    ],
)
def test_a_term_of_the_wrong_kind_is_told(tmp_path: Path, terms: dict[str, Any], words: str) -> None:
    with pytest.raises(UnreadableInput, match="mistake") as caught:
        read_registers(write(tmp_path, changed({"contract": {"terms": terms}})))
    assert words in str(caught.value)


def test_two_files_of_one_vendor_are_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match=r"example cloud has a file already \(assurance/vendor-0.yaml\)"):
        read_registers(write(tmp_path, VENDOR, {**VENDOR, "vendor": "example cloud"}))


def test_a_file_in_place_of_the_folder_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "assurance").write_text("", encoding="utf-8")
    with pytest.raises(UnreadableInput, match="assurance: is no folder"):
        read_registers(tmp_path)


def test_no_file_is_no_register(tmp_path: Path) -> None:
    (tmp_path / "assurance").mkdir()
    assert read_registers(tmp_path).tables == {}


def test_what_looks_like_a_secret_is_not_kept(tmp_path: Path) -> None:
    secret = "password=Zx9-kLm2pQ7vT4wR8yB1"
    vendor = read(tmp_path, changed({"soc2": {"exceptions": [{**OPEN, "answer": f"log in with {secret}"}]}}))
    assert "Zx9-kLm2pQ7vT4wR8yB1" not in repr(vendor)


@pytest.mark.parametrize("vendor", ["n8n GmbH", 'A "quoted": vendor # 1', "Größe \u2028 & Söhne", "---"])
def test_the_template_claims_nothing_and_reads_back(tmp_path: Path, vendor: str) -> None:
    folder = tmp_path / "assurance"
    folder.mkdir()
    (folder / file_name_of(vendor)).write_text(template_of(vendor, "p: 1", ["a, b"], ["eu"]), encoding="utf-8")
    registers = read_registers(tmp_path)
    assert registers.vendors[0].name == vendor
    assert registers.vendors[0].platforms[0].services == ("a, b",)
    assert set(registers.tables["assurance_documents"].column("status").to_pylist()) == {"pending"}
    assert registers.tables["assurance_terms"].num_rows == 0
