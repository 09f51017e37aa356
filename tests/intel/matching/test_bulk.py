"""Matching in bulk says what matching one by one says, on random versions and claims and on chosen odd ones."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from passmuster.intel.matching.bulk import HITS, Shelf, told_of
from passmuster.intel.matching.judging import State, judge
from passmuster.intel.versions.order import key_of
from passmuster.intel.versions.scheme import Scheme

COLUMNS = ("advisory", "package", "status", "default_status", "introduced", "fixed", "last_affected", "exact")
CLAIMS = pa.schema([(name, pa.string()) for name in COLUMNS])
VERSIONS = pa.schema([(name, pa.string()) for name in ("package", "version", "scheme")])
Hit = tuple[str, str, str, str]


def in_bulk(versions: list[tuple[str, str, str]], claims: list[dict[str, str | None]]) -> set[Hit]:
    table = pa.Table.from_pylist([dict(zip(VERSIONS.names, each, strict=True)) for each in versions], schema=VERSIONS)
    with closing(Shelf(table)) as shelf:
        hits = shelf.hits(pa.Table.from_pylist([{"status": "affected", **each} for each in claims], schema=CLAIMS))
    assert hits.schema == HITS
    found = [(row["package"], row["version"], row["advisory"], row["verdict"]) for row in hits.to_pylist()]
    assert len(found) == len(set(found))
    return set(found)


def one_by_one(versions: list[tuple[str, str, str]], claims: list[dict[str, str | None]]) -> set[Hit]:
    found = set()
    for package, version, scheme in set(versions):
        for advisory in {each["advisory"] for each in claims if each["package"] == package}:
            rows = [
                (scheme, *(each.get(name, "affected" if name == "status" else None) for name in COLUMNS[2:]))
                for each in claims
                if (each["advisory"], each["package"]) == (advisory, package)
            ]
            state = judge(told_of(rows), version, key_of(version, Scheme(scheme))).state
            if state is State.AFFECTED:
                found.add((package, version, str(advisory), "affected"))
            elif state in (State.UNCLEAR, State.SILENT):
                found.add((package, version, str(advisory), "needs_review"))
    return found


TEXTS = st.sampled_from(
    "0 1.0.0 1.0.1 1.1 1.1.0 1.2.0-rc.1 1.2.0 2.0.0 2.5.2 10.0.1 1.123.17 2024.1 Utah zurich-p2 n/a * 1.x odd!".split()
)
PACKAGES = st.sampled_from(["a", "b"])
SCHEMES = {"a": "semver", "b": "servicenow"}
ENDS = st.one_of(st.none(), TEXTS)


@st.composite
def claim(draw: st.DrawFn) -> dict[str, str | None]:
    told: dict[str, str | None] = {
        "advisory": draw(st.sampled_from(["V-1", "V-2", "V-3"])),
        "package": draw(PACKAGES),
        "status": draw(st.sampled_from(["affected", "affected", "affected", "unaffected", None])),
        "default_status": draw(st.sampled_from([None, "unknown", "unaffected", "affected"])),
    }
    shape = draw(st.sampled_from(["range", "range", "exact", "through"]))
    if shape == "exact":
        return {**told, "exact": draw(TEXTS)}
    end = "fixed" if shape == "range" else "last_affected"
    return {**told, "introduced": draw(ENDS), end: draw(ENDS)}


@settings(max_examples=120, deadline=None)
@given(st.lists(st.tuples(PACKAGES, TEXTS), max_size=8), st.lists(claim(), max_size=8))
def test_bulk_says_what_one_by_one_says(owned: list[tuple[str, str]], claims: list[dict[str, str | None]]) -> None:
    versions = [(package, version, SCHEMES[package]) for package, version in owned]
    assert in_bulk(versions, claims) == one_by_one(versions, claims)


NUMBERS = st.lists(st.integers(0, 3), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), NUMBERS), max_size=30),
    st.lists(st.tuples(st.sampled_from("abc"), NUMBERS, NUMBERS), max_size=20),
)
def test_bulk_says_what_packaging_says_row_by_row(
    owned: list[tuple[str, str]], ranges: list[tuple[str, str, str]]
) -> None:
    forward = [each for each in ranges if Version(each[1]) < Version(each[2])]
    claims: list[dict[str, Any]] = [
        {"advisory": f"V-{number}", "package": package, "introduced": low, "fixed": high}
        for number, (package, low, high) in enumerate(forward)
    ]
    meant = {
        (package, version, f"V-{number}", "affected")
        for number, (of, low, high) in enumerate(forward)
        for package, version in owned
        if of == package and Version(low) <= Version(version) < Version(high)
    }
    assert in_bulk([(package, version, "dotted") for package, version in owned], claims) == meant


@pytest.mark.parametrize(
    ("version", "verdict"),
    [("1.123.16", "affected"), ("1.123.17", None), ("2.0.0", "needs_review"), ("2.5.1", "affected"), ("2.5.2", None)],
)
def test_contradicting_ranges_go_to_the_judge(version: str, verdict: str | None) -> None:
    claims: list[dict[str, str | None]] = [
        {"advisory": "V", "package": "n8n", "fixed": "1.123.17"},
        {"advisory": "V", "package": "n8n", "fixed": "2.5.2"},
    ]
    hits = in_bulk([("n8n", version, "semver")], claims)
    assert {hit[3] for hit in hits} == ({verdict} if verdict else set())


def test_claims_of_another_day_are_held_against_the_same_shelf() -> None:
    table = pa.Table.from_pylist([{"package": "n8n", "version": "1.5.0", "scheme": "semver"}], schema=VERSIONS)
    with closing(Shelf(table)) as shelf:
        for end, count in (("1.5.0", 0), ("1.5.1", 1), ("1.4.9", 0), ("3.0.0", 1)):
            day = pa.Table.from_pylist(
                [{"advisory": end, "package": "n8n", "status": "affected", "fixed": end}], schema=CLAIMS
            )
            assert shelf.hits(day).num_rows == count
