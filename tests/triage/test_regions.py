"""Where things run: what is surely elsewhere, what may be ours, and whose dates count."""

from __future__ import annotations

from dataclasses import replace

import pytest

from passmuster.model.advisory import Advisory, Notice, NoticeKind, Record, RecordKind, Wave
from passmuster.model.match import Verdict
from passmuster.model.regions import countries_of, do_meet
from passmuster.model.waves import seen_from
from passmuster.model.words import Hosting
from passmuster.triage.notices import notice_match, region_doubt
from tests.triage.making import NOW, at, component, cve, notice


@pytest.mark.parametrize(
    ("told", "ours", "answer"),
    [
        (["EU"], ["US"], False),
        (["EU"], ["unitedstates"], False),
        (["EU"], ["westeurope"], True),
        (["EU"], ["Germany West Central"], True),
        (["EU"], ["uksouth"], False),
        (["Europe"], ["uksouth"], True),
        (["EMEA"], ["uaenorth"], True),
        (["EMEA"], ["us-east-1"], False),
        (["us-east-1"], ["eastus2"], True),
        (["US"], ["usgovvirginia"], True),
        (["North America"], ["canadacentral"], True),
        (["APAC"], ["ap-southeast-2"], True),
        (["APAC"], ["eu-central-1"], False),
        (["EU", "US"], ["us-west-2"], True),
        (["EU"], ["US", "europe"], True),
        (["EU"], ["US", "somewhere"], None),
        (["EU"], [], None),
        ([], [], True),
        (["worldwide"], [], True),
        (["NA52"], ["EU13"], None),
        (["na52"], ["NA52"], True),
    ],
)
def test_only_what_is_surely_elsewhere_is_not_concerned(told: list[str], ours: list[str], answer: bool | None) -> None:
    assert do_meet(told, ours) is answer


# Where these data centres lie, as Microsoft and Amazon list them.
CENTRES = """
westeurope nl | northeurope ie | uksouth gb | francecentral fr | germanywestcentral de | swedencentral se
switzerlandnorth ch | norwayeast no | polandcentral pl | italynorth it | spaincentral es | eastus us | westus3 us
southcentralus us | northcentralus us | centralus us | canadaeast ca | brazilsouth br | australiaeast au
japanwest jp | koreacentral kr | southeastasia sg | uaenorth ae | southafricanorth za | israelcentral il
us-west-2 us | us-gov-east-1 us | eu-west-1 ie | eu-west-2 gb | eu-central-1 de | eu-north-1 se | ap-southeast-2 au
"""


@pytest.mark.parametrize("told", [each.strip() for line in CENTRES.splitlines() for each in line.split("|") if each])
def test_a_data_centre_lies_in_its_country(told: str) -> None:
    name, country = told.split()
    found = countries_of(name)
    assert found is not None
    assert country in found


def fix(name: str, *regions: str, day: int, **more: object) -> Record:
    told = Notice(
        NoticeKind.SECURITY_FIX,
        "Acme",
        platforms=("n8n",),
        regions=regions,
        enforced_at=at(f"2026-12-{day:02}T00:00:00"),
    )
    return Record(RecordKind.NOTICE, "Acme", name, ("CVE-2026-1000",), vendor_fixed_at=told.enforced_at, notice=told)


def both() -> Advisory:
    records = (Record(RecordKind.CVE, "cna", "CVE-2026-1000"), fix("n-us", "US", day=3), fix("n-eu", "EU", day=9))
    return cve(records=records, notice=records[1].notice, vendor_fixed_at=records[1].vendor_fixed_at)


@pytest.mark.parametrize(
    ("regions", "day"), [(("US",), 3), (("westeurope",), 9), (("japaneast",), None), ((), 3), (("zone 7",), 3)]
)
def test_of_two_notices_the_one_for_our_region_counts(regions: tuple[str, ...], day: int | None) -> None:
    found = seen_from(both(), regions)
    expected = at(f"2026-12-{day:02}T00:00:00") if day else None
    assert found.vendor_fixed_at == expected
    assert (found.notice.enforced_at if found.notice else None) == expected
    assert seen_from(found, regions) == found


def test_one_notice_may_have_a_wave_for_each_region() -> None:
    waves = (
        Wave(("US",), enforced_at=at("2026-12-03T00:00:00")),
        Wave(("EU",), earliest_at=at("2026-12-08T00:00:00"), latest_at=at("2026-12-09T00:00:00")),
    )
    told = replace(fix("n", "US", "EU", day=3), vendor_fixed_at=at("2026-12-03T00:00:00"))
    assert told.notice is not None
    whole = replace(told.notice, waves=waves, enforced_at=None, earliest_at=at("2026-12-03T00:00:00"))
    advisory = cve(records=(replace(told, notice=whole),), notice=whole)
    ours = seen_from(advisory, ("swedencentral",)).notice
    assert ours is not None
    assert (ours.earliest_at, ours.latest_at, ours.enforced_at, ours.regions) == (
        at("2026-12-08T00:00:00"),
        at("2026-12-09T00:00:00"),
        None,
        ("EU",),
    )
    assert seen_from(advisory, ()) == advisory


def test_a_notice_for_elsewhere_does_not_concern_us_and_says_so() -> None:
    advisory = notice(regions=("EU",))
    found = notice_match(advisory, component(hosting=Hosting.VENDOR, regions=("unitedstates",)), as_of=NOW)
    assert found is not None
    assert (found.verdict, found.reason) == (
        Verdict.NOT_AFFECTED,
        "The notice is for EU, and n8n runs in unitedstates.",
    )


@pytest.mark.parametrize(
    ("regions", "words"), [((), "runs in a region that nobody tells"), (("zone 7",), "runs in zone 7"), (("EU",), "")]
)
def test_where_a_region_is_not_known_the_notice_concerns_us_and_the_doubt_is_told(
    regions: tuple[str, ...], words: str
) -> None:
    thing = component(hosting=Hosting.VENDOR, regions=regions)
    advisory = notice(regions=("EU",))
    found = notice_match(advisory, thing, as_of=NOW)
    assert found is not None
    assert found.verdict is Verdict.VENDOR_PENDING
    doubt = region_doubt(advisory.notice, thing)
    assert words in doubt
    assert bool(doubt) == bool(words)
