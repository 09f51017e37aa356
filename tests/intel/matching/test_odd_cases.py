"""Odd records, their facts written down by hand, and what each means for versions around its ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passmuster.intel.catalogue.load import load_catalogue
from passmuster.intel.matching.match import match
from passmuster.model.advisory import (
    Advisory,
    AffectedProduct,
    Notice,
    NoticeKind,
    RangeStatus,
    Record,
    RecordKind,
    VersionRange,
)
from passmuster.model.component import Component
from tests.intel.matching.asking import advisory_of, ask, cve_record, verdict


def _version(told: str | dict[str, str]) -> dict[str, str]:
    if isinstance(told, dict):
        return {"status": "affected", **told}
    if ".." in told:
        low, high = told.split("..", 1)
        return {"status": "affected", "version": low, "lessThan": high, "versionType": "custom"}
    return {"status": "affected", "version": told}


def entry(vendor: str, product: str, *versions: str | dict[str, str], **more: Any) -> dict[str, Any]:
    """An `affected` entry; a version as text is affected, `A..B` is from A (inclusive) to B (exclusive)."""
    return {"vendor": vendor, "product": product, "versions": [_version(each) for each in versions], **more}


def before(*versions: str) -> list[str | dict[str, str]]:
    return [{"version": "0", "lessThan": each, "versionType": "custom"} for each in versions]


HOSTED_MENDED = "ServiceNow addressed it by deploying a security update to hosted instances."

# The facts of real records of 2025 and 2026 (named), and of shapes they come in.
RECORDS: dict[str, dict[str, Any]] = {
    "CVE-2025-68613": cve_record([entry("n8n-io", "n8n", ">= 0.211.0, < 1.120.4", "= 1.121.0")]),
    "CVE-2026-25049": cve_record([entry("n8n-io", "n8n", "< 1.123.17", "< 2.5.2")]),
    "CVE-2025-59528": cve_record(
        [entry("FlowiseAI", "Flowise", "= 3.0.5")], text="This issue has been patched in version 3.0.6."
    ),
    "CVE-2025-62181": cve_record(
        [entry("Pegasystems", "Pega Infinity", "7.1.0..Infinity 25.1.1")],
        text="A fix is being provided in the 24.1.4, 24.2.4, and 25.1.1 patch releases.",
    ),
    "CVE-2025-3089": cve_record(
        [
            entry(
                "ServiceNow",
                "ServiceNow AI Platform",
                "Aspen..Washington DC Patch 10 Hot Fix 2a",
                "Aspen..Xanadu Patch 7a",
                "Aspen..Xanadu Patch 8",
                "Aspen..Yokohama Patch 1a",
                "Aspen..Yokohama Patch 2",
                "Aspen..Zurich (EA)",
            )
        ]
    ),
    "CVE-2026-1470": cve_record(
        [
            {
                "collectionURL": "https://www.npmjs.com",
                "packageName": "n8n",
                "versions": [_version(each) for each in ("0..1.123.17", "2.0.0..2.4.5", "2.5.0..2.5.1")],
            }
        ]
    ),
    "CVE-2026-20960": cve_record([entry("Microsoft", "Microsoft Power Apps", "1710 (9.2.23071.136)..25121")]),
    "CVE-2026-26149": cve_record([entry("Microsoft", "Microsoft Power Apps Desktop Client", "1.0.0..3.26032.10.0")]),
    "CVE-2025-26319": cve_record(
        [entry("n/a", "n/a", "n/a")], text="FlowiseAI Flowise v2.2.6 was discovered to contain an upload flaw."
    ),
    "CVE-2025-10318": cve_record(
        [entry("n/a", "JeecgBoot", "3.8.0", "3.8.1", "3.8.2")], text="A flaw was found in JeecgBoot up to 3.8.2."
    ),
    "CVE-2025-34291": cve_record(
        [entry("Langflow", "Langflow", {"version": "0", "lessThanOrEqual": "1.6.9", "versionType": "semver"})]
    ),
    "CVE-2025-55746": cve_record([entry("directus", "directus", ">= 10.8.0, < 11.9.3")]),
    "CVE-2026-24042": cve_record(
        [entry("appsmithorg", "appsmith", "<= 1.94")], text="This issue does not have a released fix."
    ),
    "CVE-2026-46554": cve_record([entry("nocodb", "nocodb", "< 2026.04.4")]),
    "CVE-2025-3648": cve_record([entry("ServiceNow", "Now Platform", "Aspen", defaultStatus="affected")]),
    "CVE-2025-0337": cve_record(
        [
            entry("ServiceNow", "Now Platform", *before("Washington DC Patch 9", "Xanadu Patch 4", "Yokohama")),
        ]
    ),
    "CVE-2026-0542": cve_record(
        [
            entry(
                "ServiceNow",
                "ServiceNow AI Platform",
                *before(
                    "Australia",
                    "Zurich Patch 5",
                    "Zurich Patch 4 Hot Fix 3b",
                    "Yokohama Patch 12",
                    "Yokohama Patch 10 Hot Fix 1b",
                    "Xanadu Patch 11 Hot Fix 1a",
                ),
            )
        ],
        text=HOSTED_MENDED,
    ),
    "CVE-2024-8923": cve_record(
        [entry("ServiceNow", "Now Platform", *before("Vancouver Patch 9 Hot Fix 2a", "Xanadu GA Release"))]
    ),
    "CVE-2025-12420": cve_record(
        [
            entry(
                "ServiceNow",
                "Now Assist AI Agents",
                {"version": "5.0.26", "lessThanOrEqual": "5.1.17", "versionType": "semver"},
                {"version": "5.0.26", "lessThanOrEqual": "5.2.18", "versionType": "semver"},
            ),
            entry("ServiceNow", "Virtual Agent API", *before("3.15.2", "4.0.4")),
        ]
    ),
    "CVE-2025-43697": cve_record([entry("Salesforce", "OmniStudio", *before("Spring 2025"))]),
    "CVE-2025-52446": cve_record(
        [entry("Salesforce", "Tableau Server", *before("2025.1.3", "2024.2.12", "2023.3.19"))]
    ),
    "CVE-2025-8681": cve_record([entry("Pegasystems", "Pega Infinity", "7.1.0..Infinity 24.2.3")]),
    "CVE-2025-40758": cve_record(
        [
            entry("Siemens", "Mendix SAML (Mendix 10.12 compatible)", *before("V4.0.3")),
            entry("Siemens", "Mendix SAML (Mendix 10.21 compatible)", *before("V4.1.2")),
            entry("Siemens", "Mendix SAML (Mendix 9.24 compatible)", *before("V3.6.21")),
        ]
    ),
    "CVE-2025-40592": cve_record(
        [
            entry("Siemens", "Mendix Studio Pro 10", *before("V10.23.0")),
            entry("Siemens", "Mendix Studio Pro 10.12", *before("V10.12.17")),
            entry("Siemens", "Mendix Studio Pro 10.18", *before("V10.18.7")),
            entry("Siemens", "Mendix Studio Pro 11", *before("*")),
            entry("Siemens", "Mendix Studio Pro 8", *before("V8.18.35")),
        ]
    ),
    "CVE-2025-47733": cve_record(
        [entry("Microsoft", "Microsoft Power Apps", "N/A")], tags=("exclusively-hosted-service",)
    ),
    "CVE-2025-24989": cve_record(
        [entry("Microsoft", "Microsoft Power Pages", "N/A")],
        text="This vulnerability has already been mitigated in the service.",
    ),
    "CVE-2025-21187": cve_record([entry("Microsoft", "Power Automate for Desktop", "1.0.0.0..2.52.62.25009")]),
    "CVE-2025-47424": cve_record(
        [entry("n/a", "n/a", "n/a")], text="Retool (self-hosted) before 3.196.0 allows Host header injection."
    ),
    "CVE-2024-42056": cve_record(
        [entry("n/a", "n/a", "n/a")],
        text="Retool (self-hosted enterprise) through 3.40.0 leaks. The earliest affected version is 3.18.1.",
    ),
    "CVE-2025-62210": cve_record([entry("Microsoft", "Dynamics 365 Field Service (online)", "1.0.0..8.8.139.398")]),
    "CVE-2024-36259": cve_record(
        [entry("Odoo", "Odoo Community", {"version": "master", "lessThanOrEqual": "17.0", "versionType": "semver"})]
    ),
    "CVE-2025-41656": cve_record(
        [entry("Pilz", "IndustrialPI 4", {"version": "0", "lessThanOrEqual": "2024-08", "versionType": "semver"})]
    ),
    "inverted": cve_record([entry("Microsoft", "Microsoft Dynamics 365 (on-premises) version 9.1", "9.0..1.29")]),
    "commit": cve_record([entry("n8n-io", "n8n", {"version": "0", "lessThan": "a1b2c3d", "versionType": "custom"})]),
    "hash only": cve_record([entry("strapi", "strapi", {"version": "0a1b", "lessThan": "9f8e", "versionType": "git"})]),
    "spared": cve_record(
        [
            entry(
                "strapi",
                "strapi",
                {"version": "5.1.0", "lessThan": "*", "status": "unaffected", "versionType": "semver"},
                defaultStatus="affected",
            )
        ]
    ),
    "said both": cve_record(
        [entry("strapi", "strapi", *before("5.0.0"), {"version": "4.25.9", "status": "unaffected"})]
    ),
    "every": cve_record([entry("Budibase", "budibase", "*")]),
    "overlapping": cve_record([entry("directus", "directus", "< 10.0.0", "*")]),
    "embed": cve_record([entry("FlowiseAI", "FlowiseChatEmbed", *before("2.0.0"), packageName="flowise-embed")]),
    "plug-in": cve_record([entry("AlexaCRM", "Dynamics 365 Integration", *before("1.3.18"))]),
    "by CPE alone": cve_record(
        [entry("n/a", "n/a", "< 2.0.0", cpes=["cpe:2.3:a:flowiseai:flowise:*:*:*:*:*:node.js:*:*"])]
    ),
    "CVE-2026-40127": cve_record([entry("OutSystems", "LifeTime", *before("11.28.2.3955"))]),
    "lookalike": cve_record([entry("some plug-in maker", "Power BI", "< 9.0.0")]),
    "weird vendor": cve_record([entry("somebody else", "n8n", "< 9.0.0")]),
    "Bonita": cve_record([entry("Bonitasoft", "Bonita Platform", *before("2024.2-u1"))]),
    "Nintex-like": cve_record([entry("Creatio", "Creatio", "8.1.3.6559", "8.x")]),
    "pre-release": cve_record([entry("saltcorn", "saltcorn", "< 1.0.0-beta.16")]),
    "Business Central": cve_record(
        [
            entry(
                "Microsoft",
                "Microsoft Dynamics 365 Business Central 2023 Release Wave 1",
                "22.0.0..App Build 22.16.64731, Platform Build 22.0.64727",
            )
        ]
    ),
}

CASES = """
CVE-2025-68613 | n8n | 0.210.9 | not_affected
CVE-2025-68613 | n8n | 0.211.0 | affected
CVE-2025-68613 | N8N | v1.120.3 | affected
CVE-2025-68613 | n8n | 1.120.4 | fixed
CVE-2025-68613 | n8n | 1.121.0 | affected
CVE-2025-68613 | n8n | 1.121.1 | fixed
CVE-2025-68613 | pkg:npm/n8n | 1.100.0 | affected
CVE-2025-68613 | pkg:npm/n8n-workflow | 1.100.0 | -
CVE-2025-68613 | n8n | | needs_review
CVE-2026-25049 | n8n | 1.123.16 | affected
CVE-2026-25049 | n8n | 1.123.17 | fixed
CVE-2026-25049 | n8n | 1.123.20 | fixed
CVE-2026-25049 | n8n | 1.124.0 | needs_review
CVE-2026-25049 | n8n | 2.0.0 | needs_review
CVE-2026-25049 | n8n | 2.5.1 | affected
CVE-2026-25049 | n8n | 2.5.2-rc.1 | affected
CVE-2026-25049 | n8n | 2.5.2 | fixed
CVE-2026-25049 | n8n | 0.9.0 | affected
CVE-2025-59528 | Flowise | 3.0.5 | affected
CVE-2025-59528 | Flowise | 3.0.6 | fixed
CVE-2025-59528 | Flowise | 3.0.4 | not_affected
CVE-2025-62181 | Pega Platform | 24.2.3 | affected
CVE-2025-62181 | Pega Platform | 24.2.4 | fixed
CVE-2025-62181 | Pega Platform | Infinity 24.1.4 | fixed
CVE-2025-62181 | Pega Platform | 25.1.0 | affected
CVE-2025-62181 | Pega Platform | 25.1.1 | fixed
CVE-2025-62181 | Pega Platform | 8.8.5 | affected
CVE-2025-3089 | ServiceNow AI Platform | Washington DC Patch 10 Hot Fix 2 | affected
CVE-2025-3089 | ServiceNow AI Platform | Washington DC Patch 10 Hot Fix 2a | fixed
CVE-2025-3089 | ServiceNow | Xanadu Patch 7 | affected
CVE-2025-3089 | ServiceNow | Xanadu Patch 7a | fixed
CVE-2025-3089 | ServiceNow | Yokohama Patch 1 | affected
CVE-2025-3089 | ServiceNow | Zurich | fixed
CVE-2026-1470 | n8n | 1.123.16 | affected
CVE-2026-1470 | n8n | 1.123.17 | fixed
CVE-2026-1470 | n8n | 2.4.4 | affected
CVE-2026-1470 | n8n | 2.4.5 | fixed
CVE-2026-1470 | pkg:npm/n8n | 2.5.0 | affected
CVE-2026-20960 | Power Apps | 25120 | affected
CVE-2026-20960 | Power Apps | 25121 | fixed
CVE-2026-20960 | Power Apps | | vendor_pending
CVE-2026-26149 | Power Apps Desktop Client | 3.26032.9.0 | affected
CVE-2026-26149 | Power Apps | | -
CVE-2025-26319 | Flowise | 2.2.6 | affected
CVE-2025-26319 | Flowise | 2.2.7 | not_affected
CVE-2025-10318 | JeecgBoot | 3.8.2 | affected
CVE-2025-10318 | JeecgBoot | 3.8.3 | not_affected
CVE-2025-34291 | langflow | 1.6.9 | affected
CVE-2025-34291 | langflow | 1.7.0 | not_affected
CVE-2025-34291 | pkg:pypi/langflow | 1.6.9.post1 | not_affected
CVE-2025-34291 | Langflow | 1.7.0.dev3 | not_affected
CVE-2025-34291 | Langflow | 1.6.0rc1 | affected
CVE-2025-55746 | Directus | 11.9.3 | fixed
CVE-2025-55746 | Directus | 10.7.9 | not_affected
CVE-2026-24042 | Appsmith | v1.94 | affected
CVE-2026-24042 | Appsmith | 1.94.0 | affected
CVE-2026-24042 | Appsmith | 1.95 | not_affected
CVE-2026-46554 | NocoDB | 0.301.2 | affected
CVE-2026-46554 | NocoDB | 2026.4.3 | affected
CVE-2026-46554 | NocoDB | 2026.04.4 | fixed
CVE-2025-3648 | ServiceNow | Yokohama Patch 3 | affected
CVE-2025-3648 | ServiceNow | | affected
CVE-2025-0337 | ServiceNow | Washington DC Patch 8 | affected
CVE-2025-0337 | ServiceNow | Washington DC Patch 9 | fixed
CVE-2025-0337 | ServiceNow | Xanadu Patch 3 Hot Fix 2 | affected
CVE-2025-0337 | ServiceNow | Xanadu Patch 4 | fixed
CVE-2025-0337 | ServiceNow | Yokohama | fixed
CVE-2025-0337 | ServiceNow | Zurich Patch 1 | fixed
CVE-2025-0337 | ServiceNow | Vancouver Patch 10 | affected
CVE-2026-0542 | ServiceNow AI Platform | Zurich Patch 4 Hot Fix 3a | affected
CVE-2026-0542 | ServiceNow AI Platform | Zurich Patch 4 Hot Fix 3b | fixed
CVE-2026-0542 | ServiceNow | Zurich Patch 5 | fixed
CVE-2026-0542 | ServiceNow | Zurich Patch 6 | fixed
CVE-2026-0542 | ServiceNow | Zurich | affected
CVE-2026-0542 | ServiceNow | Yokohama Patch 11 | needs_review
CVE-2026-0542 | ServiceNow | Yokohama Patch 10 Hot Fix 1b | fixed
CVE-2026-0542 | ServiceNow | Yokohama Patch 9 | affected
CVE-2026-0542 | ServiceNow | Australia | fixed
CVE-2026-0542 | ServiceNow | glide-zurich-07-01-2025__patch4-hotfix2-11-20-2025_11-25-2025_1530 | affected
CVE-2026-0542 | ServiceNow | Narnia Patch 2 | needs_review
CVE-2026-0542 | ServiceNow | Zurich Patch 4 | affected
CVE-2024-8923 | ServiceNow | Vancouver Patch 9 Hot Fix 1 | affected
CVE-2024-8923 | ServiceNow | Vancouver Patch 9 Hot Fix 2a | fixed
CVE-2024-8923 | ServiceNow | Xanadu | fixed
CVE-2025-12420 | Now Assist AI Agents | 5.1.17 | affected
CVE-2025-12420 | Now Assist AI Agents | 5.1.18 | needs_review
CVE-2025-12420 | Now Assist AI Agents | 5.2.19 | not_affected
CVE-2025-12420 | Virtual Agent API | 3.15.2 | fixed
CVE-2025-12420 | Virtual Agent API | 3.15.1 | affected
CVE-2025-12420 | Virtual Agent API | 4.0.3 | affected
CVE-2025-12420 | Virtual Agent API | 3.16.0 | needs_review
CVE-2025-12420 | ServiceNow | Xanadu | -
CVE-2025-43697 | OmniStudio | Winter '25 | affected
CVE-2025-43697 | OmniStudio | Spring '25 | fixed
CVE-2025-43697 | omnistudio | Summer 2024 | affected
CVE-2025-43697 | OmniStudio | Winter 2026 | fixed
CVE-2025-43697 | OmniStudio | somewhen | needs_review
CVE-2025-43697 | Salesforce | Winter 2025 | -
CVE-2025-52446 | Tableau Server | 2023.3.18 | affected
CVE-2025-52446 | Tableau Server | 2023.3.19 | fixed
CVE-2025-52446 | Tableau Server | 2024.2.11 | affected
CVE-2025-52446 | Tableau Server | 2024.3.1 | needs_review
CVE-2025-52446 | Tableau Server | 2025.1.3 | fixed
CVE-2025-8681 | Pega Platform | 8.8.5 | affected
CVE-2025-8681 | Pega Infinity | Infinity 24.2.2 | affected
CVE-2025-8681 | pega | 24.2.3 | fixed
CVE-2025-8681 | pega | Infinity '25.1.1 | fixed
CVE-2025-8681 | pega | 7.0 | not_affected
CVE-2025-40758 | Mendix SAML | V3.6.20 | affected
CVE-2025-40758 | Mendix SAML | 3.6.21 | fixed
CVE-2025-40758 | Mendix SAML | 4.0.2 | affected
CVE-2025-40758 | Mendix SAML | V4.0.3 | fixed
CVE-2025-40758 | Mendix SAML | V4.1.1 | affected
CVE-2025-40758 | Mendix SAML | 3.7.0 | needs_review
CVE-2025-40758 | Mendix SAML (Mendix 10.12 compatible) | 4.0.3 | fixed
CVE-2025-40758 | Mendix | 10.12.1 | -
CVE-2025-40592 | Mendix Studio Pro | 10.12.16 | affected
CVE-2025-40592 | Mendix Studio Pro | 10.12.17 | fixed
CVE-2025-40592 | Mendix Studio Pro | 10.15.0 | affected
CVE-2025-40592 | Mendix Studio Pro | 10.18.6 | affected
CVE-2025-40592 | Mendix Studio Pro | 10.23.0 | fixed
CVE-2025-40592 | Mendix Studio Pro | 11.2.0 | affected
CVE-2025-40592 | Mendix Studio Pro | 8.18.35 | fixed
CVE-2025-40592 | Mendix Studio Pro 11 | 11.0.0 | affected
CVE-2025-21187 | Power Automate for Desktop | 2.52.62.25008 | affected
CVE-2025-21187 | Power Automate for Desktop | 2.52.62.25009 | fixed
CVE-2025-21187 | Power Automate for Desktop | 2.51.349.24355 | affected
CVE-2025-21187 | Power Automate | | -
CVE-2025-47424 | Retool | 3.195.9 | affected
CVE-2025-47424 | Retool | 3.196.0 | fixed
CVE-2025-47424 | n8n | 1.0.0 | -
CVE-2024-42056 | Retool | 3.18.0 | not_affected
CVE-2024-42056 | Retool | 3.40.0 | affected
CVE-2025-62210 | Dynamics 365 Field Service | 8.8.139.397 | affected
CVE-2025-62210 | Dynamics 365 Field Service (online) | 8.8.139.398 | fixed
CVE-2024-36259 | Odoo Community | 17.0 | needs_review
CVE-2025-41656 | IndustrialPI 4 | 2024-07 | affected
inverted | Dynamics 365 (on-premises) | 9.1.28.1 | needs_review
commit | n8n | 1.0.0 | needs_review
hash only | Strapi | 4.0.0 | needs_review
spared | Strapi | 5.0.9 | affected
spared | Strapi | 5.1.0 | fixed
said both | Strapi | 4.25.8 | affected
said both | Strapi | 4.25.9 | fixed
said both | Strapi | 5.0.0 | fixed
every | Budibase | 1.0 | affected
every | Budibase | | affected
every | Budibase | whatever | affected
overlapping | Directus | 9.0.0 | affected
overlapping | Directus | 10.0.3 | fixed
overlapping | Directus | 10.4.0 | needs_review
embed | FlowiseChatEmbed | 1.9.9 | affected
embed | Flowise | 1.9.9 | -
embed | pkg:npm/flowise | 1.9.9 | -
plug-in | Dynamics 365 | 1.0 | -
plug-in | Dynamics 365 Integration | 1.3.17 | affected
by CPE alone | Flowise | 1.0.0 | affected
by CPE alone | Langflow | 1.0.0 | -
CVE-2026-40127 | OutSystems LifeTime | 11.28.2.3954 | affected
CVE-2026-40127 | lifetime | 11.28.2.3955 | fixed
CVE-2026-40127 | OutSystems | 11.20.0 | -
lookalike | Power BI | 1.0.0 | -
weird vendor | n8n | 1.0.0 | affected
Bonita | Bonita | 2024.2 | affected
Bonita | Bonita | 2024.2-u1 | fixed
Bonita | Bonita | 9.0.2 | needs_review
Nintex-like | Creatio | 8.1.3.6559 | affected
Nintex-like | Creatio | 8.3.0 | affected
Nintex-like | Creatio | 9.0 | not_affected
pre-release | Saltcorn | 1.0.0-beta.9 | affected
pre-release | Saltcorn | 1.0.0-beta.16 | fixed
pre-release | Saltcorn | 1.0.0 | fixed
Business Central | Business Central | App Build 22.15.1, Platform Build 22.0 | affected
Business Central | Business Central | 22.16.64731 | fixed
"""


def _cases() -> list[tuple[str, str, str | None, str]]:
    rows = [[cell.strip() for cell in line.split("|")] for line in CASES.strip().splitlines()]
    return [(record, name, version or None, expected) for record, name, version, expected in rows]


@pytest.mark.parametrize(("record", "name", "version", "expected"), _cases())
def test_the_verdict_on_a_version_is_the_one_the_record_means(
    record: str, name: str, version: str | None, expected: str
) -> None:
    assert verdict(advisory_of(RECORDS[record]), name, version) == expected


HOSTED = """
CVE-2025-47733 | Power Apps | | | vendor_pending | vendor
CVE-2025-47733 | Microsoft Power Apps | | vendor | vendor_pending | vendor
CVE-2025-47733 | power platform | | vendor | vendor_pending | vendor
CVE-2025-47733 | Power Apps | | self | not_affected | vendor
CVE-2025-24989 | Power Pages | | vendor | vendor_fixed | vendor
CVE-2025-24989 | Power Pages | | | vendor_fixed | vendor
CVE-2026-0542 | ServiceNow | Zurich Patch 3 | vendor | vendor_fixed | shared
CVE-2026-0542 | ServiceNow | Zurich Patch 3 | self | affected | customer
CVE-2026-0542 | ServiceNow | | vendor | vendor_fixed | shared
CVE-2025-0337 | ServiceNow | Xanadu | vendor | affected | shared
CVE-2025-68613 | n8n | 1.100.0 | vendor | vendor_pending | vendor
CVE-2025-68613 | n8n | 1.120.4 | vendor | fixed | vendor
CVE-2025-68613 | n8n | | vendor | vendor_pending | vendor
CVE-2025-68613 | n8n | 1.100.0 | self | affected | customer
CVE-2025-47424 | Retool | 3.100.0 | vendor | not_affected | vendor
CVE-2025-47424 | Retool | 3.100.0 | self | affected | customer
CVE-2025-21187 | Power Automate for Desktop | 2.1.0.0 | self | affected | customer
"""


def _hosted() -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in HOSTED.strip().splitlines()]


@pytest.mark.parametrize(("record", "name", "version", "hosting", "expected", "who"), _hosted())
def test_who_runs_it_decides_who_patches(
    record: str, name: str, version: str, hosting: str, expected: str, who: str
) -> None:
    found = ask(advisory_of(RECORDS[record]), name, version or None, hosting or None)
    assert found is not None
    assert (str(found.verdict), str(found.who_patches)) == (expected, who)


@pytest.mark.parametrize(
    "text",
    [
        "n8n Cloud is not affected.",
        "Users of n8n.cloud are not impacted. Affected users should update.",
        "This issue only affects self-hosted instances.",
        "The flaw does not affect customers of the cloud service.",
        "Impacts self-hosted deployments only.",
    ],
)
def test_where_the_cloud_is_spared_self_hosted_copies_alone_are_affected(text: str) -> None:
    advisory = advisory_of(cve_record([entry("n8n-io", "n8n", "< 2.0.0")], text=text))
    assert verdict(advisory, "n8n", "1.0.0", "vendor") == "not_affected"
    assert verdict(advisory, "n8n", "1.0.0", "self") == "affected"


@pytest.mark.parametrize(
    "text",
    [
        "Applies to both the cloud service and self-hosted deployments.",
        "Impacts both self-hosted and n8n Cloud instances.",
        "Updates were deployed to self-hosted customers.",
        "A flaw.",
    ],
)
def test_where_the_cloud_is_not_said_to_be_spared_the_vendor_must_act(text: str) -> None:
    advisory = advisory_of(cve_record([entry("n8n-io", "n8n", "< 2.0.0")], text=text))
    assert verdict(advisory, "n8n", "1.0.0", "vendor") == "vendor_pending"


def test_a_hosted_service_asks_the_vendor_for_evidence() -> None:
    found = ask(advisory_of(RECORDS["CVE-2025-47733"]), "Power Apps")
    assert found is not None
    assert "ask it for evidence" in found.reason


def test_all_fixed_branches_are_named_in_order() -> None:
    found = ask(advisory_of(RECORDS["CVE-2025-52446"]), "Tableau Server", "2023.1.0")
    assert found is not None
    assert found.fixed_versions == ("2023.3.19", "2024.2.12", "2025.1.3")


@pytest.mark.parametrize(("version", "meant"), [("2.0.0", "affected"), ("1.124.0", "fixed"), ("2.5.2", "fixed")])
def test_another_record_settles_what_the_publisher_left_open(version: str, meant: str) -> None:
    publisher = advisory_of(RECORDS["CVE-2026-25049"])
    ranges = (VersionRange(fixed="1.123.17"), VersionRange(introduced="2.0.0", fixed="2.5.2"))
    database = Record(
        RecordKind.OSV,
        "osv",
        "GHSA-1",
        affected=(AffectedProduct(package="n8n", product="n8n", collection="npm", ranges=ranges),),
    )
    both = replace(publisher, records=(database, *publisher.records))
    assert verdict(both, "n8n", version) == meant
    assert verdict(publisher, "n8n", version) in ("needs_review", "fixed")


NOTICE = Notice(NoticeKind.SECURITY_FIX, "Microsoft", platforms=("Power Platform",))


@pytest.mark.parametrize(
    ("kind", "meant"),
    [(NoticeKind.SECURITY_FIX, "vendor_pending"), (NoticeKind.MAINTENANCE, "-"), (NoticeKind.RETIREMENT, "-")],
)
def test_of_notices_those_that_mend_a_flaw_are_told(kind: NoticeKind, meant: str) -> None:
    notice = replace(NOTICE, kind=kind)
    product = AffectedProduct(vendor="Microsoft", product="Power Platform")
    record = Record(RecordKind.NOTICE, "Microsoft", "MC1", notice=notice, affected=(product,))
    assert verdict(Advisory("MC1", records=(record,), notice=notice), "Power Platform") == meant


@pytest.mark.parametrize(("day", "meant"), [(1, "vendor_pending"), (3, "vendor_fixed")])
def test_a_fix_announced_for_later_is_none_yet(day: int, meant: str) -> None:
    advisory = replace(advisory_of(RECORDS["CVE-2025-47733"]), vendor_fixed_at=datetime(2026, 6, 2, tzinfo=UTC))
    component = Component(id="p", name="Power Apps")
    found = match(advisory, component, load_catalogue(), as_of=datetime(2026, 6, day, tzinfo=UTC))
    assert found is not None
    assert found.verdict == meant


def test_a_rejected_record_affects_nobody() -> None:
    record = RECORDS["CVE-2025-68613"]
    rejected = {**record, "cveMetadata": {**record["cveMetadata"], "state": "REJECTED"}}
    found = ask(advisory_of(rejected), "n8n", "1.0.0")
    assert found is not None
    assert found.verdict == "not_affected"
    assert "withdrawn or rejected" in found.reason


def test_a_disputed_record_says_so() -> None:
    disputed = cve_record([entry("strapi", "strapi", "4.24.4")], tags=("disputed",))
    found = ask(advisory_of(disputed), "Strapi", "4.24.4")
    assert found is not None
    assert found.verdict == "affected"
    assert "dispute" in found.reason


TEXT = st.one_of(
    st.none(), st.sampled_from(["0", "*", "n/a", "1.x", "1.0", "2.0.0-rc.1", "Utah", "< 3"]), st.text(max_size=12)
)
RANGE = st.builds(
    VersionRange,
    status=st.sampled_from([*RangeStatus]),
    introduced=TEXT,
    fixed=TEXT,
    last_affected=TEXT,
    exact=TEXT,
    scheme=st.sampled_from(["", "semver", "git", "custom"]),
)
PRODUCT = st.builds(
    AffectedProduct,
    vendor=st.sampled_from(["", "n/a", "n8n-io"]),
    product=st.sampled_from(["n8n", "n/a", "N8N 2.1"]),
    ranges=st.lists(RANGE, max_size=3).map(tuple),
    default_status=st.sampled_from([*RangeStatus]),
    fixed_versions=st.lists(st.text(max_size=8), max_size=2).map(tuple),
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(PRODUCT, min_size=1, max_size=3),
    st.one_of(st.none(), st.text(min_size=1, max_size=10), st.just("1.5.0")),
    st.sampled_from([None, "vendor", "self"]),
    st.text(max_size=60),
)
def test_whatever_a_record_holds_there_is_a_verdict_and_a_sentence(
    products: list[AffectedProduct], version: str | None, hosting: str | None, text: str
) -> None:
    record = Record(RecordKind.CVE, "x", "CVE-2026-0001", description=text, affected=tuple(products))
    found = ask(Advisory("CVE-2026-0001", records=(record,)), "n8n", version, hosting)
    if found is not None:
        assert found.reason.endswith(".")
        assert found.reason[0] == found.reason[0].upper()


def test_a_fix_of_an_older_line_is_not_told_as_the_way_out() -> None:
    lines = [entry("Siemens", "Mendix Runtime V9", "0..*"), entry("Siemens", "Mendix Runtime V8", "0..V8.18.32")]
    advisory = advisory_of(cve_record(lines))
    newer, older = ask(advisory, "mendix", "9.24.0"), ask(advisory, "mendix", "8.18.0")
    assert newer is not None
    assert older is not None
    assert (str(newer.verdict), str(older.verdict)) == ("affected", "affected")
    assert "(V8.18.32) is of an older line" in newer.reason
    assert "fixed in V8.18.32" in older.reason
