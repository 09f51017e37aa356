"""From files in a store to the answer on one component."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from passmuster.errors import UsageError
from passmuster.model.words import Hosting
from passmuster.pipeline.affected import affected_by, component_named
from passmuster.pipeline.intelligence import import_paths
from tests.intel.matching.asking import cve_record

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    entries = {
        "CVE-2026-0009": [{"vendor": "n8n-io", "product": "n8n", "versions": [told("< 2.0.0")]}],
        "CVE-2026-0010": [{"vendor": "x", "product": "left_pad", "versions": [told("= 1.0")]}],
        "CVE-2026-00011": [{"vendor": "n/a", "product": "n/a", "versions": [told("n/a")]}],
        "CVE-2025-0001": [{"vendor": "n8n-io", "product": "n8n-nodes-base", "versions": [told("< 2.0.0")]}],
        "CVE-2026-0012": [{"vendor": "Siemens", "product": "Mendix Studio Pro 11.6", "versions": [told("< V11.6.2")]}],
    }
    for name, affected in entries.items():
        record = cve_record(affected, text="Retool (self-hosted) before 3.196.0 has a flaw.")
        record["cveMetadata"]["cveId"] = name
        (folder / f"{name}.json").write_text(json.dumps(record), encoding="utf-8")
    import_paths([folder], tmp_path / "store", as_of=NOW)
    return tmp_path / "store"


def told(version: str) -> dict[str, str]:
    return {"version": version, "status": "affected"}


def ids(store: Path, name: str, version: str | None = None) -> list[tuple[str, str]]:
    found = affected_by(store, component_named(name, version=version), as_of=NOW)
    return [(match.advisory, str(match.verdict)) for match in found.matches]


@pytest.mark.parametrize(
    ("name", "version", "meant"),
    [
        ("N8N", "1.0.0", [("CVE-2026-0009", "affected")]),
        ("pkg:npm/n8n@2.0.0", None, [("CVE-2026-0009", "fixed")]),
        ("PKG:NPM/N8N@1.0.0", None, [("CVE-2026-0009", "affected")]),
        ("n8n-io n8n", "v1.0.0", [("CVE-2026-0009", "affected")]),
        ("pkg:npm/n8n-nodes-base@1.0.0", None, [("CVE-2025-0001", "affected")]),
        ("n8n-nodes-base", "1.0.0", [("CVE-2025-0001", "affected")]),
        ("Left_Pad", "1.0", [("CVE-2026-0010", "affected")]),
        ("left pad", "1.1", [("CVE-2026-0010", "not_affected")]),
        ("Mendix Studio Pro", "11.6.1", [("CVE-2026-0012", "affected")]),
        ("Mendix Studio Pro 11.6", "11.6.2", [("CVE-2026-0012", "fixed")]),
        ("Retool", "3.195.0", [("CVE-2026-00011", "affected")]),
        ("Directus", "10.0.0", []),
    ],
)
def test_a_component_is_found_by_its_name_in_the_catalogue_or_the_record(
    store: Path, name: str, version: str | None, meant: list[tuple[str, str]]
) -> None:
    assert ids(store, name, version) == meant


def test_what_was_not_known_then_is_not_told(store: Path) -> None:
    before = datetime(2026, 5, 31, tzinfo=UTC)
    assert affected_by(store, component_named("n8n", version="1.0.0"), as_of=before).matches == ()


@pytest.mark.parametrize(("name", "is_known"), [("nonsense", False), ("Directus", True), ("left_pad", True)])
def test_a_name_nobody_uses_is_told_from_one_without_advisories(store: Path, name: str, is_known: bool) -> None:
    assert affected_by(store, component_named(name), as_of=NOW).is_known is is_known


def test_a_catalogue_of_the_user_brings_its_names(store: Path, tmp_path: Path) -> None:
    folder = tmp_path / "catalogue"
    folder.mkdir()
    (folder / "pads.yaml").write_text(
        """
schema: passmuster/platform@1
id: pads
name: Pads
vendor: X
products:
  - {id: left-pad, name: Padding, role: part, names: [left_pad], versions: semver, hosting: [vendor],
     who_patches: {vendor: vendor}, source: "https://x.example", checked_on: 2026-01-01}
""",
        encoding="utf-8",
    )
    (match,) = affected_by(store, component_named("padding", version="1.0"), as_of=NOW, catalogue=folder).matches
    assert (match.advisory, str(match.who_patches)) == ("CVE-2026-0010", "vendor")


def test_the_version_in_a_package_url_counts() -> None:
    component = component_named("pkg:npm/%40strapi/strapi@5.1.0", hosting=Hosting.SELF)
    assert (component.name, component.version, component.hosting) == ("strapi", "5.1.0", Hosting.SELF)


@pytest.mark.parametrize(
    ("name", "version", "words"),
    [
        ("pkg:npm/n8n@1.0", "2.0", "give one"),
        ("pkg:npm", None, "is no package URL"),
        ("  ", None, "is empty"),
    ],
)
def test_what_names_no_component_is_refused(name: str, version: str | None, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        component_named(name, version=version)
