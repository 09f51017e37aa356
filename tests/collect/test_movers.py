"""Files of other tools become rows of registers, and nothing is made up on the way."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from passmuster.collect.movers.brought import Asked, Brought
from passmuster.collect.movers.days import read_day
from passmuster.collect.movers.formats import FORMATS, read_movers_file
from passmuster.documents.csv_file import parse_csv
from passmuster.errors import UnreadableInput
from tests.cli.running import EXAMPLES
from tests.collect import movers_samples as samples

TODAY = date(2026, 6, 15)
ADA = Asked(TODAY, by="Ada")
NOBODY = Asked(TODAY)


def read(text: str, asked: Asked = NOBODY, kind: str | None = None) -> Brought:
    return read_movers_file(text, "the file", asked, kind=kind)[1]


def told(brought: Brought) -> str:
    return "\n".join(f"{remark.place}: {remark.text}" for remark in brought.remarks)


def test_a_row_with_reason_date_and_somebody_who_answers_is_an_approved_exception() -> None:
    text = samples.action_plan(("MS.POWERPLATFORM.1.1v1", "Makers need trials", "2026-12-31", "Until the new portal"))
    (row,) = read(text, ADA).rows
    assert row == {
        "attestation_id": "scubagear/MS.POWERPLATFORM.1.1v1",
        "control_id": "MS.POWERPLATFORM.1.1v1",
        "statement": "Makers need trials; Until the new portal",
        "valid_until": "2026-12-31",
        "kind": "exception",
        "made_by": "Ada",
        "made_at": "2026-06-15",
    }


PENDING = [
    pytest.param(("MS.POWERPLATFORM.1.1v1", " ", " ", " "), "no reason or justification and no completion date"),
    pytest.param(("MS.POWERPLATFORM.1.1v1", "Why", " ", " "), "no completion date"),
    pytest.param(("MS.POWERPLATFORM.1.1v1", " ", "2026-12-31", " "), "no reason or justification"),
    pytest.param(("MS.POWERPLATFORM.1.1v1", "Why", "2026-06-14", " "), "a completion date that has passed"),
    pytest.param(
        ("MS.POWERPLATFORM.1.1v1", "Why", "next summer", " "),
        "a completion date that cannot be read: 'next summer' is no day",
    ),
    pytest.param(
        ("MS.POWERPLATFORM.1.1v1", "Why", "3/4/2027", " "),
        "a completion date that cannot be read: '3/4/2027' may mean two days",
    ),
]


@pytest.mark.parametrize(("row", "lack"), PENDING)
def test_a_row_that_lacks_something_stays_pending_whoever_answers(row: tuple[str, str, str, str], lack: str) -> None:
    brought = read(samples.action_plan(row), ADA)
    assert "made_by" not in brought.rows[0]
    assert brought.rows[0]["kind"] == "exception"
    assert f"line 2 (MS.POWERPLATFORM.1.1v1): pending: has {lack}" in told(brought)


def test_without_somebody_who_answers_every_row_stays_pending() -> None:
    brought = read(samples.action_plan(("MS.POWERPLATFORM.1.1v1", "Why", "2026-12-31", " ")))
    assert "made_by" not in brought.rows[0]
    assert "nobody who answers for it (--by NAME)" in told(brought)


def test_an_exception_of_a_named_platform_covers_no_other() -> None:
    text = samples.action_plan(("MS.POWERPLATFORM.1.1v1", "Why", "2026-12-31", " "))
    (row,) = read(text, Asked(TODAY, by="Ada", platform="tenant-1")).rows
    assert (row["scope_kind"], row["scope_id"]) == ("platform", "tenant-1")
    assert "its exceptions cover every platform" in told(read(text, ADA))


def test_the_columns_of_the_newer_tool_are_read_and_its_unspelled_lists_are_empty() -> None:
    columns = samples.SCUBAGEAR_COLUMNS.replace("Control ID", "ControlID")
    plan = samples.action_plan(("GWS.GMAIL.1.1v1", "System.Object[]", "2026-12-31", "Why"), columns=columns)
    assert read(plan, ADA).rows[0]["statement"] == "Why"


def test_a_plan_of_a_tenant_where_nothing_failed_brings_nothing_though_its_header_lacks_a_comma() -> None:
    brought = read(samples.SCUBAGEAR_NOTHING_FAILED)
    assert (brought.rows, brought.entries) == ((), 0)


def test_all_mistakes_of_a_plan_are_told_at_once() -> None:
    rows = (
        ("1.1", "Why", "2026-12-31", " "),
        ("MS.POWERPLATFORM.1.1v1", "Why", "2026-12-31", " "),
        ("MS.POWERPLATFORM.1.1v1", "Another", "2026-12-31", " "),
    )
    with pytest.raises(UnreadableInput) as caught:
        read(samples.action_plan(*rows), ADA)
    assert "line 2: '1.1' is no policy id" in str(caught.value)
    assert "line 4: speaks of MS.POWERPLATFORM.1.1v1 again (line 3), and differently" in str(caught.value)


# Of dates that people type; the second column is the day with the month first, the third with the day first.
DAYS = [
    ("2026-12-31", "2026-12-31", "2026-12-31"),
    ("2026-12-31T00:00:00Z", "2026-12-31", "2026-12-31"),
    ("12/31/2026", "2026-12-31", "2026-12-31"),
    ("31/12/2026", "2026-12-31", "2026-12-31"),
    ("3/4/2027", "2027-03-04", "2027-04-03"),
    ("5/5/2027", "2027-05-05", "2027-05-05"),
    ("03.04.2027", "2027-04-03", "2027-04-03"),
    ("31-Dec-2026", "2026-12-31", "2026-12-31"),
    ("December 31, 2026", "2026-12-31", "2026-12-31"),
    ("12/31/2026 12:00:00 AM", "2026-12-31", "2026-12-31"),
]


@pytest.mark.parametrize(("text", "month_first", "day_first"), DAYS)
def test_days_are_read_as_they_are_typed(text: str, month_first: str, day_first: str) -> None:
    assert read_day(text, day_first=False).isoformat() == month_first
    assert read_day(text, day_first=True).isoformat() == day_first
    if month_first == day_first:
        assert read_day(text, day_first=None).isoformat() == month_first


@pytest.mark.parametrize("text", ["3/4/2027", "12/31/26", "30/02/2027", "TBD", "2026-13-01", "=TODAY()", "31-Foo-2026"])
def test_what_is_no_day_or_two_of_them_is_not_guessed(text: str) -> None:
    with pytest.raises(ValueError, match="2026-12-31"):
        read_day(text, day_first=None)


def test_every_place_the_recorded_audit_points_at_is_one_finding(shared: Path) -> None:
    text = (shared / "platforms" / "recorded" / "n8n" / "audit.json").read_text(encoding="utf-8")
    body = json.loads(text)["body"]
    pointed_at = Counter(
        section["title"]
        for report in body.values()
        for section in report["sections"]
        for _ in section.get("location", [])
    )
    for form in (text, json.dumps(body)):
        brought = read(form)
        assert Counter(row["title"] for row in brought.rows) == pointed_at
        assert {row["status"] for row in brought.rows} == {"open"}
        assert not any("severity" in row for row in brought.rows)
        assert "Instance Risk Report, section 1 (Security settings): lists settings as they are" in told(brought)


def test_a_node_is_named_as_snapshots_name_the_step() -> None:
    location = {"kind": "node", "workflowId": "wf", "nodeId": "n2", "nodeName": "Save", "nodeType": "t"}
    section = {"title": "Unprotected webhooks", "location": [location]}
    (row,) = read(json.dumps({"Instance Risk Report": {"risk": "instance", "sections": [section]}})).rows
    assert row["resource_id"] == "wf/n2"
    assert row["finding_id"] == "n8n-audit/instance/unprotected-webhooks/wf/n2"


def test_an_outdated_instance_is_a_finding_without_a_place() -> None:
    section = {"title": "Outdated instance", "description": "", "recommendation": "", "nextVersions": [{"name": "2.0"}]}
    (row,) = read(json.dumps({"Instance Risk Report": {"risk": "instance", "sections": [section]}})).rows
    assert row["finding_id"] == "n8n-audit/instance/outdated-instance"


def test_an_audit_of_strange_shape_is_refused_with_every_place() -> None:
    audit = {
        "Nodes Risk Report": {"risk": "nodes", "sections": [{"location": []}, {"title": "T", "location": [{}]}]},
        "Database Risk Report": {"risk": "database"},
    }
    with pytest.raises(UnreadableInput) as caught:
        read(json.dumps(audit))
    assert "3 mistake(s)" in str(caught.value)
    assert "Nodes Risk Report, section 2, location 1: names no credential, node or package" in str(caught.value)


def test_an_empty_list_needs_a_kind_and_is_then_an_audit_that_found_nothing() -> None:
    with pytest.raises(UnreadableInput, match="say which by --kind"):
        read("[]")
    assert read("[]", kind="n8n-audit").rows == ()


def test_what_failed_in_prowler_is_a_finding_and_the_rest_is_told() -> None:
    records = [
        samples.prowler("a"),
        samples.prowler("b", status_code="PASS"),
        samples.prowler("c", status_code="MANUAL"),
        samples.prowler("d", status_code=None),
        samples.prowler("e", severity="Catastrophic", severity_id=99),
        samples.prowler("f", class_uid=2003, severity="Fatal", status="In Progress"),
    ]
    brought = read(json.dumps(records))
    assert [row["finding_id"] for row in brought.rows] == ["a", "e", "f"]
    assert [row["severity"] for row in brought.rows] == ["low", "", "critical"]
    assert [row["status"] for row in brought.rows] == ["open", "open", "in_progress"]
    assert brought.rows[0]["control_id"] == "accessanalyzer_enabled"
    assert brought.rows[0]["resource_id"] == "arn:aws:iam::123456789012:root"
    assert "record 2: passed: no finding" in told(brought)
    assert "record 3: must be judged by a person (MANUAL)" in told(brought)
    assert "record 4: has the verdict none" in told(brought)
    assert "record 5: has the severity Catastrophic, not known here" in told(brought)


def test_a_compliance_finding_may_have_its_verdict_and_control_in_compliance() -> None:
    compliance = {"control": "CIS 1.20", "status": "Fail", "status_id": 3}
    record = samples.prowler("a", class_uid=2003, status_code=None, compliance=compliance)
    del record["metadata"]["event_code"]
    assert read(json.dumps([record])).rows[0]["control_id"] == "CIS 1.20"


def test_what_was_muted_stays_open_until_somebody_here_takes_the_decision_over() -> None:
    text = json.dumps([samples.prowler("a", status="Suppressed", status_id=3)])
    assert read(text).rows[0]["status"] == "open"
    assert "is muted in Prowler" in told(read(text))
    row = read(text, ADA).rows[0]
    assert (row["status"], row["accepted_by"]) == ("accepted", "Ada")


def test_findings_that_share_an_id_are_told_apart_by_resource_and_true_twins_taken_once() -> None:
    records = [samples.prowler("a", resource=name) for name in ("one", "two", "two")]
    records.append({**samples.prowler("a", resource="one"), "severity": "High"})
    for order in (records, records[::-1]):
        rows = {row["finding_id"]: row["severity"] for row in read(json.dumps(order)).rows}
        assert rows == {"a @ one": "high", "a @ two": "low"}


OTHER_RECORDS: list[tuple[Any, str]] = [
    (samples.prowler("a", metadata={"product": {"name": "Other Scanner"}}), "comes from Other Scanner, not from"),
    (samples.prowler("a", class_uid=2001), "is of class 2001; 2003 and 2004 are read"),
    (samples.prowler(""), "has no finding_info.uid"),
    ("text", "is no OCSF finding"),
]


@pytest.mark.parametrize(("record", "complaint"), OTHER_RECORDS)
def test_a_record_that_is_not_prowlers_refuses_the_file(record: Any, complaint: str) -> None:
    with pytest.raises(UnreadableInput, match=f"record 2: {complaint}"):
        read(json.dumps([samples.prowler("a"), record]))


def test_a_generic_table_of_defectdojo_becomes_findings_with_lasting_ids() -> None:
    brought = read(samples.DEFECTDOJO_GENERIC)
    rows = brought.rows
    assert [row["title"] for row in rows] == ["Clear text", "Clear text", "Cookie without the secure flag", "Old one"]
    assert [row["status"] for row in rows] == ["open", "open", "", "closed"]
    assert [row["severity"] for row in rows] == ["low", "low", "", "high"]
    assert [row["control_id"] for row in rows] == ["CWE-319", "CWE-319", "", ""]
    assert rows[0]["resource_id"] == "https://app.example/a"
    assert len({row["finding_id"] for row in rows}) == 4
    assert "line 4: has the severity Moderate, not known here" in told(brought)
    assert "line 4: is neither active nor mitigated there" in told(brought)
    assert "line 6: is a false positive there: left" in told(brought)
    graded_anew = read(samples.DEFECTDOJO_GENERIC.replace(",Low,", ",High,"))
    assert [row["finding_id"] for row in graded_anew.rows] == [row["finding_id"] for row in rows]


def test_the_export_of_defectdojo_is_read_though_it_names_a_column_twice() -> None:
    given = {
        "title": "SQL injection NEWLINE in search",
        "severity": "High",
        "cwe": "89",
        "sla_expiration_date": "2026-07-01",
    }
    text = samples.defectdojo_export(
        {"id": "1", "active": "True", **given},
        {"id": "2", **given, "is_mitigated": "True", "mitigated": "2026-05-01 10:00:00+00:00"},
        {"id": "3", **given, "risk_accepted": "True"},
        {"id": "4", **given, "active": "True", "under_review": "True"},
        {"id": "5", **given, "out_of_scope": "True"},
        {"id": "7", **given, "mitigated": "2026-05-01 10:00:00+00:00"},
        {"id": "6", **given, "active": "perhaps"},
    )
    brought = read(text)
    assert [row["finding_id"] for row in brought.rows] == [f"defectdojo/{number}" for number in (1, 2, 3, 4, 7, 6)]
    assert [row["status"] for row in brought.rows] == ["open", "closed", "open", "in_progress", "closed", ""]
    assert brought.rows[0]["due_on"] == "2026-07-01"
    assert brought.rows[0]["title"] == "SQL injection in search"
    assert "is risk-accepted there" in told(brought)
    assert "says 'perhaps' for active" in told(brought)
    assert read(text, ADA).rows[2]["accepted_by"] == "Ada"


def test_each_kind_is_told_by_its_content_alone() -> None:
    audit = (EXAMPLES / "n8n" / "audit.json").read_text(encoding="utf-8")
    files = {
        "scubagear-action-plan": samples.action_plan(("MS.POWERPLATFORM.1.1v1", " ", " ", " ")),
        "n8n-audit": audit,
        "prowler-ocsf": json.dumps([samples.prowler("a")]),
        "defectdojo-csv": samples.DEFECTDOJO_GENERIC,
    }
    assert set(files) == set(FORMATS)
    for kind, text in files.items():
        assert read_movers_file(text, "the file", NOBODY)[0] == kind
        for other in set(files) - {kind}:
            with pytest.raises(UnreadableInput):
                read(text, kind=other)


STRANGE = [
    ("", "is empty"),
    ("a,b\n1,2\n", "it begins with a, b"),
    ('{"Results": {}}', "it begins with Results"),
    (samples.SCUBAGEAR_RESULTS, "hand over ActionPlan.csv"),
    (json.dumps([samples.prowler("a")])[:-40], "it ends too early"),
    (samples.action_plan(("MS.POWERPLATFORM.1.1v1", "Why", "2026-12-31", "x"))[:-4], "unexpected end of data"),
    ("id;title;severity;active\n1;2;3;4\n", "not separated by commas"),
    ("[" * 5000, "deeper"),
]


@pytest.mark.parametrize(("text", "complaint"), STRANGE)
def test_what_cannot_be_recognised_is_refused_and_says_how_to_mend_it(text: str, complaint: str) -> None:
    with pytest.raises(UnreadableInput, match=complaint):
        read(text)


ODD_VALUES = [None, True, 7, -1.5, "", "odd", "=1", "\ud800", [], {}, ["odd"], {"odd": 1}, [[]]]


def places(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value in nested JSON, the whole included."""
    yield before
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in inside:
        yield from places(child, (*before, key))


def altered(document: Any, place: tuple[Any, ...], value: Any) -> Any:
    """A copy with one value put in place of another."""
    if not place:
        return value
    copied = copy.deepcopy(document)
    holder = copied
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    return copied


@pytest.mark.parametrize("kind", ["n8n-audit", "prowler-ocsf"])
def test_an_odd_value_anywhere_is_read_or_refused_and_never_a_fault(kind: str) -> None:
    audit = json.loads((EXAMPLES / "n8n" / "audit.json").read_text(encoding="utf-8"))
    document = audit if kind == "n8n-audit" else [samples.prowler("a"), samples.prowler("b", status="Suppressed")]
    outcomes: Counter[str] = Counter()
    for place in places(document):
        for value in ODD_VALUES:
            try:
                read(json.dumps(altered(document, place, value)), ADA, kind)
                outcomes["read"] += 1
            except UnreadableInput:
                outcomes["refused"] += 1
    assert min(outcomes["read"], outcomes["refused"]) > 50


def test_columns_of_one_name_are_numbered_only_where_asked() -> None:
    assert parse_csv("a,b,a,a\n1,2,3,4\n", "f", keeps_twins=True)[0] == ["a", "b", "a (2)", "a (3)"]
    with pytest.raises(UnreadableInput, match="given twice"):
        parse_csv("a,b,a\n1,2,3\n", "f")


def test_a_description_longer_than_the_library_expects_is_read() -> None:
    text = samples.defectdojo_export({"id": "1", "title": "T", "severity": "Low", "description": "x" * 200_000})
    assert read(text).rows[0]["title"] == "T"
