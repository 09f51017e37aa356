"""CVE records as authorities really write them."""

from __future__ import annotations

from typing import Any

import pytest

from passmuster.errors import UnreadableInput
from passmuster.intel.ssvc import strongest
from passmuster.model.advisory import RangeStatus, VersionRange
from tests.intel.making import cve, read

R = VersionRange
NOT = RangeStatus.UNAFFECTED


def _product(versions: list[dict[str, Any]], **more: Any) -> Any:
    (record,) = read(cve(affected=[{"vendor": "Example", "product": "Builder", "versions": versions, **more}])).records
    (product,) = record.affected
    return product


@pytest.mark.parametrize(
    ("versions", "ranges", "fixed"),
    [
        (
            [{"version": ">= 0.211.0, < 1.120.4", "status": "affected"}],
            [R(introduced="0.211.0", fixed="1.120.4")],
            ["1.120.4"],
        ),
        (
            [{"version": "< 10.13.3", "status": "affected"}, {"version": ">= 11.0.0, < 11.1.0", "status": "affected"}],
            [R(fixed="10.13.3"), R(introduced="11.0.0", fixed="11.1.0")],
            ["10.13.3", "11.1.0"],
        ),
        ([{"version": "All versions < V5.4.0", "status": "affected"}], [R(fixed="V5.4.0")], ["V5.4.0"]),
        ([{"version": "N/A", "status": "affected"}], [], []),
        ([{"version": "n/a", "lessThanOrEqual": "1.1.7", "status": "affected"}], [R(last_affected="1.1.7")], []),
        ([{"version": "unspecified", "lessThan": "0.96.0", "status": "affected"}], [R(fixed="0.96.0")], ["0.96.0"]),
        ([{"version": "0", "lessThan": "*", "status": "affected"}], [R(introduced="0")], []),
        ([{"version": "3.0", "lessThan": "3.0.*", "status": "affected"}], [R(introduced="3.0", fixed="3.0.*")], []),
        (
            [{"version": ">= 1.0", "lessThan": "< 2.0", "status": "affected"}],
            [R(introduced="1.0", fixed="2.0")],
            ["2.0"],
        ),
        (
            [
                {"version": "n/a", "lessThanOrEqual": "1.3.17", "status": "affected"}
                | {"changes": [{"at": "1.3.18", "status": "unaffected"}]}
            ],
            [R(fixed="1.3.18")],
            ["1.3.18"],
        ),
        (
            [
                {"version": "1.0", "lessThan": "3.0", "status": "affected"}
                | {"changes": [{"at": "1.5", "status": "unaffected"}, {"at": "2.0", "status": "affected"}]}
            ],
            [R(introduced="1.0", fixed="1.5"), R(NOT, introduced="1.5", fixed="2.0"), R(introduced="2.0", fixed="3.0")],
            ["1.5", "3.0"],
        ),
        (
            # The format's own example; the changes in another order.
            [
                {"version": "2.1.0", "lessThan": "2.1.*", "status": "unaffected"}
                | {"changes": [{"at": "2.1.9", "status": "unaffected"}, {"at": "2.1.6", "status": "affected"}]}
            ],
            [
                R(NOT, introduced="2.1.0", fixed="2.1.6"),
                R(introduced="2.1.6", fixed="2.1.9"),
                R(NOT, introduced="2.1.9", fixed="2.1.*"),
            ],
            ["2.1.9"],
        ),
        (
            [{"version": "8.18.32", "lessThan": "*", "status": "unaffected"}],
            [R(NOT, introduced="8.18.32")],
            ["8.18.32"],
        ),
        (
            [{"version": "1.0", "lessThan": "1.5", "status": "affected"}, {"version": "1.5", "status": "unaffected"}],
            [R(introduced="1.0", fixed="1.5"), R(NOT, exact="1.5")],
            ["1.5"],
        ),
        ([{"version": "10.13.0", "status": "unknown"}], [R(RangeStatus.UNKNOWN, exact="10.13.0")], []),
    ],
)
def test_versions_become_these_ranges(versions: Any, ranges: list[VersionRange], fixed: list[str]) -> None:
    product = _product(versions)
    assert list(product.ranges) == ranges
    assert list(product.fixed_versions) == fixed


def test_a_package_with_a_collection_stands_without_vendor_and_product() -> None:
    entry = {"packageName": "langflow", "collectionURL": "https://pypi.python.org", "defaultStatus": "unaffected"}
    (record,) = read(
        cve(affected=[{**entry, "versions": [{"version": "0", "lessThan": "1.0.13", "status": "affected"}]}])
    ).records
    (product,) = record.affected
    assert (product.vendor, product.product, product.package) == ("", "", "langflow")
    assert (product.collection, product.default_status) == ("https://pypi.python.org", NOT)


def test_what_others_add_stands_beside_what_the_authority_says() -> None:
    value = cve(
        metrics=[{"cvssV3_1": {"baseScore": 9.8, "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}]
    )
    option = {"options": [{"Exploitation": "poc"}, {"Automatable": "Yes"}, {"Technical Impact": "total"}]}
    value["containers"]["adp"] = [
        {
            "providerMetadata": {"shortName": "CISA-ADP"},
            "metrics": [
                {"other": {"type": "ssvc", "content": {"timestamp": "2025-05-03T00:00:00Z", **option}}},
                {"other": {"type": "kev", "content": {"dateAdded": "2025-05-04"}}},
                {"cvssV3_1": {"baseScore": 7.5, "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}},
            ],
            "affected": [
                {"vendor": "example", "product": "builder", "cpes": ["cpe:2.3:a:example:builder:*:*:*:*:*:*:*:*"]}
            ],
        }
    ]
    (record,) = read(value).records
    assert [(score.by, score.stated, score.differs) for score in record.scores] == [
        ("example", 9.8, False),
        ("CISA-ADP", 7.5, False),
    ]
    assert [(p.name, p.value, p.by) for p in record.ssvc] == [
        ("exploitation", "public_poc", "CISA-ADP"),
        ("automatable", "yes", "CISA-ADP"),
        ("technical_impact", "total", "CISA-ADP"),
    ]
    assert record.kev is not None
    assert record.kev.added_on.isoformat() == "2025-05-04"
    assert record.affected[1].cpes == ("cpe:2.3:a:example:builder:*:*:*:*:*:*:*:*",)


@pytest.mark.parametrize(
    "metric",
    [
        {"other": {"type": "ssvc", "content": {"selections": [{"name": "Exploitation", "values": ["Public PoC"]}]}}},
        {"ssvcV2_0": {"selections": [{"key": "E", "namespace": "ssvc", "values": [{"key": "N"}, {"key": "P"}]}]}},
        {"ssvcV2_0": {"selections": [{"key": "E", "values": [{"key": "P", "name": "Public PoC"}]}]}},
    ],
)
def test_ssvc_selections_are_read_as_options_are(metric: dict[str, Any]) -> None:
    (record,) = read(cve(metrics=[metric])).records
    assert [(point.name, point.value) for point in strongest(record.ssvc)] == [("exploitation", "public_poc")]


V3 = "CVSS:3.1/AV:N/AC:H/PR:H/UI:N/S:C/C:H/I:H/A:H"
V4 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:A/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N"


@pytest.mark.parametrize(
    ("name", "vector", "stated", "computed", "words"),
    [
        ("cvssV3_1", V3, 9.9, 8.0, ["states 9.9", "gives 8.0"]),
        ("cvssV3_1", V3 + "/E:U/RL:O/RC:C", 8.0, 8.0, []),
        ("cvssV3_1", V3 + "/E:U/RL:O/RC:C", 7.0, 8.0, ["gives 8.0", "metrics of time or threat"]),
        # Base scores by the calculator of the standard's authors.
        ("cvssV4_0", V4, 4.8, 4.8, []),
        ("cvssV4_0", V4 + "/E:U/CR:L", 4.8, 4.8, []),
        ("cvssV4_0", V4 + "/E:U", 1.1, 4.8, ["gives 4.8", "metrics of time or threat"]),
        ("cvssV2_0", "AV:N/AC:L/Au:N/C:P/I:P/A:P", 7.5, 7.5, []),
        ("cvssV3_1", "CVSS:3.1/AV:N/nonsense", 7.5, None, ["no valid CVSS vector"]),
    ],
)
def test_a_stated_score_is_held_against_its_own_vector(
    name: str, vector: str, stated: float, computed: float | None, words: list[str]
) -> None:
    reading = read(cve(metrics=[{name: {"baseScore": stated, "vectorString": vector}}]))
    (score,) = reading.records[0].scores
    assert (score.stated, score.computed) == (stated, computed)
    told = " ".join(problem.text for problem in reading.problems)
    assert bool(reading.problems) == bool(words)
    for word in words:
        assert word in told
    assert {problem.code for problem in reading.problems} <= {"score_differs", "vector_invalid"}
    assert {problem.record for problem in reading.problems} <= {"CVE-2025-10001"}


def test_a_rejected_record_needs_no_products_and_is_withdrawn() -> None:
    value = cve()
    value["cveMetadata"]["state"] = "REJECTED"
    value["containers"]["cna"] = {
        "rejectedReasons": [{"lang": "en", "value": "Not a flaw."}],
        "replacedBy": ["CVE-2025-1"],
    }
    (record,) = read(value).records
    assert record.is_rejected
    assert record.withdrawn_at is not None
    assert record.extra["replaced_by"] == ["CVE-2025-1"]


def test_the_earliest_day_it_was_public_counts_and_a_fix_told_in_the_timeline_may_lie_before_it() -> None:
    timeline = [
        {"time": "2025-04-01T00:00:00Z", "lang": "en", "value": "Vendor notified"},
        {"time": "2025-04-20T00:00:00Z", "lang": "en", "value": "Fix released in 2.0"},
        {"time": "2025-04-25T00:00:00Z", "lang": "en", "value": "Patched version available to all"},
    ]
    (record,) = read(
        cve(datePublic="2025-04-30T07:00:00", timeline=timeline, tags=["exclusively-hosted-service"])
    ).records
    assert record.published_at is not None
    assert record.vendor_fixed_at is not None
    assert record.published_at.isoformat() == "2025-04-30T07:00:00+00:00"
    assert record.vendor_fixed_at.isoformat() == "2025-04-20T00:00:00+00:00"
    assert record.is_hosted_only
    assert record.affected[0].is_hosted_only


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"dataVersion": "4.0"}, ["dataVersion: '4.0' is not 5.x"]),
        ({"cveMetadata": {"cveId": "CVE-1", "state": "OPEN"}}, ["cveId: 'CVE-1' is no CVE", "state: 'OPEN'"]),
        ({"containers": {}}, ["containers.cna: is missing"]),
        ({"containers": []}, ["containers: must be an object, is a list"]),
        (
            {"containers": {"cna": {"descriptions": [], "affected": "all"}}},
            ["descriptions: is empty", "must be a list"],
        ),
        (
            {"containers": {"cna": {"descriptions": [{}], "affected": [{"versions": [{"status": "maybe"}]}]}}},
            ["affected[0].versions[0].version: is missing", "status: 'maybe' is none of"],
        ),
        (
            {
                "containers": {
                    "cna": {"descriptions": [{}], "affected": [], "metrics": [{"cvssV3_1": {"baseScore": 11}}]}
                }
            },
            ["metrics[0].cvssV3_1.baseScore: must be from 0 to 10, is 11", "vectorString: is missing"],
        ),
    ],
)
def test_an_invalid_record_is_refused_with_every_complaint(change: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(UnreadableInput) as caught:
        read({**cve(), **change})
    for word in words:
        assert word in str(caught.value)
