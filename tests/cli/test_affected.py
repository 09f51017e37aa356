"""`passmuster affected` as a script calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from passmuster.cli.affected import command
from passmuster.pipeline.intelligence import import_paths
from tests.intel.matching.asking import cve_record


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("affected")
    told = [{"version": "< 1.123.17", "status": "affected"}, {"version": "< 2.5.2", "status": "affected"}]
    record = cve_record([{"vendor": "n8n-io", "product": "n8n", "versions": told}])
    (folder / "record.json").write_text(json.dumps(record), encoding="utf-8")
    import_paths([folder / "record.json"], folder / "store")
    return folder / "store"


def run(store: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command, ["--store", str(store), *arguments], standalone_mode=False)


def test_the_document_has_the_members_of_the_contract_and_no_others(store: Path) -> None:
    result = run(store, "--component", "n8n", "--version", "2.0.0", "--format", "json")
    document = json.loads(result.stdout)
    assert set(document) == {"schema", "advisories"}
    assert document["schema"] == "passmuster/affected@1"
    (advisory,) = document["advisories"]
    assert set(advisory) == {"id", "aliases", "verdict", "reason", "fixed_versions", "who_patches"}
    assert advisory["id"] == "CVE-2026-0001"
    assert advisory["verdict"] == "needs_review"
    assert advisory["fixed_versions"] == ["1.123.17", "2.5.2"]
    assert advisory["who_patches"] == "customer"
    assert "2.0.0" in advisory["reason"]
    assert result.return_value == 0


def test_an_unknown_name_gives_an_empty_list_and_a_warning_beside_it(store: Path) -> None:
    result = run(store, "--component", "nonsense", "--format", "json")
    assert json.loads(result.stdout)["advisories"] == []
    assert "nonsense" in result.stderr
    assert "no all-clear" in result.stderr
    assert result.return_value == 0


def test_the_table_leads_with_what_is_open(store: Path) -> None:
    result = run(store, "--component", "n8n", "--version", "1.0.0", "--hosting", "self")
    assert result.stdout.startswith("affected: 1 advisory")
    assert "customer patches" in result.stdout


def test_who_patches_from_general_knowledge_is_told_as_such(store: Path, tmp_path: Path) -> None:
    facts = ["schema: passmuster/platform@1", "id: n8n", "name: n8n", "vendor: n8n", "products:", "  - id: n8n"]
    facts += ["    name: n8n", "    role: part", "    hosting: [self]", "    who_patches: {self: customer}"]
    (tmp_path / "n8n.yaml").write_text("\n".join(facts), encoding="utf-8")
    result = run(store, "--component", "n8n", "--format", "json", "--catalogue", str(tmp_path))
    assert "general knowledge" in result.stderr
    assert "general knowledge" not in result.stdout
    facts += ["    source: https://n8n.example/security", "    checked_on: 2026-01-31"]
    (tmp_path / "n8n.yaml").write_text("\n".join(facts), encoding="utf-8")
    sourced = run(store, "--component", "n8n", "--format", "json", "--catalogue", str(tmp_path))
    assert "general knowledge" not in sourced.stderr
    assert json.loads(sourced.stdout)["advisories"] != []


def test_what_a_self_hosted_copy_brings_is_named_as_not_looked_at(store: Path) -> None:
    result = run(store, "--component", "n8n", "--version", "2.0.0", "--format", "json")
    assert "Node.js" in result.stderr
    assert "triage --components" in result.stderr
    assert "Node.js" not in result.stdout
    hosted = run(store, "--component", "n8n", "--version", "2.0.0", "--hosting", "vendor", "--format", "json")
    assert "Node.js" not in hosted.stderr
    assert "a self-hosted copy" not in run(store, "--component", "Power Apps", "--format", "json").stderr
