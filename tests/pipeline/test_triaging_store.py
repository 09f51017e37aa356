"""From files of advisories and a snapshot or a bill of materials to decisions, on the command line."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from passmuster.cli.intel import command as intel
from passmuster.cli.triage import command as triage
from passmuster.pipeline.triaging import prepare_triaging
from passmuster.pipeline.triaging_store import triage_store
from passmuster.report.triage_writer import document_of, write_triage
from tests.making import make_snapshot
from tests.triage.test_exposure import ESTATE

WORST = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"


def osv(name: str, package: str, *, fixed: str | None, vector: str | None = WORST) -> dict[str, Any]:
    events = [{"introduced": "0"}, *([{"fixed": fixed}] if fixed else [])]
    return {
        "schema_version": "1.6.0",
        "id": f"GHSA-{name[-4:]}-aaaa-bbbb",
        "aliases": [name],
        "published": "2026-11-18T00:00:00Z",
        "modified": "2026-11-18T00:00:00Z",
        "summary": f"A hole in {package}",
        "affected": [
            {"package": {"ecosystem": "npm", "name": package}, "ranges": [{"type": "SEMVER", "events": events}]}
        ],
        **({"severity": [{"type": "CVSS_V3", "score": vector}]} if vector else {}),
    }


def kev(*names: str) -> dict[str, Any]:
    entries = [
        {
            "cveID": name,
            "vendorProject": "Acme",
            "product": "Flows",
            "vulnerabilityName": "A hole",
            "dateAdded": "2026-11-20",
            "shortDescription": "A hole.",
            "requiredAction": "Mend it.",
            "dueDate": "2026-12-11",
            "knownRansomwareCampaignUse": "Unknown",
            "notes": "",
            "cwes": [],
        }
        for name in names
    ]
    return {
        "title": "CISA Catalog of Known Exploited Vulnerabilities",
        "catalogVersion": "2026.11.20",
        "dateReleased": "2026-11-20T15:00:00.000Z",
        "count": len(entries),
        "vulnerabilities": entries,
    }


def bom(*packages: str) -> dict[str, Any]:
    components = [
        {"type": "library", "bom-ref": name, "name": name, "version": "1.0.0", "purl": f"pkg:npm/{name}@1.0.0"}
        for name in packages
    ]
    return {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": components}


def write(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def imported(folder: Path, *documents: dict[str, Any], at: str = "2026-11-22T06:00:00Z") -> Path:
    files = [write(folder / f"{number}.json", document) for number, document in enumerate(documents)]
    arguments = ["import", *map(str, files), "--store", str(folder / "store"), "--as-of", at, "--format", "json"]
    result = CliRunner().invoke(intel, arguments)
    assert all(file["accepted"] for file in json.loads(result.stdout)["files"]), result.output
    return folder / "store"


def asked(store: Path, *more: str) -> dict[str, Any]:
    result = CliRunner().invoke(triage, ["--store", str(store), "--format", "json", *more])
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_a_bill_of_materials_is_decided_with_unknown_exposure(tmp_path: Path) -> None:
    store = imported(
        tmp_path,
        osv("CVE-2026-5001", "alpha", fixed="1.2.0"),
        osv("CVE-2026-5002", "beta", fixed=None),
        osv("CVE-2026-5003", "gamma", fixed="1.1.0", vector=None),
        osv("CVE-2026-5004", "alpha", fixed="0.9.0"),
        kev("CVE-2026-5001"),
    )
    path = write(tmp_path / "bom.json", bom("alpha", "beta", "gamma", "delta"))
    document = asked(store, "--components", str(path), "--as-of", "2026-11-25T12:00:00Z")
    told = {each["advisory"]: each for each in document["decisions"]}
    assert list(told) == ["CVE-2026-5001", "CVE-2026-5002", "CVE-2026-5003"]
    first, second, third = told.values()
    assert (first["outcome"], first["action"], first["due_at"]) == ("3_days_forensics", "patch", "2026-11-23T00:00:00Z")
    assert (first["assumed"], first["estimated"]) == (["publicly_exposed"], ["automatable", "technical_impact"])
    assert (second["outcome"], second["action"], second["due_at"]) == ("3_days", "configure", "2026-11-25T06:00:00Z")
    assert (third["outcome"], third["due_at"], third["if_affected"]) == ("needs_person", None, "3_days")
    assert document["warnings"] == []


def test_what_was_known_then_decides_then(tmp_path: Path) -> None:
    store = imported(tmp_path, osv("CVE-2026-5001", "alpha", fixed="1.2.0"))
    imported(tmp_path, kev("CVE-2026-5001"), at="2026-11-24T00:00:00Z")
    path = write(tmp_path / "bom.json", bom("alpha"))
    before = asked(store, "--components", str(path), "--as-of", "2026-11-23T00:00:00Z")
    after = asked(store, "--components", str(path), "--as-of", "2026-11-24T00:00:00Z")
    assert [d["outcome"] for d in before["decisions"]] == ["3_days"]
    assert [d["outcome"] for d in after["decisions"]] == ["3_days_forensics"]
    assert "holds no catalogue of exploited vulnerabilities" in before["warnings"][0]
    assert after["warnings"] == []


def test_a_snapshot_is_decided_with_what_it_tells(tmp_path: Path) -> None:
    rows = {**ESTATE, "platforms": [{**ESTATE["platforms"][0], "version": "1.0.0"}]}
    make_snapshot(tmp_path / "snapshot", rows)
    store = imported(
        tmp_path,
        osv("CVE-2026-5001", "n8n", fixed="1.2.0"),
        osv("CVE-2026-5002", "n8n-nodes-drift", fixed=None),
        kev("CVE-2026-9999"),
    )
    document = asked(store, "--snapshot", str(tmp_path / "snapshot"), "--as-of", "2026-11-25T12:00:00Z")
    first, second = document["decisions"]
    assert (first["advisory"], first["environment"], first["assumed"]) == ("CVE-2026-5001", "e1", [])
    assert (first["points"]["publicly_exposed"], first["who_patches"]) == ("yes", "customer")
    assert (second["component"], [touch["id"] for touch in second["touches"]]) == ("n8n-nodes-drift", ["p1"])


def test_a_store_that_is_none_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "bom.json", bom("alpha"))
    result = CliRunner().invoke(triage, ["--store", str(tmp_path / "nowhere"), "--components", str(path)])
    assert "intel import" in str(result.exception)


def test_a_bill_that_is_none_is_refused_by_name(tmp_path: Path) -> None:
    store = imported(tmp_path, kev("CVE-2026-9999"))
    path = write(tmp_path / "bom.json", [bom("alpha"), bom("beta")])
    result = CliRunner().invoke(triage, ["--store", str(store), "--components", str(path)])
    assert str(path) in str(result.exception)


def test_what_is_spelled_once_for_many_reads_as_if_it_were_spelled_for_each(tmp_path: Path) -> None:
    store = imported(tmp_path, osv("CVE-2026-5001", "alpha", fixed="1.2.0"), osv("CVE-2026-5002", "beta\0", fixed=None))
    documents = bom("alpha", "beta\0")["components"]
    places = [{**each, "bom-ref": f"{each['name']}-{number}"} for number in range(3) for each in documents]
    for number, each in enumerate(places):
        each["properties"] = [{"name": "passmuster:environment", "value": ("", "é\"'", "prod")[number // 2]}]
    path = write(tmp_path / "bom.json", {**bom(), "components": places})
    at = datetime(2026, 11, 25, 12, tzinfo=UTC)
    decisions = triage_store(store, prepare_triaging(as_of=at), bom=path).decisions
    assert len({id(decision.reason) for decision in decisions}) < len(decisions) == 6
    changed = replace(decisions[0], outcome="other")
    out = io.StringIO()
    write_triage([*decisions, changed], out, as_of=at, warnings=[])
    assert json.loads(out.getvalue())["decisions"] == [document_of(each) for each in (*decisions, changed)]
