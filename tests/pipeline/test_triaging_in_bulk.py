"""Triage through the bulk decides what holding every advisory against every component decides, and reads less."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from passmuster.intel.catalogue.load import load_catalogue
from passmuster.intel.matching.naming import Asking, asked_for
from passmuster.intel.store.reading import Store
from passmuster.model.component import Component, ComponentKind
from passmuster.model.words import Hosting
from passmuster.pipeline.intelligence import import_paths
from passmuster.pipeline.triaging import prepare_triaging, triage_all
from passmuster.pipeline.triaging_store import match_in_bulk
from tests.intel.making import cve, kev, osv
from tests.intel.matching.exhaustive import match_everything

Json = dict[str, Any]
NOW = datetime(2026, 11, 25, tzinfo=UTC)
VERSIONS = "1.0.0 1.0.1 1.1 1.2.0-rc.1 1.2.0 2.0.0 2.5.2 10.0.1 1.123.17 2024.1 Utah odd! 1.0.0-acme 2024-05-01".split()
ENDS = [*VERSIONS, "0", "*", "n/a", "1.x", "2.*"]
NAMES = (
    "n8n",
    "builder",
    "builder-kit",
    "Mendix Runtime V9",
    "Mendix Runtime V9.24",
    "ServiceNow",
    "Flowise",
    "n/a",
    "",
)
TEXTS = (
    "A flaw.",
    "A flaw of n8n before 1.2.0.",
    "Builder up to 2.0.0 is affected.",
    "It is fixed in 1.1 and 2.5.2.",
    "Flowise 1.0.1 has a flaw; the cloud version is not affected; the hosted service has been patched.",
)


def range_of(chance: random.Random) -> Json:
    """One range of a CVE record, sensible or not."""
    told: Json = {"version": chance.choice(ENDS), "status": chance.choice(["affected"] * 6 + ["unaffected", "unknown"])}
    shape = chance.randrange(6)
    if shape == 0:
        return {**told, "version": f"{chance.choice(['<', '<=', '>='])} {chance.choice(VERSIONS)}"}
    kind = {"versionType": chance.choice(["custom", "semver", "semver", "python", "git", "maven"])}
    if shape in (1, 2):
        return {**told, **kind, "lessThan": chance.choice(ENDS)}
    return {**told, **kind, "lessThanOrEqual": chance.choice(ENDS)} if shape == 3 else told


def product_of(chance: random.Random) -> Json:
    """One product of a CVE record."""
    entry: Json = {"vendor": chance.choice(["Example", "n8n-io", "Mendix", "ServiceNow", "n/a"])}
    entry["product"] = chance.choice(NAMES)
    entry["versions"] = [range_of(chance) for _ in range(chance.randrange(4))]
    if chance.random() < 0.3:
        entry |= {
            "collectionURL": "https://www.npmjs.com",
            "packageName": chance.choice(["n8n", "builder", "builder-kit"]),
        }
    if chance.random() < 0.4:
        entry["defaultStatus"] = chance.choice(["affected", "unaffected", "unknown"])
    return entry


def record_of(chance: random.Random, number: int) -> Json:
    """A CVE or OSV record of a few CVEs that several records share."""
    name = f"CVE-2025-{10_000 + number // 2}"
    if chance.random() < 0.6:
        tags = {"tags": ["exclusively-hosted-service"]} if chance.random() < 0.1 else {}
        text = [{"lang": "en", "value": chance.choice(TEXTS)}]
        return cve(
            name, affected=[product_of(chance) for _ in range(chance.randrange(1, 4))], descriptions=text, **tags
        )
    kind, ecosystem = chance.choice([("SEMVER", "npm"), ("ECOSYSTEM", "PyPI"), ("ECOSYSTEM", "Maven"), ("GIT", "npm")])
    events = [
        {"introduced": chance.choice(["0", *VERSIONS])},
        {chance.choice(["fixed", "last_affected"]): chance.choice(VERSIONS)},
    ]
    package = {"ecosystem": ecosystem, "name": chance.choice(["n8n", "builder", "builder-kit", "@flow/kit"])}
    told: Json = {"type": kind, "events": events, **({"repo": "https://example.org/r"} if kind == "GIT" else {})}
    more: Json = {"versions": chance.sample(VERSIONS, 3)} if chance.random() < 0.2 else {}
    gone = {"withdrawn": "2025-07-01T00:00:00Z"} if chance.random() < 0.1 else {}
    return osv(f"GHSA-{number}", aliases=[name], affected=[{"package": package, "ranges": [told], **more}], **gone)


def notices() -> Json:
    told = {"schema": "passmuster/notice@1", "vendor": "n8n", "announced_at": "2026-01-01T00:00:00Z", "source": "x"}
    fix = {**told, "id": "N-1", "kind": "security_fix", "platforms": ["n8n"], "text": "A fix."}
    return {"schema": "passmuster/notice@1", "notices": [fix, {**fix, "id": "N-2", "kind": "release"}]}


def components_of(chance: random.Random, names: Sequence[str]) -> list[Component]:
    """Each name in several versions, hosted in every way, with a package URL or without."""
    found = []
    for number in range(60):
        name, version = chance.choice(names), chance.choice([*VERSIONS, None])
        purl = f"pkg:{chance.choice(['npm', 'pypi', 'maven', 'generic'])}/{name.replace(' ', '-')}@{version or 1}"
        component = Component(str(number), name, chance.choice(list(ComponentKind)), version)
        has_purl = chance.random() < 0.5
        hosting = chance.choice([None, None, Hosting.SELF, Hosting.VENDOR])
        found.append(
            replace(component, purl=purl if has_purl else "", hosting=hosting, environment_id=f"e{number % 3}")
        )
    return found


def assert_same(store: Path, components: Sequence[Component], *, with_closed: bool = False) -> tuple[int, int]:
    """Hold both ways against each other; how many pairs each looked at."""
    by = prepare_triaging(as_of=NOW, with_closed=with_closed)
    catalogue = load_catalogue()
    with closing(Store(store, as_of=NOW)) as opened:
        slow = match_everything(opened, catalogue, components)
        quick = match_in_bulk(opened, components, Asking(catalogue), by)
    assert triage_all(quick, components, by) == triage_all(slow, components, by)
    looked = [sum(len(list(each.candidates(component))) for component in components) for each in (quick, slow)]
    return looked[0], looked[1]


@pytest.mark.parametrize("seed", range(12))
def test_both_ways_decide_the_same_of_random_records(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    documents = [record_of(chance, number) for number in range(60)]
    documents += [kev({f"CVE-2025-{10_000 + number}": "2026-12-01" for number in range(0, 20, 3)}), notices()]
    for number, document in enumerate(documents):
        (tmp_path / f"{number}.json").write_text(json.dumps(document), encoding="utf-8")
    result = import_paths(sorted(tmp_path.glob("*.json")), tmp_path / "store", as_of=datetime(2026, 11, 1, tzinfo=UTC))
    assert sum(file.records for file in result.files) > 50
    components = components_of(
        chance, ["n8n", "builder", "builder-kit", "Mendix Runtime", "ServiceNow", "Flowise", "x"]
    )
    quick, slow = assert_same(tmp_path / "store", components)
    assert 0 < quick < slow
    assert_same(tmp_path / "store", components, with_closed=True)


def test_both_ways_decide_the_same_of_real_records(tmp_path: Path, shared: Path) -> None:
    data = shared / "data"
    if not (data / "osv_bitnami").is_dir():
        pytest.skip("the real feeds are not beside this checkout")
    folders = [
        data / "osv_bitnami",
        data / "vulnrichment_nocode",
        data / "kev" / "known_exploited_vulnerabilities.json",
    ]
    import_paths(folders, tmp_path / "store", as_of=datetime(2026, 11, 1, tzinfo=UTC))
    chance = random.Random(1)
    with closing(Store(tmp_path / "store", as_of=NOW)) as opened:
        rows = opened.range_table().to_pylist()
    by_name: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        ends = {row[name] for name in ("introduced", "fixed", "last_affected", "exact")} - {None, "0"}
        by_name.setdefault((row["product"] or row["package"], row["purl"]), set()).update(ends)
    names = sorted(by_name) + sorted((each.name, "") for each in load_catalogue().products)
    components = [
        Component(f"{name} {version}", name, version=version, purl=f"{purl}@{version}" if purl else "")
        for name, purl in names
        for version in chance.sample(sorted(by_name.get((name, purl), ())), min(4, len(by_name.get((name, purl), ()))))
        or ["1.2.3"]
        if name
    ]
    quick, slow = assert_same(tmp_path / "store", chance.sample(components, 200))
    assert 0 < quick < slow


def test_asking_at_once_is_asking_one_by_one() -> None:
    catalogue = load_catalogue()
    asking = Asking(catalogue)
    names = {name for product in catalogue.products for name in (product.id, product.name, *product.names)}
    names |= {f"{vendor} {product.name}" for product in catalogue.products for vendor in product.vendors}
    names |= {f"{product.name} 9.1" for product in catalogue.products} | {"left-pad", "core", "make", "a b", ""}
    names |= {each.name for each in catalogue.platforms} | {each.id for each in catalogue.platforms}
    purls = {purl for product in catalogue.products for purl in product.purls}
    purls |= {"pkg:npm/@n8n/chat", "pkg:npm/@n8n", "pkg:npm/left-pad@1.0?x=a@b#c@d", "pkg:pypi/a@1@2", "pkg:bad", "?"}
    components = [Component(name, name) for name in sorted(names)]
    components += [Component(purl, "x", purl=purl + end) for purl in sorted(purls) for end in ("", "@1.2", "@2")]
    components += [Component(word, "x", product=word) for each in catalogue.platforms for word in each.product_words]
    for component in components:
        assert replace(asking(component), purl="") == replace(asked_for(component, catalogue), purl=""), component
