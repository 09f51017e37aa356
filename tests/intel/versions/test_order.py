"""Chains of versions in their published order, and texts that have no order."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version
from univers.versions import SemverVersion

from passmuster.intel.versions.order import branches_of, compare, key_of
from passmuster.intel.versions.scheme import Scheme, scheme_named

S = Scheme
# The first is the order that semver.org gives as its example; the families are those of ServiceNow's release notes.
CHAINS: list[tuple[Scheme, list[str]]] = [
    (
        S.SEMVER,
        "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0".split(),
    ),
    (S.SEMVER, "0.9.9 0.211.0 1.9.0 1.10 1.94 1.120.4 v1.121.0 2.0.0-rc.0 2.0.0 2026.04.4".split()),
    (S.PEP440, "1.0.dev1 1.0a1 1.0b2 1.0rc1 1.0 1.0.post1 1.1".split()),
    (S.DOTTED, "2.47.119.24249 2.51.349.24355 2.51.349.24356 2.52.62.25009 10.0".split()),
    (S.DOTTED, "V3.6.21 V4.0.3 4.1.2 v.10.0 V10.0.2 V10.11.0".split()),
    (S.DOTTED, ["6.1", "8.8.5", "Infinity 23.1.0", "24.1.3", "Pega Infinity 24.2.2", "Infinity '24.2.3", "25.1"]),
    (S.DOTTED, ["2.0dev1", "2.0-alpha1", "2.0b1", "2.0-rc2", "2.0", "2.0-p1", "2.0-u2", "2.0.1"]),
    (S.DOTTED, ["2023-01-31", "2023-02-01", "May 2023", "2024-01-01", "2024-08", "2024-08-02"]),
    (S.TWO_NUMBERINGS, ["2024.1", "2024.2", "2024.2-u1", "2024.2-u10", "2024.3"]),
    (
        S.SERVICENOW,
        [
            "Aspen",
            "Quebec Patch 10",
            "San Diego",
            "Tokyo Patch 4",
            "Tokyo Patch 4a",
            "Tokyo Patch 4b",
            "Tokyo Patch 6",
            "Utah Patch 10 Hot Fix 3",
            "Utah Patch 10a Hot Fix 2",
            "Utah Patch 10a Hot Fix 2b",
            "Utah Patch 10b Hot Fix 1",
            "Vancouver GA Release",
            "Washington DC Patch 1 Hot Fix 2b",
            "Xanadu",
            "yokohama_patch_10_hot_fix_1b",
            "Zurich Patch 4 Hotfix 3",
            "Zurich P4 HF3b",
            "Zurich Patch 5",
            "Australia",
        ],
    ),
    (
        S.SALESFORCE,
        ["Summer '23", "Winter 2024", "Spring '24", "Summer 2024", "Winter '25", "Spring 2025", "Summer 25"],
    ),
    (
        S.MICROSOFT,
        [
            "21.0.0",
            "Application Build 21.16.63199, Platform Build 21.0",
            "App Build 22.16.64731, Platform Build 22.0.64727",
            "App Build 24.4. 22925, Platform Build 24.0. 22865",
            "Application: 25.1.1, Platform: 16.0.27253",
        ],
    ),
    (S.MAVEN, "1.0-alpha-1 1.0-beta-1 1.0-SNAPSHOT 1.0 1.0.1 1.10".split()),
    (S.DEB, "1.0~rc1-1 1.0-1 1.0-1+deb12u1 1:0.5-1".split()),
]


@pytest.mark.parametrize(("scheme", "chain"), CHAINS, ids=[f"{scheme}-{chain[0]}" for scheme, chain in CHAINS])
def test_a_chain_is_in_order(scheme: Scheme, chain: list[str]) -> None:
    wrong = [(left, right) for left, right in itertools.combinations(chain, 2) if compare(left, right, scheme) != -1]
    assert wrong == []
    assert all(compare(each, each, scheme) == 0 for each in chain)


@pytest.mark.parametrize(
    ("left", "right", "scheme"),
    [
        ("1.0", "1.0.0", S.SEMVER),
        ("v1.2.3+build.7", "1.2.3", S.SEMVER),
        ("V10.11.0", "10.11", S.DOTTED),
        ("9.1 (On-Premises)", "9.1", S.DOTTED),
        ("n8n@1.2.3", "1.2.3", S.SEMVER),
        ("1.2.3-lts", "1.2.3", S.DOTTED),
        ("Xanadu GA Release", "Xanadu", S.SERVICENOW),
        (
            "glide-xanadu-07-02-2024__patch4-hotfix1-11-20-2024_12-04-2024_1234",
            "Xanadu Patch 4 Hot Fix 1",
            S.SERVICENOW,
        ),
        ("glide-washingtondc-12-20-2023__patch4-05-29-2024_06-04-2024_1111", "Washington DC Patch 4", S.SERVICENOW),
        ("Spring '25", "spring 2025", S.SALESFORCE),
        ("1.0.0-beta.16", "1.0.0b16", S.SEMVER),
    ],
)
def test_two_ways_to_write_one_version_are_equal(left: str, right: str, scheme: Scheme) -> None:
    assert compare(left, right, scheme) == 0


@pytest.mark.parametrize("text", ["", "N/A", "n/a", "-", "unspecified", "*", "All versions", "latest", "x" * 500])
@pytest.mark.parametrize("scheme", [*Scheme])
def test_what_names_no_version_has_no_order(text: str, scheme: Scheme) -> None:
    assert key_of(text, scheme) is None


@pytest.mark.parametrize(
    ("left", "right", "scheme"),
    [
        ("9.0.2", "2024.2-u1", S.TWO_NUMBERINGS),
        ("Utah Patch 3", "5.0.26", S.SERVICENOW),
        ("Spring 2025", "254.1", S.SALESFORCE),
        ("1.2.3-acme", "1.2.3", S.DOTTED),
        ("2023-01-31", "2023.1", S.DOTTED),
        ("1.0", "2.0", S.UNORDERED),
        ("10..0", "11.0", S.DOTTED),
        ("Narnia Patch 1", "Utah", S.SERVICENOW),
    ],
)
def test_what_cannot_be_ordered_is_not_guessed(left: str, right: str, scheme: Scheme) -> None:
    assert compare(left, right, scheme) is None


NUMBERS = st.lists(st.integers(0, 10**6), min_size=1, max_size=5).map(lambda parts: ".".join(map(str, parts)))


@given(NUMBERS, NUMBERS)
def test_plain_numbers_are_ordered_as_packaging_orders_them(left: str, right: str) -> None:
    meant = (Version(left) > Version(right)) - (Version(left) < Version(right))
    for scheme in (S.SEMVER, S.DOTTED, S.PEP440, S.MICROSOFT, S.SERVICENOW):
        assert compare(left, right, scheme) == meant


SEMVERS = st.from_regex(r"(0|[1-9]\d?)\.(0|[1-9]\d?)\.(0|[1-9]\d?)(-(alpha|beta|rc)(\.(0|[1-9]\d?))?)?", fullmatch=True)


@given(SEMVERS, SEMVERS)
def test_semantic_versions_are_ordered_as_univers_orders_them(left: str, right: str) -> None:
    meant = (SemverVersion(left) > SemverVersion(right)) - (SemverVersion(left) < SemverVersion(right))
    assert compare(left, right, S.SEMVER) == meant


@given(st.text(max_size=40), st.text(max_size=40), st.sampled_from([*Scheme]))
def test_any_text_at_all_is_ordered_or_not_but_never_an_error(left: str, right: str, scheme: Scheme) -> None:
    forward, backward = compare(left, right, scheme), compare(right, left, scheme)
    assert forward == (None if backward is None else -backward)


@pytest.mark.parametrize(
    ("version", "scheme", "branch"),
    [
        ("1.123.17", S.SEMVER, (1, 123)),
        ("2", S.SEMVER, (2, 0)),
        ("2.51.349.24355", S.DOTTED, (2, 51)),
        ("Utah Patch 10a Hot Fix 2", S.SERVICENOW, (20, 10, "a")),
        ("1.6.9", S.PEP440, (1, 6)),
    ],
)
def test_the_narrowest_branch_is_the_one_vendors_mend(version: str, scheme: Scheme, branch: tuple[object, ...]) -> None:
    key = key_of(version, scheme)
    assert key is not None
    assert branches_of(key)[0] == branch


@pytest.mark.parametrize(
    ("word", "scheme"),
    [
        ("npm", S.SEMVER),
        ("PyPI", S.PEP440),
        ("Maven", S.MAVEN),
        ("Debian:12", S.DEB),
        ("git", S.UNORDERED),
        ("x", None),
    ],
)
def test_an_ecosystem_tells_the_scheme(word: str, scheme: Scheme | None) -> None:
    assert scheme_named(word) is scheme
