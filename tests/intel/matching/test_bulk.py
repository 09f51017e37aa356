"""Finding in bulk what lies in a range is what comparing one version with one range finds."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from passmuster.intel.matching.bulk import Claims, Shelf
from passmuster.intel.matching.places import ENDS, SCHEMES
from passmuster.intel.matching.spans import Place, place_of, span_of
from passmuster.intel.versions.order import key_of
from passmuster.intel.versions.scheme import Scheme
from passmuster.model.advisory import VersionRange

Owned = tuple[int, str]
Claim = tuple[int, Scheme, VersionRange]
Hit = tuple[int, str, int]


def shelf_of(owned: list[Owned]) -> Shelf:
    texts = pa.array([text for _, text in owned], pa.string()).dictionary_encode()
    return Shelf(np.array([product for product, _ in owned], np.int64), texts)


def in_bulk(shelf: Shelf, claims: list[Claim]) -> set[Hit]:
    """Products and versions that are hit, each with the place of the claim."""
    ends = [pa.array([getattr(told, name) for _, _, told in claims], pa.string()) for name in ENDS]
    products = np.array([product for product, _, _ in claims], np.int64)
    schemes = np.array([SCHEMES.index(scheme) for _, scheme, _ in claims], np.int64)
    hits = shelf.hits(Claims(products, schemes, ends))
    pairs = zip(hits.owned.tolist(), hits.claim.tolist(), strict=True)
    return {(int(shelf.product[owned]), shelf.texts[shelf.text[owned]], claim) for owned, claim in pairs}


def one_by_one(owned: list[Owned], claims: list[Claim]) -> set[Hit]:
    return {
        (product, version, place)
        for place, (of, scheme, told) in enumerate(claims)
        for product, version in owned
        if of == product and is_hit(version, scheme, told)
    }


def is_hit(version: str, scheme: Scheme, told: VersionRange) -> bool:
    span, key = span_of(told, scheme), key_of(version, scheme)
    if span is None or key is None:
        return span is not None
    return place_of(key, span) in (Place.INSIDE, Place.UNCLEAR)


TEXTS = st.sampled_from(
    "0 1.0.0 1.0.1 1.1 1.1.0 1.2.0-rc.1 1.2.0 2.0.0 2.5.2 10.0.1 1.123.17 2024.1 Utah zurich-p2 n/a * 1.x 2.* odd!"
    " 2024-05-01 v1.1 1.0.0-acme".split()
)
ENDINGS = st.one_of(st.none(), TEXTS)
RANGES = st.one_of(
    st.builds(VersionRange, introduced=ENDINGS, fixed=ENDINGS, last_affected=ENDINGS),
    st.builds(VersionRange, exact=TEXTS),
)
SCHEME = st.sampled_from([scheme for scheme in Scheme if scheme is not Scheme.UNORDERED])


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), TEXTS), max_size=12),
    st.lists(st.tuples(st.integers(0, 5), SCHEME, RANGES), max_size=10),
)
def test_bulk_finds_what_one_by_one_finds(owned: list[Owned], claims: list[Claim]) -> None:
    assert in_bulk(shelf_of(owned), claims) == one_by_one(owned, claims)


NUMBERS = st.lists(st.integers(0, 3), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), NUMBERS), max_size=30),
    st.lists(st.tuples(st.integers(0, 2), NUMBERS, NUMBERS), max_size=20),
)
def test_bulk_finds_what_packaging_finds_row_by_row(owned: list[Owned], ranges: list[tuple[int, str, str]]) -> None:
    forward = [each for each in ranges if Version(each[1]) < Version(each[2])]
    claims = [(of, Scheme.DOTTED, VersionRange(introduced=low, fixed=high)) for of, low, high in forward]
    meant = {
        (product, version, number)
        for number, (of, low, high) in enumerate(forward)
        for product, version in owned
        if of == product and Version(low) <= Version(version) < Version(high)
    }
    assert in_bulk(shelf_of(owned), claims) == meant


@pytest.mark.parametrize(("end", "is_there"), [("1.5.0", False), ("1.5.1", True), ("1.4.9", False), ("3.0.0", True)])
def test_claims_of_another_day_are_held_against_the_same_shelf(end: str, is_there: bool) -> None:
    shelf = shelf_of([(0, "1.5.0"), (0, "1.0.0")])
    in_bulk(shelf, [(0, Scheme.SEMVER, VersionRange(fixed="2.0.0"))])
    found = in_bulk(shelf, [(0, Scheme.SEMVER, VersionRange(introduced="1.1", fixed=end))])
    assert bool(found) is is_there


def test_an_empty_shelf_and_no_claims_find_nothing() -> None:
    assert in_bulk(shelf_of([]), [(0, Scheme.SEMVER, VersionRange())]) == set()
    assert in_bulk(shelf_of([(0, "1")]), []) == set()
