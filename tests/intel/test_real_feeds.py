"""The real feeds, held against the table that was made of them by others."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from passmuster.intel.record_json import from_text, to_text
from passmuster.model.advisory import Record
from tests.intel.making import read


@pytest.fixture(scope="module")
def records(data: Path) -> dict[str, Record]:
    """All CVE records of the no-code platforms."""
    found = {}
    for path in sorted((data / "vulnrichment_nocode").glob("*.json")):
        (record,) = read(json.loads(path.read_text())).records
        found[record.id] = record
    return found


@pytest.fixture(scope="module")
def table(data: Path) -> list[dict[str, str]]:
    """The table of no-code vulnerabilities, the rows that stem from CVE records."""
    with (data / "nocode_vulns_until_2024.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_cve_record_is_read_and_comes_back_from_its_stored_text(records: dict[str, Record]) -> None:
    assert len(records) == 113
    assert all(from_text(to_text(record)) == record for record in records.values())


def test_scores_are_those_of_the_table(records: dict[str, Record], table: list[dict[str, str]]) -> None:
    compared = 0
    for row in table:
        record = records.get(row["cve"])
        if record is None or not row["cvss_stated"]:
            continue
        (score,) = [s for s in record.scores if s.vector == row["cvss_vector"]][:1]
        compared += 1
        assert (score.stated, score.computed) == (float(row["cvss_stated"]), float(row["cvss_computed"])), row["cve"]
        assert score.differs == (row["stated_vs_computed"] != "same"), row["cve"]
        assert (score.by == "CISA-ADP") == (row["cvss_source"] == "CISA-ADP"), row["cve"]
    assert compared == 113


def test_ssvc_kev_and_hosting_are_those_of_the_table(records: dict[str, Record], table: list[dict[str, str]]) -> None:
    compared = 0
    for row in table:
        record = records.get(row["cve"])
        if record is None:
            continue
        compared += 1
        points = {point.name: point for point in record.ssvc}
        exploitation = {"poc": "public_poc"}.get(row["ssvc_exploitation"], row["ssvc_exploitation"])
        assert points["exploitation"].value == exploitation
        assert points["automatable"].value == row["ssvc_automatable"]
        assert points["technical_impact"].value == row["ssvc_technical_impact"]
        judged_at = points["exploitation"].judged_at
        assert judged_at is not None
        assert judged_at.date().isoformat() == row["ssvc_date"]
        assert (record.kev.added_on.isoformat() if record.kev else "") == row["kev_added"]
        assert record.is_hosted_only == (row["hosting"] == "exclusively-hosted-service")
        assert record.is_disputed == (row["hosting"] == "disputed")
    assert compared == 113


def test_fixed_versions_are_those_of_the_table(records: dict[str, Record], table: list[dict[str, str]]) -> None:
    """The table joins fixed versions with blanks, keeps a `*` that ends nothing, and cuts at 120 characters."""
    compared = 0
    for row in table:
        record = records.get(row["cve"])
        if record is None or not row["fixed"] or len(row["fixed"]) >= 120:
            continue
        compared += 1
        left = row["fixed"].replace("*", " ")
        found = {version for product in record.affected for version in product.fixed_versions}
        for version in sorted(found, key=len, reverse=True):
            left = left.replace(version, " ", 1)
        assert not left.split(), (row["cve"], row["fixed"], sorted(found))
    assert compared > 60


def test_the_kev_catalogue_is_read_in_full(data: Path) -> None:
    value: dict[str, Any] = json.loads((data / "kev" / "known_exploited_vulnerabilities.json").read_text())
    reading = read(value)
    assert reading.is_whole_list
    assert reading.problems == ()
    assert len(reading.records) == value["count"] == 1404
    for record, entry in zip(reading.records, value["vulnerabilities"], strict=True):
        assert record.kev is not None
        assert record.id == entry["cveID"]
        assert record.kev.added_on.isoformat() == entry["dateAdded"]
        assert record.kev.due_on is not None
        assert record.kev.due_on.isoformat() == entry["dueDate"]
        assert record.kev.ransomware == entry["knownRansomwareCampaignUse"]


def test_every_osv_record_is_read_with_all_its_events(data: Path) -> None:
    paths = sorted((data / "osv_bitnami").glob("*/*.json"))
    assert len(paths) == 733
    for path in paths:
        value = json.loads(path.read_text())
        (record,) = read(value).records
        assert from_text(to_text(record)) == record
        (product,) = record.affected
        (given,) = value["affected"]
        events = [event for block in given["ranges"] for event in block["events"]]
        told = {v for each in product.ranges for v in (each.introduced, each.fixed, each.last_affected) if v}
        assert told == {version for event in events for version in event.values()}, path.name
        assert list(product.fixed_versions) == list(dict.fromkeys(e["fixed"] for e in events if "fixed" in e))
        assert product.purl == given["package"]["purl"]
        assert record.aliases == tuple(value["aliases"])


def test_vectors_of_osv_records_give_the_scores_of_the_table(data: Path, table: list[dict[str, str]]) -> None:
    compared = 0
    for row in table:
        path = data / "osv_bitnami" / "appsmith" / f"BIT-appsmith-{row['cve'].removeprefix('CVE-')}.json"
        if path.exists():
            compared += 1
            (record,) = read(json.loads(path.read_text())).records
            assert [score.computed for score in record.scores] == [float(row["cvss_computed"])]
    assert compared == 9
