"""What is refused of CSAF, and what is not."""

from __future__ import annotations

from typing import Any

import pytest

from passmuster.errors import UnreadableInput
from passmuster.intel.feeds.csaf.checks import CHECKS
from passmuster.intel.feeds.csaf.feed import CsafFeed
from passmuster.intel.feeds.csaf.license_text import named_licenses
from tests.intel.feeds.csaf_cases import CASES
from tests.intel.feeds.csaf_cases_2_1 import CASES_2_1
from tests.intel.feeds.csaf_documents import GONE, advisory, document

_NAMES = [f"{number}/{place}" for place, (number, _, _) in enumerate(CASES)]
_NAMES_2_1 = [f"{number}/{place}" for place, (number, _, _) in enumerate(CASES_2_1)]


def complaints(changes: dict[str, Any], version: str = "2.0") -> str:
    try:
        CsafFeed().read(document(advisory(changes, version=version)))
    except UnreadableInput as error:
        return str(error)
    return ""


@pytest.mark.parametrize(("number", "broken", "sound"), CASES, ids=_NAMES)
def test_each_mandatory_test_refuses_what_breaks_it_and_nothing_close_by(
    number: str, broken: dict[str, Any], sound: dict[str, Any]
) -> None:
    assert f"(CSAF test {number})" in complaints(broken)
    assert complaints(sound) == ""


@pytest.mark.parametrize(("number", "broken", "sound"), CASES_2_1, ids=_NAMES_2_1)
def test_each_test_of_2_1_refuses_what_breaks_it_and_nothing_close_by(
    number: str, broken: dict[str, Any], sound: dict[str, Any]
) -> None:
    assert number in complaints(broken, "2.1")
    assert complaints(sound, "2.1") == ""


def test_every_mandatory_test_of_2_0_has_a_case() -> None:
    assert {number for number, _, _ in CASES} == set(CHECKS) == {f"6.1.{number}" for number in range(1, 34)}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"document.title": GONE}, "document: 'title' must be given"),
        ({"document.tracking.status": "done"}, "document.tracking.status: 'done' is none of draft, final, interim"),
        ({"document.tracking.current_release_date": "yesterday"}, "is no time"),
        ({"document.tracking.current_release_date": "2026-02-30T00:00:00Z"}, "is no time"),
        ({"document.tracking.revision_history": []}, "it needs at least 1"),
        ({"document.publisher.namespace": "acme"}, "is no address"),
        ({"document.lang": "english language"}, "is no language tag"),
        ({"vulnerabilities.0.cve": "CVE-26-1"}, "does not fit the pattern"),
        ({"vulnerabilities.0.product_status.fixed": ["NEW", "NEW"]}, "the same item twice"),
        ({"vulnerabilities.0.remediations.0.category": "patch"}, "is none of mitigation"),
        ({"product_tree.branches.0.product": {"name": "x", "product_id": "x"}}, "product_tree.branches.0"),
        ({"vulnerabilities": "none"}, "is not a list"),
    ],
)
def test_a_document_of_another_shape_is_refused_with_the_place(changes: dict[str, Any], told: str) -> None:
    assert told in complaints(changes)


def test_all_complaints_come_at_once_and_each_names_file_and_place() -> None:
    told = complaints(
        {
            "document.lang": "ez",
            "vulnerabilities.0.product_status.known_affected": ["NOBODY"],
            "document.tracking.version": "7",
        }
    ).splitlines()
    assert len(told) == 3
    assert all(line.startswith("a.json: ") for line in told)
    assert any("vulnerabilities.0.product_status.known_affected.0" in line for line in told)


@pytest.mark.parametrize("version", ["1.0", "2.2", None, 2.0])
def test_other_versions_are_refused(version: Any) -> None:
    assert "document.csaf_version" in complaints({"document.csaf_version": version})


def test_2_0_lets_unknown_keys_pass_and_2_1_does_not() -> None:
    assert complaints({"document.x_house": "ours"}) == ""
    assert "unknown key 'x_house'" in complaints({"document.x_house": "ours"}, "2.1")


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        (advisory(), True),
        ({"document": {"tracking": {}, "publisher": {}}}, True),
        ({"document": {"csaf_version": "2.0"}}, True),
        ({"document": {"title": "a letter"}}, False),
        ({"document": "text"}, False),
        (["document"], False),
        (None, False),
        ({"bomFormat": "CycloneDX"}, False),
    ],
)
def test_it_is_told_by_its_content(value: Any, is_one: bool) -> None:
    assert CsafFeed().recognises(document(value)) is is_one


def test_a_base_score_that_its_word_bears_out_is_accepted_and_told() -> None:
    changes = {"vulnerabilities.0.scores.0.cvss_v3.baseScore": 7.5}
    changes |= {"vulnerabilities.0.scores.0.cvss_v3.baseSeverity": "HIGH"}
    reading = CsafFeed().read(document(advisory(changes)))
    assert [problem.code for problem in reading.problems] == ["score_differs"]
    assert reading.records[0].scores[0].differs


@pytest.mark.parametrize("version", ["2.0", "2.1"])
def test_nothing_of_any_shape_leads_to_another_error_than_a_refusal(version: str) -> None:
    for path in _paths(advisory(version=version), ""):
        for odd in (None, 7, "x", [], [None], {"a": 1}):
            complaints({path: odd}, version)


def _paths(value: Any, path: str) -> list[str]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    found = []
    for key, item in children:
        place = f"{path}.{key}" if path else str(key)
        found += [place, *_paths(item, place)]
    return found


@pytest.mark.parametrize(
    ("expression", "named"),
    [
        ("MIT", ("MIT",)),
        ("NONE", ("NONE",)),
        ("GPL-2.0+ with Classpath-exception-2.0", ("GPL-2.0", "Classpath-exception-2.0")),
        ("(MIT or A) AND (LicenseRef-x)", ("MIT", "A", "LicenseRef-x")),
        ("( MIT )", ("MIT",)),
        ("", None),
        (" MIT", None),
        ("MIT  OR A", None),
        ("MIT Or A", None),
        ("MIT OR NONE", None),
        ("MIT OR", None),
        ("(MIT", None),
        ("MIT)", None),
        ("()", None),
        ("MIT +", None),
        ("MIT WITH (a)", None),
        ("MIT WITH a WITH b", None),
        ("MIT WITH a+", None),
        ("(MIT) WITH a", None),
        ("LicenseRef-", None),
        ("LicenseRef-x+", None),
        ("licenseref-x", None),
        ("MIT WITH LicenseRef-x", None),
        ("AdditionRef-x", None),
        ("DocumentRef-d:LicenseRef-x", None),
        ("MIT/X11", None),
    ],
)
def test_licence_expressions_are_read_as_spdx_writes_them(expression: str, named: tuple[str, ...] | None) -> None:
    assert named_licenses(expression) == named


@pytest.mark.parametrize(
    ("weight", "codes"),
    [
        ({"category": "essential"}, ["unknown_extension"]),
        ({"critical": True}, ["unknown_extension"]),
        ({}, []),
    ],
)
def test_an_unknown_extension_is_told_where_it_says_that_it_matters(weight: dict[str, Any], codes: list[str]) -> None:
    told = {"$schema": "https://acme.example/1.0.0.json", "category": "supplementary", "content": {"a": 1}}
    changes = {"document.x_extensions": [{**told, "critical": False, **weight}]}
    reading = CsafFeed().read(document(advisory(changes, version="2.1")))
    assert [problem.code for problem in reading.problems] == codes


@pytest.mark.parametrize("part", ["selections", "timestamp", "target_ids", "schemaVersion"])
@pytest.mark.parametrize("odd", [None, 7, "x", [], [None], [{"values": [1]}], {"a": 1}])
def test_no_shape_of_a_decision_leads_to_another_error_than_a_refusal(part: str, odd: Any) -> None:
    point = {"key": "E", "namespace": "ssvc", "version": "1.1.0", "values": [{"key": "A"}]}
    told = {"selections": [point], "timestamp": "2026-03-01T00:00:00Z", part: odd}
    complaints({"vulnerabilities.0.metrics.+": {"content": {"ssvc_v2": told}, "products": ["OLD"]}}, "2.1")
    for key in point:
        told = {"selections": [{**point, key: odd}], "timestamp": "2026-03-01T00:00:00Z"}
        complaints({"vulnerabilities.0.metrics.+": {"content": {"ssvc_v2": told}, "products": ["OLD"]}}, "2.1")
