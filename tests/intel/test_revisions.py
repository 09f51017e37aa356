"""Documents that tell of several vulnerabilities: what a newer revision leaves out is withdrawn, as history."""

from __future__ import annotations

import copy
import itertools
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from passmuster.intel.history import history_of
from passmuster.intel.store.reading import Store
from passmuster.intel.tally import Tally
from tests.intel.feeds.csaf_documents import GONE, advisory
from tests.intel.making import NOW, Json, advisories, day, take, write

FIRST, SECOND = "CVE-2026-10001", "CVE-2026-10002"


def csaf(revision: int, *cves: str, **more: Any) -> Json:
    """The revision of one document that tells of these CVEs."""
    history = [
        {"date": f"2026-03-{number:02}T09:00:00Z", "number": str(number), "summary": f"Revision {number}"}
        for number in range(1, revision + 1)
    ]
    changes = {
        "document.tracking.current_release_date": history[-1]["date"],
        "document.tracking.revision_history": history,
        "document.tracking.version": str(revision),
    }
    value = advisory({**changes, **more})
    if cves:
        value["vulnerabilities"] = [{**copy.deepcopy(value["vulnerabilities"][0]), "cve": cve} for cve in cves]
    return value


def bom(version: int, *cves: str) -> Json:
    """The same as a CycloneDX VEX."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
        "version": version,
        "metadata": {"component": {"type": "application", "name": "Flowmaker", "version": "2.4.0", "bom-ref": "app"}},
        "vulnerabilities": [
            {"id": cve, "affects": [{"ref": "app"}], "analysis": {"state": "exploitable"}} for cve in cves
        ],
    }


def standing(store: Path, at: Any = NOW) -> set[str]:
    return {name for name, each in advisories(store, at).items() if name.startswith("CVE-") and not each.is_withdrawn}


def states(store: Path, name: str) -> list[str]:
    with closing(Store(store, as_of=NOW)) as opened:
        (found,) = opened.advisories([name])
        return [each.state for each in history_of(opened, found) if each.record.endswith(name)]


@pytest.mark.parametrize("make", [csaf, bom])
def test_what_a_newer_revision_leaves_out_is_withdrawn(make: Any, tmp_path: Path, store: Path) -> None:
    told = [make(1, FIRST, SECOND), make(2, FIRST), make(3, FIRST, SECOND)]
    tallies = [take(store, write(tmp_path / "a.json", each), at=day(n)).tally for n, each in enumerate(told)]
    assert tallies == [Tally(added=2), Tally(changed=1, withdrawn=1), Tally(added=1, changed=1)]
    assert [standing(store, day(n)) for n in range(3)] == [{FIRST, SECOND}, {FIRST}, {FIRST, SECOND}]
    assert states(store, SECOND) == ["added", "withdrawn", "added"]


@pytest.mark.parametrize("make", [csaf, bom])
def test_an_older_revision_brings_nothing_back(make: Any, tmp_path: Path, store: Path) -> None:
    take(store, write(tmp_path / "a.json", make(2, FIRST)), at=day(0))
    result = take(store, write(tmp_path / "b.json", make(1, FIRST, SECOND)), at=day(1))
    assert result.tally == Tally()
    assert [problem.code for problem in result.files[0].problems] == ["older_than_known"]
    assert standing(store) == {FIRST}


@pytest.mark.parametrize("make", [csaf, bom])
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_order_of_imports_does_not_matter(make: Any, order: tuple[int, ...], tmp_path: Path, store: Path) -> None:
    told = [make(1, FIRST, SECOND), make(2, FIRST), make(3, FIRST, SECOND)]
    for number in order:
        take(store, write(tmp_path / "a.json", told[number]), at=day(number))
    assert [standing(store, day(n)) for n in range(3)] == [{FIRST, SECOND}, {FIRST}, {FIRST, SECOND}]


@pytest.mark.parametrize("make", [csaf, bom])
def test_revisions_in_one_folder_end_as_the_newest(make: Any, tmp_path: Path, store: Path) -> None:
    paths = [write(tmp_path / f"{n}.json", each) for n, each in enumerate([make(1, FIRST, SECOND), make(2, FIRST)])]
    assert take(store, *paths).tally == Tally(added=2, changed=1, withdrawn=1)
    assert standing(store) == {FIRST}
    other = tmp_path / "other"
    take(other, *reversed(paths))
    assert standing(other) == {FIRST}
    take(tmp_path / "list", write(tmp_path / "list.json", [make(1, FIRST, SECOND), make(2, FIRST)]))
    assert standing(tmp_path / "list") == {FIRST}


def test_the_same_revision_again_is_no_news(tmp_path: Path, store: Path) -> None:
    path = write(tmp_path / "a.json", csaf(2, FIRST, SECOND))
    take(store, path, at=day(0))
    assert take(store, path, at=day(1)).tally == Tally()


def test_a_withdrawn_document_withdraws_all_that_it_told(tmp_path: Path, store: Path) -> None:
    note = {"category": "description", "text": "It was wrong.", "title": "Reasoning for Withdrawal"}
    gone = {"document.category": "csaf_withdrawn", "document.notes": [note]}
    take(store, write(tmp_path / "a.json", csaf(1, FIRST, SECOND)), at=day(0))
    withdrawn = csaf(2, **gone, vulnerabilities=GONE, product_tree=GONE)
    two = advisory({"document.distribution": {"tlp": {"label": "CLEAR"}}}, version="2.1")
    withdrawn |= {"$schema": two["$schema"]}
    withdrawn["document"] |= {"csaf_version": "2.1", "distribution": {"tlp": {"label": "CLEAR"}}}
    result = take(store, write(tmp_path / "b.json", withdrawn), at=day(1))
    assert result.files[0].problems == ()
    assert result.tally == Tally(added=1, withdrawn=2)
    assert (standing(store, day(0)), standing(store, day(1))) == ({FIRST, SECOND}, set())
    assert states(store, FIRST) == ["added", "withdrawn"]


def test_a_document_whose_name_begins_with_anothers_is_another(tmp_path: Path, store: Path) -> None:
    longer = csaf(1, SECOND, **{"document.tracking.id": "ACME-2026-01:2"})
    take(store, write(tmp_path / "a.json", csaf(1, FIRST)), write(tmp_path / "b.json", longer), at=day(0))
    take(store, write(tmp_path / "a.json", csaf(2, FIRST)), at=day(1))
    assert standing(store) == {FIRST, SECOND}


def test_a_refused_revision_withdraws_nothing(tmp_path: Path, store: Path) -> None:
    take(store, write(tmp_path / "a.json", csaf(1, FIRST, SECOND)), at=day(0))
    broken = write(tmp_path / "b.json", [csaf(2, FIRST), csaf(3, FIRST, **{"document.title": GONE})])
    assert [file.accepted for file in take(store, broken, at=day(1)).files] == [False]
    assert standing(store) == {FIRST, SECOND}
