"""Advisories that were taken back: what `intel show` and `affected` tell of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from passmuster.cli.affected import command as affected
from passmuster.cli.intel import command as intel
from tests.intel.feeds.csaf_documents import GONE, advisory
from tests.intel.making import cve, osv, write
from tests.intel.test_revisions import FIRST, SECOND, csaf

NAMED, STANDING = "CVE-2026-10009", "CVE-2026-10010"


def withdrawn_document() -> dict[str, Any]:
    """The revision by which a publisher withdraws a whole CSAF document."""
    note = {"category": "description", "text": "It was wrong.", "title": "Reasoning for Withdrawal"}
    gone = {"document.category": "csaf_withdrawn", "document.notes": [note]}
    found = csaf(2, **gone, vulnerabilities=GONE, product_tree=GONE)
    two = advisory({"document.distribution": {"tlp": {"label": "CLEAR"}}}, version="2.1")
    found["$schema"] = two["$schema"]
    found["document"] |= {"csaf_version": "2.1", "distribution": {"tlp": {"label": "CLEAR"}}}
    return found


def rejected() -> dict[str, Any]:
    record = cve(NAMED)
    about = {"state": "REJECTED", "dateRejected": "2026-02-03T00:00:00Z"}
    reason = {"rejectedReasons": [{"lang": "en", "value": "Not a flaw."}]}
    cna = {"providerMetadata": record["containers"]["cna"]["providerMetadata"], **reason}
    return {**record, "cveMetadata": {**record["cveMetadata"], **about}, "containers": {"cna": cna}}


def named_otherwise(**more: Any) -> dict[str, Any]:
    """An OSV record of Windmill by a name that the catalogue alone connects with it."""
    package = {"ecosystem": "GIT", "name": "windmill-labs/windmill"}
    ranges = [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "2.0.0"}]}]
    return osv("GHSA-wwww-mmmm-llll", affected=[{"package": package, "ranges": ranges}], **more)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Advisories as first told in January, and taken back in February 2026."""
    folder = tmp_path_factory.mktemp("withdrawn")
    taken_back = {"withdrawn": "2026-02-02T00:00:00Z", "modified": "2026-02-02T00:00:00Z"}
    runner = {"vendor": "Example", "product": "Runner", "versions": [{"version": "< 2.0", "status": "affected"}]}
    told = [csaf(1, FIRST, SECOND), cve(NAMED), cve(STANDING, affected=[runner]), named_otherwise()]
    later = [withdrawn_document(), rejected(), named_otherwise(**taken_back)]
    for month, documents in ((1, told), (2, later)):
        paths = [str(write(folder / f"{month}-{number}.json", each)) for number, each in enumerate(documents)]
        arguments = ["import", *paths, "--store", str(folder / "store"), "--as-of", f"2026-0{month}-10", "--format"]
        done = CliRunner().invoke(intel, [*arguments, "json"])
        assert all(file["accepted"] for file in json.loads(done.stdout)["files"]), done.output
    return folder / "store"


def ask(store: Path, component: str, *more: str) -> Result:
    arguments = ["--store", str(store), "--component", component, "--version", "1.0.0", *more]
    return CliRunner().invoke(affected, arguments, standalone_mode=False)


def verdicts(result: Result) -> list[tuple[str, str]]:
    return [(each["id"], each["verdict"]) for each in json.loads(result.stdout)["advisories"]]


@pytest.mark.parametrize(
    ("component", "named"),
    [
        ("Flowmaker", [FIRST, SECOND]),
        ("Acme Flowmaker", [FIRST, SECOND]),
        ("Windmill", ["GHSA-wwww-mmmm-llll"]),
        ("Builder", [NAMED]),
    ],
)
def test_what_was_taken_back_is_not_affected_under_every_name_it_was_found_by(
    store: Path, component: str, named: list[str]
) -> None:
    first = ask(store, component, "--as-of", "2026-01-20", "--format", "json")
    assert verdicts(first) == [(name, "affected") for name in named]
    later = ask(store, component, "--as-of", "2026-02-20", "--format", "json")
    assert verdicts(later) == [(name, "not_affected") for name in named]
    reasons = {each["reason"] for each in json.loads(later.stdout)["advisories"]}
    assert reasons == {"The advisory was withdrawn or rejected."}
    assert "no all-clear" not in later.stderr


def test_what_nobody_took_back_is_not_among_what_was(store: Path) -> None:
    assert verdicts(ask(store, "Runner", "--as-of", "2026-02-20", "--format", "json")) == [(STANDING, "affected")]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (FIRST, "withdrawn on 2026-03-02, by all that told of it"),
        (NAMED, "withdrawn on 2026-02-03, by all that told of it"),
        ("GHSA-wwww-mmmm-llll", "withdrawn on 2026-02-02, by all that told of it"),
    ],
)
def test_an_advisory_that_was_taken_back_is_shown_as_such_with_its_day(store: Path, name: str, told: str) -> None:
    shown = CliRunner().invoke(intel, ["show", name, "--store", str(store), "--as-of", "2026-02-20"])
    assert told in " ".join(shown.stdout.split())
    before = CliRunner().invoke(intel, ["show", name, "--store", str(store), "--as-of", "2026-01-20"])
    assert "by all that told" not in before.stdout
