"""Embedded components: named as records name them, and never a reason to accuse a platform."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from passmuster.errors import UnreadableInput
from passmuster.intel.catalogue.entry import Embedded, Placement
from passmuster.intel.catalogue.load import load_catalogue
from passmuster.pipeline.affected import affected_by, component_named
from passmuster.pipeline.intelligence import import_paths
from tests.intel.making import NOW, write
from tests.intel.matching.asking import cve_record

NODE_FLAW = {
    "schema_version": "1.5.0",
    "id": "BIT-node-2026-9999",
    "modified": "2026-06-01T00:00:00Z",
    "published": "2026-06-01T00:00:00Z",
    "details": "A flaw of Node.js.",
    "aliases": ["CVE-2026-9999"],
    "affected": [
        {
            "package": {"ecosystem": "Bitnami", "name": "node", "purl": "pkg:bitnami/node"},
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "99.0.0"}]}],
        }
    ],
}


def every_embedded() -> list[tuple[str, Embedded]]:
    return [(platform.id, part) for platform in load_catalogue().platforms for part in platform.embedded]


def asked_of(store: Path, name: str, version: str | None) -> list[str]:
    return [match.advisory for match in affected_by(store, component_named(name, version=version), as_of=NOW).matches]


def test_a_flaw_of_an_embedded_component_accuses_no_platform_of_which_only_its_own_version_is_known(
    tmp_path: Path,
) -> None:
    versions = [{"version": "< 2.0.0", "status": "affected"}]
    own = cve_record([{"vendor": "n8n-io", "product": "n8n", "versions": versions}])
    paths = [write(tmp_path / "node.json", NODE_FLAW), write(tmp_path / "n8n.json", own)]
    import_paths(paths, tmp_path / "store", as_of=NOW)
    brings_node = {name for name, part in every_embedded() if part.name == "Node.js"}
    assert len(brings_node) >= 8
    for platform in load_catalogue().platforms:
        for version in ("1.0.0", None):
            found = asked_of(tmp_path / "store", platform.name, version)
            assert found == (["CVE-2026-0001"] if platform.id == "n8n" else []), (platform.id, version)
    assert asked_of(tmp_path / "store", "pkg:bitnami/node@22.1.0", None) == ["CVE-2026-9999"]


def test_real_records_of_embedded_components_are_not_those_of_the_platforms_that_bring_them(
    shared: Path, tmp_path: Path
) -> None:
    folder = shared / "data" / "osv_bitnami"
    paths = [folder / name for name in ("node", "postgresql", "redis", "mongodb")]
    import_paths(paths, tmp_path / "store", as_of=NOW)
    assert asked_of(tmp_path / "store", "pkg:bitnami/postgresql@13.0.0", None) != []
    for platform in load_catalogue().platforms:
        assert asked_of(tmp_path / "store", platform.name, None) == [], platform.id


def test_the_names_of_embedded_components_are_those_of_real_records(shared: Path) -> None:
    data = shared / "data"
    known = "".join(path.read_text(encoding="utf-8") for path in sorted((data / "endoflife").glob("*.md")))
    for folder in sorted((data / "osv_bitnami").iterdir()):
        if folder.is_dir():
            known += "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.json")))
    purls = set(re.findall(r"pkg:[a-z]+/[\w./%-]+", known))
    cpes = {":".join(parts) for parts in re.findall(r"cpe:2\.3:a:([^:\s]+):([^:\s\"]+)", known)}
    for platform, part in every_embedded():
        assert set(part.purls) <= purls, (platform, part.name)
        assert set(part.cpes) <= cpes, (platform, part.name)


def test_every_embedded_component_has_a_name_a_place_and_where_it_was_read() -> None:
    for platform, part in every_embedded():
        assert part.name, platform
        assert part.where is not None, (platform, part.name)
        assert part.origin.is_checked, (platform, part.name)
    for platform in load_catalogue().platforms:
        names = [part.name for part in platform.embedded]
        assert len(names) == len(set(names)), platform.id


def test_a_user_may_write_a_sentence_alone_or_a_name_with_its_packages(tmp_path: Path) -> None:
    text = "schema: passmuster/platform@1\nid: acme\nname: Acme\nvendor: Acme\n"
    text += "products: [{id: acme, name: Acme, role: part}]\nembedded:\n"
    (tmp_path / "acme.yaml").write_text(
        text + '  - text: Brings a database\n  - {name: Redis, where: inside, purls: ["pkg:bitnami/redis"]}\n'
    )
    acme = next(each for each in load_catalogue(tmp_path).platforms if each.id == "acme")
    assert [(part.name, part.where, part.purls) for part in acme.embedded] == [
        ("", None, ()),
        ("Redis", Placement.INSIDE, ("pkg:bitnami/redis",)),
    ]
    (tmp_path / "acme.yaml").write_text(text + '  - {text: A database, purls: ["pkg:bitnami/redis"]}\n')
    with pytest.raises(UnreadableInput, match="name"):
        load_catalogue(tmp_path)
