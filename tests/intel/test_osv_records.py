"""OSV records: events, versions listed one by one, and what makes a record invalid."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.errors import UnreadableInput
from passmuster.intel.feeds.osv_affected import pair_events
from passmuster.model.advisory import VersionRange
from tests.intel.making import osv, read


def _range(introduced: str, **end: str) -> VersionRange:
    return VersionRange(introduced=introduced, scheme="semver", **end)


@pytest.mark.parametrize(
    ("events", "ranges"),
    [
        ([("introduced", "0"), ("fixed", "1.5")], [_range("0", fixed="1.5")]),
        ([("introduced", "0")], [_range("0")]),
        ([("introduced", "1.0"), ("last_affected", "1.4")], [_range("1.0", last_affected="1.4")]),
        (
            [("introduced", "1.0"), ("fixed", "1.5"), ("introduced", "2.0"), ("fixed", "2.3")],
            [_range("1.0", fixed="1.5"), _range("2.0", fixed="2.3")],
        ),
        (
            [("introduced", "1.0"), ("introduced", "2.0"), ("fixed", "2.3"), ("fixed", "1.5")],
            [_range("1.0", fixed="1.5"), _range("2.0", fixed="2.3")],
        ),
        ([("introduced", "0"), ("fixed", "1.5"), ("fixed", "2.3")], [_range("0", fixed="1.5")]),
        (
            [("introduced", "14.0"), ("fixed", "14.2"), ("introduced", "14.1"), ("fixed", "14.9")],
            [_range("14.0", fixed="14.2"), _range("14.1", fixed="14.9")],
        ),
        (
            [("introduced", "1.8"), ("fixed", "1.8"), ("introduced", "7.0"), ("fixed", "7.1")],
            [_range("1.8", fixed="1.8"), _range("7.0", fixed="7.1")],
        ),
        (
            [("introduced", "1.0.0-beta.2"), ("fixed", "1.0.0-beta.10")],
            [_range("1.0.0-beta.2", fixed="1.0.0-beta.10")],
        ),
        ([("introduced", "0"), ("limit", "3.0")], [_range("0", fixed="3.0")]),
        ([("introduced", "0"), ("limit", "*")], [_range("0")]),
    ],
)
def test_events_become_these_ranges(events: list[tuple[str, str]], ranges: list[VersionRange]) -> None:
    assert list(pair_events(events, "semver")) == ranges


_EVENTS = st.lists(st.tuples(st.sampled_from(["introduced", "fixed", "last_affected"]), st.integers(0, 12)), max_size=6)


def _place(event: tuple[str, int]) -> int:
    return event[1]


def _by_the_format(events: list[tuple[str, int]], version: int) -> bool:
    """Whether a version is vulnerable, by the algorithm that the format's own description gives."""
    vulnerable = False
    order = {"fixed": 0, "introduced": 1, "last_affected": 2}
    for name, at in sorted(events, key=lambda event: (event[1], order[event[0]])):
        if name == "introduced" and version >= at:
            vulnerable = True
        if (name == "fixed" and version >= at) or (name == "last_affected" and version > at):
            vulnerable = False
    return vulnerable


@given(_EVENTS.filter(lambda events: len({at for _, at in events}) == len(events)))
def test_ranges_hold_the_versions_that_the_formats_own_algorithm_finds(events: list[tuple[str, int]]) -> None:
    are_pairs = all((name == "introduced") == (place % 2 == 0) for place, (name, _) in enumerate(events))
    ranges = list(pair_events([(name, f"{at}.0.0") for name, at in events], "semver"))
    for version in range(14):
        inside = any(
            int((each.introduced or "0").split(".")[0]) <= version
            and (each.fixed is None or version < int(each.fixed.split(".")[0]))
            and (each.last_affected is None or version <= int(each.last_affected.split(".")[0]))
            for each in ranges
        )
        expected = _by_the_format(events, version)
        # Pairs out of order are taken as they stand: never less than the format's algorithm finds.
        assert inside == expected or (inside and are_pairs and events != sorted(events, key=_place)), (events, version)


def test_commits_are_no_fixed_versions_and_versions_listed_stand_alone() -> None:
    git = {
        "type": "GIT",
        "repo": "https://code.example/a/builder.git",
        "events": [{"introduced": "0"}, {"fixed": "abc"}],
    }
    (record,) = read(osv(affected=[{"ranges": [git], "versions": ["1.0", "1.1"]}])).records
    (product,) = record.affected
    assert product.product == "builder"
    assert product.fixed_versions == ()
    assert [each.exact for each in product.ranges if each.exact] == ["1.0", "1.1"]


def test_an_open_range_ends_at_the_last_version_known_to_be_affected() -> None:
    events = [{"introduced": "0"}, {"fixed": "1.2"}, {"introduced": "2.0"}]
    entry = {"package": {"ecosystem": "npm", "name": "a"}, "ranges": [{"type": "SEMVER", "events": events}]}
    entry["database_specific"] = {"last_known_affected_version_range": "<= 2.3"}
    (record,) = read(osv(affected=[entry])).records
    assert list(record.affected[0].ranges) == [_range("0", fixed="1.2"), _range("2.0", last_affected="2.3")]
    assert record.affected[0].fixed_versions == ("1.2",)


def test_severities_withdrawal_aliases_and_related_are_kept() -> None:
    vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
    (record,) = read(
        osv(
            withdrawn="2025-07-01T00:00:00Z",
            aliases=["CVE-2025-10001"],
            related=["CVE-2025-10002"],
            severity=[{"type": "CVSS_V3", "score": vector}, {"type": "Ubuntu", "score": "High"}],
            database_specific={"severity": "MODERATE"},
        )
    ).records
    assert record.withdrawn_at is not None
    assert record.names == ("GHSA-aaaa-bbbb-cccc", "CVE-2025-10001")
    assert record.extra["related"] == ["CVE-2025-10002"]
    assert [(score.version, score.stated, score.computed) for score in record.scores] == [("3.1", None, 9.8)]
    assert record.severity == "moderate"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id": None}, ["id: is missing"]),
        ({"modified": "yesterday"}, ["modified: 'yesterday' is no time"]),
        ({"affected": [{}]}, ["affected[0].package: is missing"]),
        ({"affected": "everything"}, ["affected: must be a list, is text"]),
        ({"affected": [{"package": {"name": "a"}}]}, ["affected[0].package.ecosystem: is missing"]),
        (
            {"affected": [{"ranges": [{"type": "MAGIC", "events": [{}]}]}]},
            ["'MAGIC' is none of", "events[0]: names none of"],
        ),
        ({"affected": [{"ranges": [{"type": "GIT", "events": [{"fixed": "a"}]}]}]}, ["says where it was introduced"]),
        ({"aliases": [1]}, ["aliases[0]: must be text, is a number"]),
    ],
)
def test_an_invalid_record_is_refused_with_every_complaint(change: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(UnreadableInput) as caught:
        read({**osv(), **change})
    for word in words:
        assert word in str(caught.value)
