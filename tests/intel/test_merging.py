"""Records into advisories: who belongs together, the strongest source, and the times that are kept."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from passmuster.intel.grouping import Named, advisory_ids
from passmuster.intel.merge import Seen, merge
from passmuster.intel.ssvc import spell, strongest
from passmuster.model.advisory import KevEntry, Record, RecordKind, SsvcPoint

T = [datetime(2025, 1, 1 + n, tzinfo=UTC) for n in range(20)]


@pytest.mark.parametrize(
    ("records", "advisories"),
    [
        ([("cve", ["CVE-2025-1001"]), ("osv", ["GHSA-1", "CVE-2025-1001"])], [["CVE-2025-1001"]] * 2),
        ([("osv", ["GHSA-1"]), ("osv", ["PYSEC-2", "GHSA-1"])], [["GHSA-1"]] * 2),
        (
            [("osv", ["PYSEC-2", "GHSA-1"]), ("osv", ["GHSA-1", "CVE-2025-1001"]), ("osv", ["BIT-3", "PYSEC-2"])],
            [["CVE-2025-1001"]] * 3,
        ),
        (
            [
                ("notice", ["N-1", "CVE-2025-1001", "CVE-2025-1002"]),
                ("cve", ["CVE-2025-1001"]),
                ("cve", ["CVE-2025-1002"]),
            ],
            [["CVE-2025-1001", "CVE-2025-1002"], ["CVE-2025-1001"], ["CVE-2025-1002"]],
        ),
        ([("osv", ["GHSA-1", "cve-2025-1001"])], [["CVE-2025-1001"]]),
        ([("notice", ["N-1"]), ("notice", ["N-2"])], [["N-1"], ["N-2"]]),
    ],
)
def test_records_that_share_a_cve_are_one_advisory(
    records: list[tuple[str, list[str]]], advisories: list[list[str]]
) -> None:
    named = [Named(row, names[0], kind, tuple(names)) for row, (kind, names) in enumerate(records)]
    assert [list(ids) for ids in advisory_ids(named)] == advisories


def _point(name: str, value: str, by: str, at: int | None) -> SsvcPoint:
    return SsvcPoint(name, value, by, None if at is None else T[at])


@pytest.mark.parametrize(
    ("points", "chosen"),
    [
        ([_point("exploitation", "none", "a", 5), _point("exploitation", "public_poc", "b", 1)], "b"),
        ([_point("exploitation", "active", "a", 5), _point("exploitation", "active", "b", 1)], "b"),
        ([_point("exploitation", "active", "a", None), _point("exploitation", "active", "b", 9)], "b"),
        ([_point("automatable", "yes", "a", 1), _point("automatable", "no", "b", 9)], "a"),
        ([_point("technical_impact", "partial", "a", 9), _point("technical_impact", "total", "b", 1)], "b"),
        ([_point("exploitation", "nonsense", "a", 9), _point("exploitation", "none", "b", 1)], "b"),
        ([_point("house_point", "x", "a", 1), _point("house_point", "y", "b", 9)], "b"),
    ],
)
def test_the_strongest_value_stands_and_of_equals_the_first(points: list[SsvcPoint], chosen: str) -> None:
    assert [point.by for point in strongest(points)] == [chosen]
    assert [point.by for point in strongest(points[::-1])] == [chosen]


@pytest.mark.parametrize(
    ("word", "spelled"),
    [("poc", "public_poc"), ("public poc", "public_poc"), ("Technical Impact", "technical_impact"), ("Yes", "yes")],
)
def test_points_have_one_spelling(word: str, spelled: str) -> None:
    assert spell(word) == spelled


KEV = KevEntry(added_on=date(2025, 1, 5), due_on=date(2025, 1, 26))


def _cve(at: int = 0, **more: object) -> Seen:
    record = Record(RecordKind.CVE, "example", "CVE-2025-1001", published_at=T[3], **more)  # type: ignore[arg-type]
    return Seen(record, T[at], T[at])


def _kev(at: int, *, is_listed: bool = True) -> Seen:
    record = Record(RecordKind.KEV, "cisa-kev", "CVE-2025-1001", kev=KEV, published_at=T[4])
    return Seen(record, T[at], T[1], is_listed=is_listed)


def test_an_entry_of_the_catalogue_makes_exploitation_active_since_that_day() -> None:
    lagging = (SsvcPoint("exploitation", "none", "CISA-ADP", T[2]),)
    advisory = merge("CVE-2025-1001", [_cve(ssvc=lagging), _kev(6)])
    assert [(p.name, p.value, p.by, p.judged_at) for p in advisory.ssvc] == [
        ("exploitation", "active", "CISA-KEV", T[4])
    ]
    assert advisory.kev == KEV


def test_the_catalogue_may_take_back_what_another_record_still_notes() -> None:
    note = KevEntry(added_on=date(2025, 1, 5), due_on=None)
    assert merge("CVE-2025-1001", [_cve(2, kev=note)]).kev == note
    assert merge("CVE-2025-1001", [_cve(2, kev=note), _kev(6)]).kev == KEV
    assert merge("CVE-2025-1001", [_cve(2, kev=note), _kev(6, is_listed=False)]).kev is None
    assert merge("CVE-2025-1001", [_cve(9, kev=note), _kev(6, is_listed=False)]).kev == note


def test_a_fix_before_the_disclosure_stays_before_it() -> None:
    notice = Record(RecordKind.NOTICE, "vendor", "N-1", ("CVE-2025-1001",), published_at=T[9], vendor_fixed_at=T[1])
    advisory = merge("CVE-2025-1001", [_cve(5), Seen(notice, T[8], T[2])])
    assert (advisory.vendor_fixed_at, advisory.disclosed_at, advisory.learned_at) == (T[1], T[3], T[2])
    assert advisory.vendor_fixed_at is not None
    assert advisory.disclosed_at is not None
    assert advisory.vendor_fixed_at < advisory.disclosed_at
    assert merge("CVE-2025-1001", [_cve(5)]).vendor_fixed_at is None


def test_an_advisory_is_withdrawn_when_all_its_records_are() -> None:
    gone = _cve(5, is_rejected=True)
    other = Seen(Record(RecordKind.OSV, "osv-ghsa", "GHSA-1", ("CVE-2025-1001",)), T[5], T[5])
    assert merge("CVE-2025-1001", [gone]).is_withdrawn
    assert not merge("CVE-2025-1001", [gone, other]).is_withdrawn
    assert merge("CVE-2025-1001", [gone, _kev(6, is_listed=False)]).is_withdrawn
