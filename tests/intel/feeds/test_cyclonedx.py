"""CycloneDX: what is refused, which components it names, what it says of vulnerabilities."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component as TheirComponent
from cyclonedx.model.component import ComponentType
from cyclonedx.output.json import JsonV1Dot4, JsonV1Dot5, JsonV1Dot6
from packageurl import PackageURL

from passmuster.errors import UnreadableInput
from passmuster.intel.boms import read_components
from passmuster.intel.feeds.cyclonedx.feed import CycloneDxFeed
from passmuster.intel.feeds.cyclonedx.valid import VERSIONS
from passmuster.intel.feeds.interface import Document
from passmuster.model.advisory import AffectedProduct, RangeStatus, RemediationKind, VersionRange
from passmuster.model.component import Component, ComponentKind
from passmuster.model.words import Hosting

AFFECTED, UNAFFECTED, UNKNOWN = RangeStatus.AFFECTED, RangeStatus.UNAFFECTED, RangeStatus.UNKNOWN
VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"

BOM: dict[str, Any] = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
    "version": 2,
    "metadata": {
        "timestamp": "2026-03-02T09:00:00Z",
        "component": {"type": "application", "name": "Flowmaker", "version": "2.4.0", "bom-ref": "app"},
        "supplier": {"name": "Acme"},
    },
    "components": [
        {
            "type": "library",
            "group": "@acme",
            "name": "steps",
            "version": "1.2.3",
            "bom-ref": "lib",
            "purl": "pkg:npm/%40acme/steps@1.2.3",
            "components": [{"type": "library", "name": "inner", "purl": "pkg:npm/inner@9.9.9"}],
        },
        {"type": "application", "name": "n8n", "purl": "pkg:npm/n8n@1.120.0", "publisher": "n8n GmbH"},
    ],
    "services": [
        {
            "name": "Power Platform",
            "bom-ref": "pp",
            "provider": {"name": "Microsoft"},
            "endpoints": ["https://make.example"],
            "services": [{"name": "Dataverse"}],
        }
    ],
    "vulnerabilities": [
        {
            "id": "CVE-2026-10001",
            "ratings": [{"method": "CVSSv31", "score": 9.8, "severity": "critical", "vector": VECTOR[9:]}],
            "cwes": [287],
            "description": "Sign-in can be skipped.",
            "recommendation": "Update to 1.2.4.",
            "published": "2026-03-01T09:00:00Z",
            "analysis": {"state": "exploitable", "response": ["update"]},
            "affects": [{"ref": "lib", "versions": [{"range": "vers:npm/>=1.0.0|<1.2.4"}]}],
        }
    ],
}


def bom(**changes: Any) -> Document:
    return Document("bom.json", "", {**copy.deepcopy(BOM), **changes})


def vulnerable(**changes: Any) -> Document:
    return bom(vulnerabilities=[{**copy.deepcopy(BOM["vulnerabilities"][0]), **changes}])


def affected(**changes: Any) -> AffectedProduct:
    return CycloneDxFeed().read(vulnerable(**changes)).records[0].affected[0]


def test_components_services_and_what_is_inside_them() -> None:
    assert read_components(bom()) == (
        Component("app", "Flowmaker", ComponentKind.PLATFORM, "2.4.0"),
        Component("lib", "@acme/steps", ComponentKind.EMBEDDED, "1.2.3", "pkg:npm/%40acme/steps@1.2.3"),
        Component("pkg:npm/inner@9.9.9", "inner", ComponentKind.EMBEDDED, "9.9.9", "pkg:npm/inner@9.9.9"),
        Component("pkg:npm/n8n@1.120.0", "n8n", ComponentKind.PLATFORM, "1.120.0", "pkg:npm/n8n@1.120.0", "n8n GmbH"),
        Component("pp", "Power Platform", ComponentKind.SERVICE, None, vendor="Microsoft", hosting=Hosting.VENDOR),
        Component("Dataverse", "Dataverse", ComponentKind.SERVICE, None, hosting=Hosting.VENDOR),
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_services_of_every_version_are_read(version: str) -> None:
    found = read_components(bom(specVersion=version, components=[], vulnerabilities=[]))
    assert [each.name for each in found if each.kind is ComponentKind.SERVICE] == ["Power Platform", "Dataverse"]


@pytest.mark.parametrize("writer", [JsonV1Dot4, JsonV1Dot5, JsonV1Dot6])
def test_what_another_program_writes_is_read(writer: Any) -> None:
    theirs = Bom()
    purl = PackageURL("npm", "@acme", "steps", "1.2.3")
    theirs.components.add(TheirComponent(name="steps", version="1.2.3", type=ComponentType.LIBRARY, purl=purl))
    text = writer(theirs).output_as_string()
    found = read_components(Document("bom.json", text, json.loads(text)))
    assert [(each.name, each.version, each.purl) for each in found] == [("steps", "1.2.3", str(purl))]


def test_properties_tell_what_cyclonedx_has_no_field_for() -> None:
    told = {"passmuster:hosting": "self", "passmuster:environment": "prod", "passmuster:product": "n8n"}
    properties = [{"name": name, "value": value} for name, value in told.items()]
    item = {"type": "application", "name": "n8n", "properties": properties}
    found = read_components(bom(components=[item], vulnerabilities=[]))[1]
    assert (found.hosting, found.environment_id, found.product) == (Hosting.SELF, "prod", "n8n")
    wrong = {**item, "properties": [{"name": "passmuster:hosting", "value": "cellar"}]}
    with pytest.raises(UnreadableInput, match=r"components\.0\.properties: passmuster:hosting: 'cellar' is none of"):
        read_components(bom(components=[wrong], vulnerabilities=[]))


def test_two_things_of_one_name_get_two_ids() -> None:
    twins = [{"type": "library", "name": "a", "version": "1"}, {"type": "framework", "name": "a", "version": "1"}]
    other = [{"type": "library", "name": "a", "version": "1", "publisher": "B"}]
    assert [each.id for each in read_components(bom(components=twins + other, vulnerabilities=[]))][1:3] == [
        "a@1",
        "a@1#2",
    ]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"specVersion": "1.3"}, "specVersion: '1.3' is none of 1.4, 1.5, 1.6, 1.7"),
        ({"specVersion": "9"}, "specVersion: '9' is none of"),
        ({"bomFormat": "SPDX"}, "bomFormat: must be CycloneDX"),
        ({"components": [{"type": "library"}]}, "components.0: 'name' must be given"),
        ({"components": [{"type": "gadget", "name": "a"}]}, "components.0.type: 'gadget' is none of"),
        ({"components": [BOM["components"][1]] * 2}, "components: holds the same item twice"),
        ({"services": [{"name": "a", "hosted": True}]}, "unknown key 'hosted'"),
        ({"services": [{"name": "a", "bom-ref": "lib"}]}, "services.0.bom-ref: 'lib' is that of components.0 already"),
        ({"serialNumber": "7"}, "serialNumber"),
        ({"vulnerabilities": [{"id": "X", "affects": [{"ref": "ghost"}]}]}, "nothing has the bom-ref 'ghost'"),
        ({"vulnerabilities": [{"id": "X", "analysis": {"state": "fine"}}]}, "'fine' is none of"),
        ({"metadata": {"timestamp": "yesterday"}}, "metadata.timestamp"),
        ({"externalReferences": [{"type": "website", "url": "two words"}]}, "externalReferences.0.url"),
        ({"metadata": {"authors": [{"email": "nobody"}]}}, "metadata.authors.0.email"),
    ],
)
def test_an_invalid_document_is_refused_with_the_place(changes: dict[str, Any], told: str) -> None:
    for read in (read_components, CycloneDxFeed().read):
        with pytest.raises(UnreadableInput) as caught:
            read(bom(**changes))
        assert told in str(caught.value)
        assert str(caught.value).startswith("bom.json: ")


def test_xml_is_named_and_refused() -> None:
    text = '<?xml version="1.0"?>\n<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1"/>'
    assert CycloneDxFeed().recognises(Document("bom.xml", text))
    with pytest.raises(UnreadableInput, match=r"bom\.xml: is CycloneDX as XML, which is not read; export it as JSON"):
        CycloneDxFeed().read(Document("bom.xml", text))


def test_a_vulnerability_becomes_a_record() -> None:
    reading = CycloneDxFeed().read(bom())
    found = reading.records[0]
    assert reading.problems == ()
    assert (found.feed, found.aliases) == ("Acme", ("CVE-2026-10001",))
    assert found.id == "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79:CVE-2026-10001"
    assert found.published_at == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert found.severity == "critical"
    assert (found.scores[0].version, found.scores[0].stated, found.scores[0].computed) == ("3.1", 9.8, 9.8)
    assert [(each.kind, each.text) for each in found.remediations] == [(RemediationKind.VENDOR_FIX, "Update to 1.2.4.")]
    assert found.affected == (
        AffectedProduct(
            product="@acme/steps",
            package="@acme/steps",
            purl="pkg:npm/%40acme/steps",
            default_status=UNAFFECTED,
            ranges=(VersionRange(AFFECTED, introduced="1.0.0", fixed="1.2.4", scheme="npm"),),
            fixed_versions=("1.2.4",),
        ),
    )


@pytest.mark.parametrize(
    ("state", "status", "default"),
    [
        ("exploitable", AFFECTED, UNKNOWN),
        ("in_triage", UNKNOWN, UNKNOWN),
        ("not_affected", UNAFFECTED, UNAFFECTED),
        ("false_positive", UNAFFECTED, UNAFFECTED),
        ("resolved", UNAFFECTED, UNKNOWN),
    ],
)
def test_the_analysis_decides_where_no_versions_are_listed(
    state: str, status: RangeStatus, default: RangeStatus
) -> None:
    found = affected(analysis={"state": state}, affects=[{"ref": "lib"}])
    assert (found.ranges, found.default_status) == ((VersionRange(status, exact="1.2.3"),), default)
    assert found.fixed_versions == (("1.2.3",) if state == "resolved" else ())


def test_listed_versions_have_their_own_status_unless_the_analysis_spares_them() -> None:
    versions = [{"version": "1.0"}, {"version": "2.0", "status": "unaffected"}]
    assert affected(affects=[{"ref": "lib", "versions": versions}]).ranges == (
        VersionRange(AFFECTED, exact="1.0"),
        VersionRange(UNAFFECTED, exact="2.0"),
    )
    spared = affected(analysis={"state": "not_affected"}, affects=[{"ref": "lib", "versions": versions}])
    assert {each.status for each in spared.ranges} == {UNAFFECTED}


def test_a_vulnerability_of_services_alone_is_hosted_only() -> None:
    found = CycloneDxFeed().read(vulnerable(affects=[{"ref": "pp"}])).records[0]
    assert found.is_hosted_only
    assert (found.affected[0].vendor, found.affected[0].product) == ("Microsoft", "Power Platform")
    mixed = CycloneDxFeed().read(vulnerable(affects=[{"ref": "pp"}, {"ref": "lib"}])).records[0]
    assert not mixed.is_hosted_only


def test_a_link_into_another_bill_names_what_its_package_url_does() -> None:
    link = "urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#pkg%3Anpm/n8n@1.0"
    assert affected(affects=[{"ref": link.replace("%3A", ":")}]).purl == "pkg:npm/n8n"


def test_a_rejected_one_is_withdrawn_and_odd_scores_are_told() -> None:
    ratings = [
        {"method": "CVSSv31", "score": 3.1, "vector": VECTOR},
        {"method": "SSVC", "vector": "SSVCv2/E:A/A:Y/T:T/"},
    ]
    reading = CycloneDxFeed().read(vulnerable(rejected="2026-04-01T00:00:00Z", ratings=ratings))
    assert reading.records[0].is_rejected
    assert reading.records[0].withdrawn_at == datetime(2026, 4, 1, tzinfo=UTC)
    assert [problem.code for problem in reading.problems] == ["score_differs"]
    assert [point.value for point in reading.records[0].ssvc] == ["active", "yes", "total"]


def test_a_bill_without_vulnerabilities_is_accepted_and_says_what_it_is_for() -> None:
    reading = CycloneDxFeed().read(bom(vulnerabilities=[]))
    assert reading.records == ()
    assert [problem.code for problem in reading.problems] == ["no_vulnerabilities"]


def test_thousands_of_components_are_held_against_each_other_without_comparing_every_pair() -> None:
    many = [{"type": "library", "name": f"c{number}", "bom-ref": f"r{number}"} for number in range(3000)]
    assert len(read_components(bom(components=many, vulnerabilities=[]))) == 3003
