"""Version strings as records really write them, and what each says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.intel.ranges import parse_ranges
from passmuster.model.advisory import RangeStatus, VersionRange

R = VersionRange
NOT = RangeStatus.UNAFFECTED


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        (">= 0.211.0, < 1.120.4", [R(introduced="0.211.0", fixed="1.120.4")]),
        (">=10.4, < 10.6.2", [R(introduced="10.4", fixed="10.6.2")]),
        ("< 4.10.8", [R(fixed="4.10.8")]),
        ("<4.10.8", [R(fixed="4.10.8")]),
        ("<= 1.4.3", [R(last_affected="1.4.3")]),
        ("≤ 1.4.3", [R(last_affected="1.4.3")]),
        ("= 1.4.3", [R(exact="1.4.3")]),
        (">= 2.0", [R(introduced="2.0")]),
        ("> 1.0, <= 2.0", [R(introduced="1.0", last_affected="2.0"), R(status=NOT, exact="1.0")]),
        (">= 1.0, <= 2.0, != 1.5", [R(introduced="1.0", last_affected="2.0"), R(status=NOT, exact="1.5")]),
        ("< 1.0.0-beta.16", [R(fixed="1.0.0-beta.16")]),
        ("< 10.13.3 || >= 11.0.0, < 11.1.0", [R(fixed="10.13.3"), R(introduced="11.0.0", fixed="11.1.0")]),
        (">= 1, < 1.5, >= 2, < 2.3", [R(introduced="1", fixed="1.5"), R(introduced="2", fixed="2.3")]),
        (">= 1.0 and < 2.0", [R(introduced="1.0", fixed="2.0")]),
        ("All versions < V5.4.0", [R(fixed="V5.4.0")]),
        ("All versions >= V10.0.0 < V10.0.2", [R(introduced="V10.0.0", fixed="V10.0.2")]),
        ("All versions", [R()]),
        ("*", [R()]),
        ("4.0.0 < 4.13.1", [R(introduced="4.0.0", fixed="4.13.1")]),
        ("= 1.0, 1.1", [R(exact="1.0"), R(exact="1.1")]),
        ("1.0 through 1.5", [R(introduced="1.0", last_affected="1.5")]),
        ("from 7.1 to 8.8.3", [R(introduced="7.1", last_affected="8.8.3")]),
        ("1.0 - 1.5", [R(introduced="1.0", last_affected="1.5")]),
        ("before 1.2", [R(fixed="1.2")]),
        ("versions prior to 1.2", [R(fixed="1.2")]),
        ("All versions prior to V4.0.3", [R(fixed="V4.0.3")]),
        ("1.0 before 1.5", [R(introduced="1.0", fixed="1.5")]),
        ("from 1.0 before 1.5", [R(introduced="1.0", fixed="1.5")]),
        ("up to 1.2", [R(last_affected="1.2")]),
        ("up to and including 1.2", [R(last_affected="1.2")]),
        ("through 0.6.19", [R(last_affected="0.6.19")]),
        ("v.1.6.2 and before", [R(last_affected="v.1.6.2")]),
        ("1.2 and earlier", [R(last_affected="1.2")]),
        ("1.2 or later", [R(introduced="1.2")]),
        ("1.2+", [R(introduced="1.2")]),
        ("before Utah Patch 10 Hot Fix 3", [R(fixed="Utah Patch 10 Hot Fix 3")]),
        ("[1.0,2.0)", [R(introduced="1.0", fixed="2.0")]),
        ("(,1.5]", [R(last_affected="1.5")]),
        ("[1.2]", [R(exact="1.2")]),
        ("vers:npm/>=1.0|<2.0", [R(introduced="1.0", fixed="2.0")]),
        ("vers:generic/*", [R()]),
        ("vers:pypi/1.0|1.2|>=2.0|<=2.4", [R(exact="1.0"), R(exact="1.2"), R(introduced="2.0", last_affected="2.4")]),
        ("vers:intdot/>=10.0|!=10.5|<11.0", [R(status=NOT, exact="10.5"), R(introduced="10.0", fixed="11.0")]),
        ("1.0, 1.1 and 1.2", [R(exact="1.0"), R(exact="1.1"), R(exact="1.2")]),
        ("Spring 2025", [R(exact="Spring 2025")]),
        ("Aspen", [R(exact="Aspen")]),
        ("V4.0.3", [R(exact="V4.0.3")]),
        ("2.51.349.24355", [R(exact="2.51.349.24355")]),
        ("Infinity 24.2.3", [R(exact="Infinity 24.2.3")]),
        ("2024.2-u1", [R(exact="2024.2-u1")]),
        ("1.0.0-beta.16", [R(exact="1.0.0-beta.16")]),
        ("6.x", [R(exact="6.x")]),
        ("Application: 16.14.27266, Platform: 16.0.27253", [R(exact="Application: 16.14.27266, Platform: 16.0.27253")]),
        ("n/a", []),
        ("N/A", []),
        ("unspecified", []),
        ("", []),
        ("-", []),
        ("<", [R(exact="<")]),
        ("some < words that > mean nothing", [R(exact="some < words that > mean nothing")]),
    ],
)
def test_a_version_string_says_this(text: str, ranges: list[VersionRange]) -> None:
    assert list(parse_ranges(text)) == ranges


def test_a_range_that_is_not_affected_turns_its_excluded_version_round() -> None:
    found = parse_ranges("> 1.0", status=RangeStatus.UNAFFECTED, scheme="semver")
    assert found == (
        R(status=NOT, introduced="1.0", scheme="semver"),
        R(status=RangeStatus.AFFECTED, exact="1.0", scheme="semver"),
    )


@given(st.text(alphabet="<>=!~|,;. 0123456789abvx()[]*-/", max_size=40))
def test_no_text_at_all_makes_it_fail(text: str) -> None:
    for each in parse_ranges(text):
        assert each.exact is None or (each.introduced, each.fixed, each.last_affected) == (None, None, None)


_NUMBERS = st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda pair: f"{pair[0]}.{pair[1]}")


@given(_NUMBERS, _NUMBERS, st.sampled_from(["", " "]))
def test_bounds_come_back_as_they_were_written(low: str, high: str, blank: str) -> None:
    assert parse_ranges(f">={blank}{low},{blank}<{blank}{high}") == (R(introduced=low, fixed=high),)
    assert parse_ranges(f"vers:semver/>={low}|<={high}") == (R(introduced=low, last_affected=high),)
