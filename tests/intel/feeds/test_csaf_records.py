"""What becomes of valid CSAF documents: shapes as CISA, Siemens, Red Hat and Microsoft publish them, filled by us."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from passmuster.errors import UnreadableInput
from passmuster.intel.feeds.csaf.feed import CsafFeed
from passmuster.intel.feeds.interface import Reading
from passmuster.model.advisory import AffectedProduct, RangeStatus, Record, RemediationKind, VersionRange
from tests.intel.feeds.csaf_documents import GONE, advisory, document

_V = "vulnerabilities.0"
_BRANCH = "product_tree.branches.0.branches.0.branches.0"
AFFECTED, UNAFFECTED, UNKNOWN = RangeStatus.AFFECTED, RangeStatus.UNAFFECTED, RangeStatus.UNKNOWN


def read(changes: dict[str, Any] | None = None, version: str = "2.0") -> Reading:
    return CsafFeed().read(document(advisory(changes, version=version)))


def record(changes: dict[str, Any] | None = None, version: str = "2.0") -> Record:
    return read(changes, version).records[0]


def ranges_of(name: str, status: str = "known_affected") -> tuple[VersionRange, ...]:
    changes = {f"{_BRANCH}.name": name, f"{_V}.product_status": {status: ["OLD"]}, f"{_V}.remediations": GONE}
    return record({**changes, "document.category": "csaf_base"}).affected[0].ranges


def test_the_head_of_a_record() -> None:
    found = record({"document.tracking.aliases": ["ACME-FLOW"], f"{_V}.release_date": "2026-02-28T00:00:00+02:00"})
    assert (found.feed, found.id) == ("Acme PSIRT", "ACME-2026-01:CVE-2026-10001")
    assert found.aliases == ("CVE-2026-10001", "ACME-2026-01", "ACME-FLOW")
    assert found.title == "Flowmaker lets anybody in"
    assert found.description == "Sign-in can be skipped."
    assert found.published_at == datetime(2026, 2, 27, 22, tzinfo=UTC)
    assert found.modified_at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert found.vendor_fixed_at == datetime(2026, 2, 27, tzinfo=UTC)
    assert found.severity == "critical"
    assert found.extra["cwes"] == ["CWE-287"]
    assert found.extra["revision"] == "2"
    assert [(score.version, score.stated, score.computed, score.by) for score in found.scores] == [
        ("3.1", 9.8, 9.8, "Acme PSIRT")
    ]
    assert [(each.kind, each.url) for each in found.remediations] == [
        (RemediationKind.VENDOR_FIX, "https://acme.example/2.4.1")
    ]


@pytest.mark.parametrize("version", ["2.0", "2.1"])
def test_affected_and_fixed_versions_of_one_product_are_one_entry(version: str) -> None:
    assert record(version=version).affected == (
        AffectedProduct(
            vendor="Acme",
            product="Flowmaker",
            default_status=UNAFFECTED,
            ranges=(
                VersionRange(AFFECTED, introduced="1.0.0", fixed="2.4.1", scheme="semver"),
                VersionRange(UNAFFECTED, exact="2.4.1"),
            ),
            fixed_versions=("2.4.1",),
        ),
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("<V3.5", {"fixed": "V3.5"}),
        ("< V3.5", {"fixed": "V3.5"}),
        ("All versions < V1.2", {"fixed": "V1.2"}),
        (">=1.0|<2.0", {"introduced": "1.0", "fixed": "2.0"}),
        ("vers:all/<V4.5", {"fixed": "V4.5"}),
        ("vers:npm/>=1.0.0|<=1.9.9", {"introduced": "1.0.0", "last_affected": "1.9.9", "scheme": "npm"}),
        ("vers:all/*", {}),
        ("All versions", {}),
        ("all versions", {}),
        ("4.1 and earlier", {"last_affected": "4.1"}),
        ("2.51.349.24355", {"exact": "2.51.349.24355"}),
        ("<= 2.12.1", {"last_affected": "2.12.1"}),
        (">=2.10.1|<2.18.3-alpha", {"introduced": "2.10.1", "fixed": "2.18.3-alpha"}),
        ("<Release 31", {"fixed": "31"}),
        (">=7.0.2|<7.0.2 iFix036", {"introduced": "7.0.2", "fixed": "7.0.2 iFix036"}),
        ("<V4.00_with_Parts_7.60c", {"fixed": "V4.00_with_Parts_7.60c"}),
    ],
)
def test_ranges_as_publishers_write_them(name: str, expected: dict[str, str]) -> None:
    assert ranges_of(name) == (VersionRange(AFFECTED, **expected),)


@pytest.mark.parametrize("name", ["versions as told by support", "n/a", "see the release notes"])
def test_a_range_nobody_can_read_leaves_every_version_unknown(name: str) -> None:
    changes = {f"{_BRANCH}.name": name, f"{_V}.product_status": {"known_affected": ["OLD"]}}
    found = record(changes).affected[0]
    assert (found.ranges, found.default_status) == ((), UNKNOWN)


def test_what_is_said_not_to_be_affected_or_is_looked_into() -> None:
    vex = {"document.category": "csaf_vex", f"{_V}.remediations": GONE, f"{_V}.scores": GONE}
    flags = [{"label": "vulnerable_code_not_present", "group_ids": ["BOTH"]}]
    spared = record({**vex, f"{_V}.product_status": {"known_not_affected": ["NEW"]}, f"{_V}.flags": flags})
    assert spared.affected[0].ranges == (VersionRange(UNAFFECTED, exact="2.4.1"),)
    assert spared.affected[0].default_status is UNAFFECTED
    assert spared.affected[0].fixed_versions == ()
    assert spared.extra["flags"][0]["label"] == "vulnerable_code_not_present"
    open_ = record({**vex, f"{_V}.product_status": {"under_investigation": ["NEW"]}})
    assert open_.affected[0].ranges == (VersionRange(UNKNOWN, exact="2.4.1"),)
    assert open_.affected[0].default_status is UNKNOWN


def test_first_and_last_affected_are_the_ends_of_one_range() -> None:
    changes = {f"{_BRANCH}.category": "product_version", f"{_BRANCH}.name": "1.5"}
    ends = {"first_affected": ["OLD"], "last_affected": ["NEW"], "first_fixed": ["FIX"]}
    added = {
        "product_tree.branches.0.branches.0.branches.+": {
            "category": "product_version",
            "name": "2.5",
            "product": {"name": "Flowmaker 2.5", "product_id": "FIX"},
        },
        f"{_V}.product_status": ends,
    }
    found = record({**changes, **added}).affected[0]
    assert found.ranges[0] == VersionRange(AFFECTED, introduced="1.5", last_affected="2.4.1")
    assert found.fixed_versions == ("2.5",)


def test_package_urls_and_cpe_names_name_products_without_branches() -> None:
    purl = {"name": "Flowmaker 1.0", "product_id": "P"}
    purl |= {"product_identification_helper": {"purl": "pkg:npm/%40acme/flowmaker@1.0.0?arch=x"}}
    cpe = {"name": "Flowmaker 7", "product_id": "C"}
    cpe |= {"product_identification_helper": {"cpe": "cpe:2.3:a:acme_inc:flow_maker:7.1:*:*:*:*:*:*:*"}}
    bare = {"name": "Flowmaker, all that you have", "product_id": "B"}
    found = record(
        {
            "product_tree.full_product_names": [purl, cpe, bare],
            f"{_V}.product_status": {"known_affected": ["P", "C", "B"]},
        }
    ).affected
    assert (found[0].purl, found[0].package) == ("pkg:npm/%40acme/flowmaker", "@acme/flowmaker")
    assert found[0].ranges == (VersionRange(AFFECTED, exact="1.0.0"),)
    assert (found[1].vendor, found[1].product) == ("acme inc", "flow maker")
    assert found[1].ranges == (VersionRange(AFFECTED, exact="7.1"),)
    assert (found[2].product, found[2].ranges, found[2].default_status) == (bare["name"], (), UNKNOWN)


def _package_in_a_distribution() -> dict[str, Any]:
    """As Red Hat does: a package is a component of a product, both in branches, with a package URL each."""
    return {
        "product_tree.branches.+": {
            "category": "vendor",
            "name": "Distribution",
            "branches": [
                {
                    "category": "product_version",
                    "name": "openssl-3.0.7-1.el9",
                    "product": {
                        "name": "openssl-3.0.7-1.el9",
                        "product_id": "openssl",
                        "product_identification_helper": {"purl": "pkg:rpm/dist/openssl@3.0.7-1.el9?arch=src"},
                    },
                },
                {"category": "product_name", "name": "Linux 9", "product": {"name": "Linux 9", "product_id": "9"}},
            ],
        },
        "product_tree.relationships": [
            {
                "category": "default_component_of",
                "full_product_name": {"name": "openssl as a component of Linux 9", "product_id": "9:openssl"},
                "product_reference": "openssl",
                "relates_to_product_reference": "9",
            }
        ],
        f"{_V}.product_status": {"known_affected": ["OLD"], "fixed": ["9:openssl"]},
    }


def test_a_package_in_a_distribution_is_the_package_on_that_platform() -> None:
    found = record(_package_in_a_distribution()).affected[1]
    assert (found.purl, found.platforms) == ("pkg:rpm/dist/openssl", ("Linux 9",))
    # The branch names the package with its version, the package URL the version alone.
    assert found.ranges == (VersionRange(UNAFFECTED, exact="3.0.7-1.el9"),)
    assert found.fixed_versions == ("3.0.7-1.el9",)


def test_what_is_only_said_to_be_fixed_leaves_other_versions_unknown() -> None:
    fixed = {f"{_V}.product_status": {"fixed": ["NEW"]}, f"{_V}.remediations": GONE, "document.category": "csaf_base"}
    found = record(fixed).affected[0]
    assert (found.ranges, found.default_status) == ((VersionRange(UNAFFECTED, exact="2.4.1"),), UNKNOWN)


def test_the_short_form_of_ssvc_that_cisa_writes_into_notes_is_read() -> None:
    note = {"category": "details", "title": "SSVC", "text": "SSVCv2/E:P/A:Y/T:T/2026-03-01T12:00:00Z/ "}
    points = record({f"{_V}.notes.+": note}).ssvc
    assert [(point.name, point.value) for point in points] == [
        ("exploitation", "public_poc"),
        ("automatable", "yes"),
        ("technical_impact", "total"),
    ]
    assert points[0].judged_at == datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "is_disputed"),
    [
        # As of CISA's VA-26-183-01: the vendor disputed it at first, and published the CVE itself a year later.
        ([("vendor", "2025-05-20", "disputed"), ("vendor", "2026-07-01", "completed")], False),
        ([("vendor", "2026-07-01", "completed"), ("vendor", "2025-05-20", "disputed")], False),
        ([("vendor", "2025-05-20", "in_progress"), ("vendor", "2026-01-17", "disputed")], True),
        ([("vendor", "2025-05-20", "disputed"), ("coordinator", "2026-07-02", "completed")], True),
        ([("vendor", "", "disputed")], True),
        ([("vendor", "", "disputed"), ("vendor", "2026-01-17", "completed")], True),
    ],
)
def test_what_a_party_disputes_as_of_its_last_word_is_disputed(
    told: list[tuple[str, str, str]], is_disputed: bool
) -> None:
    involvements = [
        {"party": party, "status": status, **({"date": f"{day}T00:00:00Z"} if day else {})}
        for party, day, status in told
    ]
    assert record({f"{_V}.involvements": involvements}).is_disputed is is_disputed


GROWATT = (
    "Growatt reports the cloud based vulnerabilities were patched and no user action is needed. Additionally, "
    "Growatt strongly recommends that their users take proactive steps in securing their devices:"
)
FIRMWARE = "Update all devices to the latest firmware version. (Updates are automatic, no user action needed.)"
ADOBE = (
    "This bulletin applies only to fully on-premise deployments. Vendor-hosted instances have already been remediated "
    "and require no customer action; no user action is required for hosted instances that were patched."
)


@pytest.mark.parametrize(
    ("category", "texts", "is_hosted"),
    [
        ("mitigation", [GROWATT, FIRMWARE], True),
        ("mitigation", [FIRMWARE], False),
        # As of CISA's ICSA-23-136-01: devices that the vendor's cloud updates are still devices.
        ("vendor_fix", ["Pro: v7.3 has been automatically pushed out to devices to update via the cloud."], False),
        ("vendor_fix", ["The issue was fixed in the cloud service on May 2. No user action is required."], True),
        ("vendor_fix", ["No user action is required, as the issue was fixed in the cloud service on May 2."], True),
        ("none_available", ["No user action is required: the vendor mitigated it in its SaaS platform."], True),
        ("none_available", ["No user action is required."], False),
        (
            "vendor_fix",
            ["The hosted service was patched, no customer action is needed. Update the agent to 3.1."],
            False,
        ),
        ("vendor_fix", ["Update to 2.4.1.", "The cloud was patched and no user action is needed."], False),
        ("mitigation", [ADOBE], False),
        ("vendor_fix", ["Cloud: the fix was deployed, no action is required. Self-hosted: see the portal."], False),
    ],
)
def test_only_where_a_service_was_mended_by_its_vendor_is_it_hosted_only(
    category: str, texts: list[str], is_hosted: bool
) -> None:
    told = [{"category": category, "details": text, "product_ids": ["OLD"]} for text in texts]
    assert record({f"{_V}.remediations": told}).is_hosted_only is is_hosted


def test_what_the_vendor_alone_could_mend_is_hosted_only() -> None:
    text = "The vulnerability documented by this CVE requires no customer action to resolve."
    note = {"category": "general", "title": "Customer Action", "text": text}
    assert record({"document.notes": [note]}).is_hosted_only
    assert record({f"{_V}.notes.+": note}).is_hosted_only
    required = {**note, "text": text.replace("requires no", "requires")}
    assert not record({"document.notes": [required]}).is_hosted_only


def test_2_1_tells_probability_ssvc_and_exploitation() -> None:
    epss = {"percentile": "0.91", "probability": "0.5", "timestamp": "2026-03-01T00:00:00Z"}
    point = {"key": "E", "name": "Exploitation", "namespace": "ssvc", "version": "1.1.0"}
    ssvc = {"selections": [{**point, "values": [{"key": "A", "name": "Active"}]}], "timestamp": "2026-03-01T00:00:00Z"}
    seen = {"date": "2026-03-01T00:00:00Z", "exploitation_date": "2026-02-20T00:00:00Z", "product_ids": ["OLD"]}
    found = record(
        {
            f"{_V}.metrics.0.content.epss": epss,
            f"{_V}.metrics.+": {"content": {"ssvc_v2": ssvc}, "products": ["OLD"], "source": "https://cert.example"},
            f"{_V}.first_known_exploitation_dates": [seen],
        },
        "2.1",
    )
    assert found.epss is not None
    assert (found.epss.probability, found.epss.percentile) == (0.5, 0.91)
    assert [(each.name, each.value, each.by) for each in found.ssvc] == [
        ("exploitation", "active", "https://cert.example")
    ]
    assert found.extra["exploited_at"] == ["2026-02-20T00:00:00Z"]


def test_several_vulnerabilities_are_several_records_that_no_alias_makes_one() -> None:
    other = {"ids": [{"system_name": "Acme", "text": "A-7"}], "product_status": {"known_affected": ["OLD"]}}
    other |= {"notes": [{"category": "other", "text": "x"}]}
    third = {"title": "Nameless", "product_status": {"known_affected": ["OLD"]}, "notes": other["notes"]}
    records = read({"vulnerabilities.+": other}).records
    assert [each.id for each in records] == ["ACME-2026-01:CVE-2026-10001", "ACME-2026-01:A-7"]
    assert [each.aliases for each in records] == [("CVE-2026-10001", "ACME-2026-01"), ("A-7",)]
    assert read({"vulnerabilities.+": third}).records[1].id == "ACME-2026-01:2"


def test_a_document_without_vulnerabilities_is_a_record_of_itself() -> None:
    note = {"category": "summary", "text": "Nothing to do. password = hunter2hunter2"}
    link = {"category": "external", "summary": "More", "url": "https://acme.example/more"}
    talk = {"document.category": "csaf_informational_advisory", "vulnerabilities": GONE, "document.notes": [note]}
    found = record({**talk, "document.references.+": link})
    assert (found.id, found.affected, found.withdrawn_at) == ("ACME-2026-01", (), None)
    assert "hunter2" not in found.description
    assert "https://acme.example/more" in found.references


def test_a_withdrawn_document_says_when() -> None:
    note = {"category": "description", "text": "It was wrong.", "title": "Reasoning for Withdrawal"}
    gone = {"document.category": "csaf_withdrawn", "vulnerabilities": GONE, "product_tree": GONE}
    assert record({**gone, "document.notes": [note]}, "2.1").withdrawn_at == datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_a_draft_is_read_and_called_one() -> None:
    reading = read({"document.tracking.status": "draft"})
    assert [problem.code for problem in reading.problems] == ["draft"]
    assert len(reading.records) == 1


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        ("workaround", RemediationKind.CONFIGURATION),
        ("mitigation", RemediationKind.MITIGATION),
        ("none_available", RemediationKind.NONE_AVAILABLE),
        ("no_fix_planned", RemediationKind.NO_FIX_PLANNED),
    ],
)
def test_remediations_keep_their_meaning(category: str, kind: RemediationKind) -> None:
    found = record({f"{_V}.remediations.0.category": category})
    assert found.remediations[0].kind is kind
    assert found.vendor_fixed_at is None


def test_slips_of_real_publishers_are_accepted_and_told() -> None:
    slips = {f"{_V}.remediations.0.date": "2026-02-27", f"{_V}.cwe.name": "Improper Authentication (any)"}
    reading = read(slips)
    assert [problem.code for problem in reading.problems] == ["day_for_time", "weakness_name"]
    assert reading.records[0].vendor_fixed_at == datetime(2026, 2, 27, tzinfo=UTC)


@pytest.mark.parametrize("name", ["IMPROPER AUTHENTICATION", "Insufficient Authentication"])
def test_a_weakness_may_have_a_name_it_once_had(name: str) -> None:
    assert read({f"{_V}.cwe.name": name}).problems == ()


@pytest.mark.parametrize(
    ("name", "expected"),
    [("vers:all/*", {}), ("vers:npm/<2.0.0", {"fixed": "2.0.0", "scheme": "npm"})],
)
def test_a_range_that_stands_for_one_version_is_read_as_the_range_and_told(name: str, expected: dict[str, str]) -> None:
    slip = {f"{_BRANCH}.category": "product_version", f"{_BRANCH}.name": name}
    reading = read({**slip, f"{_V}.product_status": {"known_affected": ["OLD"]}})
    assert reading.records[0].affected[0].ranges == (VersionRange(AFFECTED, **expected),)
    assert [problem.code for problem in reading.problems] == ["range_as_version"]
    with pytest.raises(UnreadableInput, match=r"CSAF test 6\.1\.31"):
        read(slip, "2.1")


@pytest.mark.parametrize("name", ["CMS7.820.075.08/0.74(0.75)", "smart3250-2.6.27-wlan2.1.7.cramfs", "R16A", "4.24."])
def test_one_version_of_any_spelling_is_that_version(name: str) -> None:
    changes = {f"{_BRANCH}.category": "product_version", f"{_BRANCH}.name": name}
    found = record({**changes, f"{_V}.product_status": {"known_affected": ["OLD"]}}).affected[0]
    assert found.ranges == (VersionRange(AFFECTED, exact=name),)


def test_scores_in_time_and_environment_are_held_against_the_vector_as_the_specification_computes_them() -> None:
    score = {
        "version": "3.1",
        "vectorString": "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:C/C:H/I:H/A:H/RL:O/RC:C",
        "baseScore": 9,
        "baseSeverity": "CRITICAL",
        "temporalScore": 8.6,
        "temporalSeverity": "HIGH",
        # Not 8.6: impact on another scope is computed otherwise for an environment (CVSS 3.1, section 7.3).
        "environmentalScore": 8.7,
        "environmentalSeverity": "HIGH",
    }
    assert read({f"{_V}.scores.0.cvss_v3": score}).problems == ()
    with pytest.raises(UnreadableInput, match="environmentalScore"):
        read({f"{_V}.scores.0.cvss_v3": {**score, "environmentalScore": 8.6}})


def test_shapes_as_cisa_publishes_them_are_read_without_a_word() -> None:
    newest_first = [
        {"date": "2026-03-02T09:00:00Z", "number": "1.0.1", "summary": "Second"},
        {"date": "2026-03-01T09:00:00.000000Z", "number": "1.0.0", "summary": "First", "legacy_version": "Initial"},
    ]
    found = read(
        {
            "document.publisher": {
                "category": "coordinator",
                "contact_details": "Email: desk@cert.example;\n Toll Free: 1",
                "name": "CERT",
                "namespace": "https://cert.example/",
            },
            "document.tracking.revision_history": newest_first,
            "document.tracking.version": "1.0.1",
            # The first release may be told earlier than the first revision.
            "document.tracking.initial_release_date": "2026-02-01T00:00:00Z",
            "document.notes": [{"category": "other", "text": " Worldwide", "title": "Countries/areas deployed"}],
            "document.references.+": {"summary": "More", "url": "https://acme.example/a?C=M;O=D#CVSS:3.1/AV:N"},
            # One product name stands in two branches.
            "product_tree.branches.0.branches.+": {
                "category": "product_name",
                "name": "Flowmaker",
                "branches": [
                    {
                        "category": "product_version",
                        "name": "v0.9",
                        "product": {
                            "name": "Acme Flowmaker: v0.9",
                            "product_id": "CSAFPID-00010",
                            "product_identification_helper": {"model_numbers": ["6GK5302-7GD00-2EA3"]},
                        },
                    }
                ],
            },
            f"{_V}.product_status.known_affected": ["OLD", "CSAFPID-00010"],
            # Fixes are told of what has them, too.
            f"{_V}.remediations.+": {"category": "vendor_fix", "details": "Fixed in 2.4.1.", "product_ids": ["NEW"]},
        }
    )
    assert found.problems == ()
    assert [each.product for each in found.records[0].affected] == ["Flowmaker"]
    assert VersionRange(AFFECTED, exact="v0.9") in found.records[0].affected[0].ranges
