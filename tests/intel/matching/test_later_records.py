"""Records of 2025 and 2026 in shapes that were once misread: their facts, and what each means beside its ends."""

from __future__ import annotations

from typing import Any

import pytest

from tests.intel.matching.asking import advisory_of, ask, cve_record, verdict


def before(*ends: str, low: str = "0") -> list[dict[str, str]]:
    """Affected from `low` to before each end."""
    return [{"status": "affected", "version": low, "lessThan": end, "versionType": "custom"} for end in ends]


def entry(vendor: str, product: str, *versions: str | dict[str, str], **more: Any) -> dict[str, Any]:
    """An `affected` entry; a version as text is affected."""
    told = [each if isinstance(each, dict) else {"status": "affected", "version": each} for each in versions]
    return {"vendor": vendor, "product": product, "versions": told, **more}


def npm(product: str, end: str) -> dict[str, Any]:
    """One of several entries of one product, each with its fix marked unaffected."""
    versions = [*before(end), {"status": "unaffected", "version": end, "versionType": "semver"}]
    return entry("n8n-io", product, *versions, packageURL=f"pkg:npm/{product}", defaultStatus="unaffected")


def through(low: str, high: str, *spared: str) -> list[dict[str, str]]:
    """Affected from `low` up to and with `high`, and versions that are spared."""
    affected = {"status": "affected", "version": low, "lessThanOrEqual": high, "versionType": "semver"}
    return [affected, *({"status": "unaffected", "version": each} for each in spared)]


def by_cpe(*matches: dict[str, Any], affected: dict[str, Any] | None = None) -> dict[str, Any]:
    """A record whose versions stand in its CPE matches alone."""
    record = cve_record([affected or entry("n/a", "n/a", "n/a")])
    nodes = [{"operator": "OR", "negate": False, "cpeMatch": [{"vulnerable": True, **each} for each in matches]}]
    record["containers"]["cna"]["cpeApplicability"] = [{"nodes": nodes}]
    return record


def solved(record: dict[str, Any], text: str) -> dict[str, Any]:
    record["containers"]["cna"]["solutions"] = [{"lang": "en", "value": text}]
    return record


NOTHING = entry("n/a", "n/a", "n/a")
N8N_CPE = "cpe:2.3:a:n8n:n8n:*:*:*:*:*:node.js:*:*"
WINDMILL_FLAWED = through("1.276.0", "1.603.2", "1.603.3")

RECORDS: dict[str, dict[str, Any]] = {
    "CVE-2025-56265": cve_record(
        [NOTHING],
        text="A flaw in the Chat Trigger component of N8N v1.95.3, v1.100.1, and v1.101.1 allows attackers in.",
    ),
    "CVE-2026-65599": cve_record([npm("n8n", "1.123.64"), npm("n8n", "2.30.1"), npm("n8n", "2.29.8")]),
    "CVE-2026-42449": cve_record([entry("czlonkowski", "n8n-mcp", ">= 2.47.4, < 2.47.14")]),
    "CVE-2025-11449": cve_record(
        [
            entry(
                "ServiceNow",
                "ServiceNow AI Platform",
                *before("Zurich Patch 1 Hot Fix 1a", "Zurich Patch 3", "Australia General Availability (GA)"),
                defaultStatus="unaffected",
            )
        ]
    ),
    "CVE-2025-3248": cve_record(
        [entry("langflow-ai", "langflow", *through("0", "1.2.0"), defaultStatus="unaffected")],
        text="Langflow versions prior to 1.3.0 are susceptible to code injection.",
    ),
    "CVE-2026-7528": solved(
        cve_record([entry("IBM", "Langflow OSS", *through("1.0.0", "1.9.0"))]),
        "IBM strongly recommends addressing the vulnerability now by upgrading Langflow OSS to version 1.9.2.",
    ),
    "CVE-2026-34046": cve_record(
        [entry("langflow-ai", "langflow", "< 1.5.1"), entry("langflow-ai", "langflow-base", "< 0.5.1")]
    ),
    "CVE-2026-26185": cve_record(
        [entry("directus", "directus", "< 11.14.1"), entry("directus", "@directus/api", "< 32.2.0")]
    ),
    "CVE-2026-22599": cve_record(
        [
            entry("strapi", name, ">= 5.0.0, < 5.33.2", ">= 4.0.0, < 4.26.1")
            for name in ("strapi", "@strapi/content-type-builder")
        ]
    ),
    "CVE-2026-40163": cve_record(
        [entry("saltcorn", "saltcorn", "< 1.4.5", ">= 1.5.0-beta.0, < 1.5.5", ">= 1.6.0-alpha.0, < 1.6.0-beta.4")],
        text="This vulnerability is fixed in 1.4.5, 1.5.5, and 1.6.0-beta.4.",
    ),
    "CVE-2026-23696": cve_record(
        [
            entry("Windmill Labs", "Windmill CE (Community Edition)", *WINDMILL_FLAWED, defaultStatus="unaffected"),
            entry("Windmill Labs", "Windmill EE (Enterprise Edition)", *WINDMILL_FLAWED, defaultStatus="unaffected"),
            entry("Nextcloud", "Flow", *through("1.0.0", "1.2.2", "1.3.0", "1.3.1"), defaultStatus="unaffected"),
        ]
    ),
    "CVE-2021-3223": cve_record([NOTHING], text="Node-RED-Dashboard before 2.26.2 allows directory traversal."),
    "CVE-2022-47636": cve_record(
        [NOTHING], text="A DLL flaw has been discovered in OutSystems Service Studio 11 11.53.30 build 61739."
    ),
    "CVE-2025-24989": cve_record(
        [entry("Microsoft", "Microsoft Power Pages", "N/A")],
        text="This vulnerability has already been mitigated in the service.",
    ),
    "by CPE": by_cpe(
        {"criteria": N8N_CPE, "versionStartIncluding": "1.0.0", "versionEndExcluding": "1.50.0"},
        {"criteria": N8N_CPE, "versionStartExcluding": "2.0.0", "versionEndIncluding": "2.3.1"},
    ),
    "by CPE, one version": by_cpe(
        {"criteria": "cpe:2.3:a:budibase:budibase:3.2.0:*:*:*:*:*:*:*"}, affected=entry("Budibase", "budibase", "n/a")
    ),
    "by CPE, none": by_cpe(
        {"criteria": "cpe:2.3:a:microsoft:power_apps:*:*:*:*:*:*:*:*", "versionStartIncluding": "N/A"},
        affected=entry("Microsoft", "Microsoft Power Apps", "N/A"),
    ),
    "CPE beside versions": by_cpe({"criteria": N8N_CPE}, affected=entry("n8n-io", "n8n", "< 2.0.0")),
    "CVE-2026-1470": cve_record(
        [
            {
                "collectionURL": "https://www.npmjs.com",
                "packageName": "n8n",
                "versions": [*before("1.123.17"), *before("2.4.5", low="2.0.0"), *before("2.5.1", low="2.5.0")],
            }
        ]
    ),
    "CVE-2026-33660": cve_record(
        [entry("n8n-io", "n8n", "< 1.123.27", ">= 2.0.0-rc.0, < 2.13.3", "= 2.14.0")],
        text="The issue has been fixed in n8n versions 2.14.1, 2.13.3, and 1.123.26.",
    ),
    "CVE-2025-51825": cve_record([NOTHING], text="JeecgBoot versions from 3.4.3 up to 3.8.0 contain a SQL injection."),
    "commits beside versions": cve_record(
        [
            entry(
                "n8n-io",
                "n8n",
                {"status": "affected", "version": "aaa111", "lessThan": "bbb222", "versionType": "git"},
                *before("1.9.0"),
            )
        ]
    ),
    "told from its end": cve_record([entry("n8n-io", "n8n", "<=1.5.0, >=1.0.0")]),
    "two ranges": cve_record([entry("n8n-io", "n8n", "< 1.5.0, >= 2.0.0")]),
    "begins after": cve_record([entry("n8n-io", "n8n", "> 1.0.0, < 2.0.0")]),
    "hosted": cve_record([entry("Microsoft", "Microsoft Power Apps", "-")], tags=("exclusively-hosted-service",)),
    "CVE-2025-14908": cve_record(
        [entry("n/a", "JeecgBoot", "3.7", "3.8", "3.9.0")], text="A flaw was found in JeecgBoot up to 3.9.0."
    ),
    "CVE-2025-40571": cve_record(
        [
            entry("Siemens", "Mendix OIDC SSO (Mendix 10 compatible)", *before("V4.0.0"), defaultStatus="unknown"),
            entry("Siemens", "Mendix OIDC SSO (Mendix 9 compatible)", *before("*"), defaultStatus="unknown"),
        ]
    ),
    "tried one": cve_record([entry("n8n-io", "n8n", "1.5.0", defaultStatus="unknown")]),
    "tried one, default left out": cve_record([entry("n8n-io", "n8n", "1.5.0")]),
    "tried one, fix told": cve_record(
        [entry("n8n-io", "n8n", "1.5.0", defaultStatus="unknown")], text="This is fixed in version 1.5.1."
    ),
    "unknown in part": cve_record(
        [
            entry(
                "n8n-io",
                "n8n",
                *before("2.0.0"),
                {"status": "unknown", "version": "2.0.0", "lessThan": "3.0.0", "versionType": "semver"},
            )
        ]
    ),
    "unknown before a range": cve_record(
        [entry("n8n-io", "n8n", *before("2.0.0", low="1.0.0"), defaultStatus="unknown")]
    ),
    "CVE-2026-32210": cve_record(
        [entry("Microsoft", "Microsoft Dynamics 365 (online)", "-")], tags=("exclusively-hosted-service",)
    ),
    "an ordinary word": cve_record([NOTHING], text="Some tools make 3 calls before 2.0."),
}

CASES = """
CVE-2025-56265 | n8n | 1.95.3 | affected
CVE-2025-56265 | n8n | 1.100.1 | affected
CVE-2025-56265 | pkg:npm/n8n | 1.101.1 | affected
CVE-2025-56265 | n8n | 1.95.2 | not_affected
CVE-2026-65599 | n8n | 1.123.63 | affected
CVE-2026-65599 | n8n | 1.123.64 | fixed
CVE-2026-65599 | n8n | 1.123.70 | fixed
CVE-2026-65599 | n8n | 2.28.0 | needs_review
CVE-2026-65599 | n8n | 2.29.7 | affected
CVE-2026-65599 | n8n | 2.29.9 | fixed
CVE-2026-65599 | pkg:npm/n8n | 2.30.0 | affected
CVE-2026-65599 | n8n | 2.30.1 | fixed
CVE-2026-42449 | n8n | 2.47.5 | -
CVE-2026-42449 | pkg:npm/n8n-mcp | 2.47.13 | affected
CVE-2026-42449 | pkg:npm/n8n-mcp | 2.47.14 | fixed
CVE-2026-42449 | pkg:pypi/other | 2.47.5 | -
CVE-2026-42449 | pkg:github/czlonkowski/n8n-mcp | 2.47.5 | affected
CVE-2025-11449 | ServiceNow | Zurich Patch 1 | affected
CVE-2025-11449 | ServiceNow | Australia | fixed
CVE-2025-11449 | ServiceNow | Brazil Patch 1 | fixed
CVE-2025-3248 | langflow | 1.2.0 | affected
CVE-2025-3248 | langflow | 1.2.1 | not_affected
CVE-2025-3248 | langflow-ai langflow | 1.3.0 | fixed
CVE-2026-7528 | Langflow | 1.9.0 | affected
CVE-2026-7528 | IBM Langflow OSS | 1.9.2 | fixed
CVE-2026-7528 | pkg:pypi/langflow | 1.9.1 | not_affected
CVE-2026-34046 | Langflow | 1.5.0 | affected
CVE-2026-34046 | pkg:pypi/langflow | 1.5.1 | fixed
CVE-2026-34046 | pkg:pypi/langflow-base | 0.5.0 | affected
CVE-2026-34046 | pkg:pypi/langflow-base | 0.5.1 | fixed
CVE-2026-26185 | Directus | 11.14.1 | fixed
CVE-2026-26185 | pkg:npm/directus | 11.14.0 | affected
CVE-2026-26185 | pkg:npm/%40directus/api | 32.1.9 | affected
CVE-2026-26185 | @directus/api | 32.2.0 | fixed
CVE-2026-22599 | pkg:npm/%40strapi/strapi | 5.33.1 | affected
CVE-2026-22599 | pkg:npm/%40strapi/content-type-builder | 5.33.1 | affected
CVE-2026-22599 | @strapi/content-type-builder | 4.26.1 | fixed
CVE-2026-40163 | Saltcorn | 1.6.0-beta.3 | affected
CVE-2026-40163 | Saltcorn | 1.6.0-beta.4 | fixed
CVE-2026-23696 | Windmill | 1.603.2 | affected
CVE-2026-23696 | windmill | 1.604.0 | fixed
CVE-2026-23696 | Windmill Labs Windmill CE (Community Edition) | 1.275.0 | not_affected
CVE-2026-23696 | pkg:npm/flow | 1.2.0 | -
CVE-2026-23696 | Nextcloud Flow | 1.3.0 | fixed
CVE-2021-3223 | Node-RED Dashboard | 2.26.1 | affected
CVE-2021-3223 | Node-RED | 1.0.0 | -
CVE-2022-47636 | OutSystems Service Studio | 11.53.30 | affected
CVE-2022-47636 | OutSystems Service Studio | 11.53.31 | not_affected
CVE-2022-47636 | OutSystems | 11.53.30 | -
CVE-2025-24989 | Microsoft Microsoft Power Pages | | vendor_fixed
by CPE | n8n | 0.9.0 | not_affected
by CPE | n8n | 1.49.9 | affected
by CPE | n8n | 1.50.0 | fixed
by CPE | pkg:npm/n8n | 2.3.1 | affected
by CPE, one version | Budibase | 3.2.0 | affected
by CPE, one version | Budibase | 3.2.1 | not_affected
by CPE, none | Power Apps | | vendor_pending
CPE beside versions | n8n | 2.0.0 | fixed
CVE-2026-1470 | n8n-io n8n | 2.5.0 | affected
CVE-2026-1470 | N8N n8n | 2.5.1 | fixed
CVE-2026-1470 | pkg:github/n8n-io/n8n | 2.4.4 | affected
CVE-2026-1470 | somebody n8n | 2.5.0 | -
CVE-2026-33660 | n8n | 1.123.26 | affected
CVE-2026-33660 | n8n | 1.123.27 | fixed
CVE-2026-33660 | n8n | 2.0.0-rc.0 | affected
CVE-2026-33660 | n8n | 2.14.0 | affected
CVE-2026-33660 | n8n | 2.14.1 | fixed
CVE-2025-51825 | JeecgBoot | 3.4.2 | not_affected
CVE-2025-51825 | JeecgBoot | 3.4.3 | affected
CVE-2025-51825 | jeecg-boot | 3.8.0 | affected
CVE-2025-51825 | JeecgBoot | 3.8.1 | not_affected
commits beside versions | n8n | 1.8.9 | affected
commits beside versions | n8n | 1.9.0 | fixed
commits beside versions | n8n | aaa111 | needs_review
told from its end | n8n | 0.9.0 | not_affected
told from its end | n8n | 1.2.0 | affected
told from its end | n8n | 1.5.1 | not_affected
two ranges | n8n | 1.6.0 | fixed
two ranges | n8n | 2.6.0 | affected
begins after | n8n | 1.0.0 | not_affected
begins after | n8n | 1.0.1 | affected
hosted | power-apps | | vendor_pending
hosted | PowerApps | | vendor_pending
hosted | MICROSOFT POWER APPS | | vendor_pending
hosted | power pages | | -
CVE-2025-14908 | JeecgBoot | 3.8.0 | affected
CVE-2025-14908 | JeecgBoot | 3.8.2 | needs_review
CVE-2025-14908 | JeecgBoot | 3.9.0 | affected
CVE-2025-14908 | JeecgBoot | 3.9.1 | not_affected
CVE-2025-14908 | JeecgBoot | 3.6.9 | needs_review
CVE-2025-40571 | Mendix OIDC SSO | 3.9.9 | affected
CVE-2025-40571 | Mendix OIDC SSO | 4.0.0 | fixed
CVE-2025-40571 | Mendix OIDC SSO | 4.0.1 | fixed
CVE-2025-40571 | Mendix OIDC SSO | 4.1.0 | needs_review
CVE-2025-40571 | Mendix OIDC SSO (Mendix 10 compatible) | 4.1.0 | fixed
CVE-2025-40571 | Mendix OIDC SSO (Mendix 9 compatible) | 4.1.0 | affected
tried one | n8n | 1.4.9 | needs_review
tried one | n8n | 1.5.0 | affected
tried one | n8n | 1.5.1 | not_affected
tried one, default left out | n8n | 1.4.9 | not_affected
tried one, fix told | n8n | 1.4.9 | needs_review
tried one, fix told | n8n | 1.5.1 | fixed
unknown in part | n8n | 1.9.9 | affected
unknown in part | n8n | 2.1.0 | needs_review
unknown in part | n8n | 3.0.0 | fixed
unknown before a range | n8n | 0.9.0 | not_affected
CVE-2026-32210 | Dynamics 365 | | vendor_pending
CVE-2026-32210 | Microsoft Dynamics 365 (online) | | vendor_pending
CVE-2026-32210 | Dynamics 365 (on-premises) | 9.1.1 | -
an ordinary word | Make | | -
"""

FIXES = """
CVE-2025-3248 | Langflow | 1.3.0
CVE-2026-7528 | Langflow | 1.9.2
CVE-2026-40163 | Saltcorn | 1.4.5 1.5.5 1.6.0-beta.4
CVE-2026-23696 | Windmill | 1.603.3
CVE-2026-65599 | n8n | 1.123.64 2.29.8 2.30.1
by CPE | n8n | 1.50.0
commits beside versions | n8n | 1.9.0
CVE-2026-33660 | n8n | 1.123.27 2.13.3 2.14.1
"""


def _cells(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]


@pytest.mark.parametrize(("record", "name", "version", "expected"), _cells(CASES))
def test_the_verdict_on_a_version_is_the_one_the_record_means(
    record: str, name: str, version: str, expected: str
) -> None:
    assert verdict(advisory_of(RECORDS[record]), name, version or None) == expected


@pytest.mark.parametrize(("record", "name", "fixes"), _cells(FIXES))
def test_the_fixes_are_those_the_record_names(record: str, name: str, fixes: str) -> None:
    found = ask(advisory_of(RECORDS[record]), name)
    assert found is not None
    assert found.fixed_versions == tuple(fixes.split())
