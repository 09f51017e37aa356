"""Every real record of no-code CVEs up to 2024, at its ends and beside them, against an oracle that reads the raw JSON.

The oracle knows plain numbers alone (by `packaging`); what it does not know stands in the table of odd cases.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from packaging.version import InvalidVersion, Version

from tests.conftest import SHARED
from tests.intel.matching.asking import ask, real_advisory, verdict

FOLDER = SHARED / "data" / "vulnrichment_nocode"
FILES = sorted(FOLDER.glob("CVE-*.json")) if FOLDER.is_dir() else []
NOTHING = ("n/a", "N/A", "unspecified", "-", "*", "0")


@dataclass(frozen=True)
class Range:
    """By the oracle: from `low` to `high`."""

    low: Version | None
    high: Version | None
    is_high_in: bool

    def holds(self, version: Version) -> bool:
        if self.low is not None and version < self.low:
            return False
        return self.high is None or version < self.high or (self.is_high_in and version == self.high)


def number(text: str) -> Version:
    return Version(re.sub(r"^[vV]\.?", "", text.strip()))


def ranges_of(versions: list[dict[str, Any]]) -> list[Range]:
    """The affected ranges of an entry; raises InvalidVersion for what is no plain number."""
    found = []
    for told in versions:
        if told["status"] != "affected":
            raise InvalidVersion("another status")
        text = told["version"]
        high = told.get("lessThan") or told.get("lessThanOrEqual")
        if high is not None:
            low = None if text in NOTHING else number(text)
            found.append(Range(low, number(high), "lessThan" not in told))
            continue
        parts = re.findall(r"(>=|<=|<|=)?\s*([^\s,<>=]+)", text.replace("All versions", ""))
        bounds = {sign or "=": number(version) for sign, version in parts}
        if "=" in bounds:
            found.append(Range(bounds["="], bounds["="], True))
        else:
            found.append(Range(bounds.get(">="), bounds.get("<", bounds.get("<=")), "<=" in bounds))
    return found


def probes(ranges: list[Range]) -> Iterator[Version]:
    """Every end, and the versions one step before and after it."""
    for end in {end for each in ranges for end in (each.low, each.high) if end is not None}:
        yield end
        if end.pre is not None:
            yield Version(f"{end.base_version}b{end.pre[1] + 1}")
            yield Version(f"{end.base_version}b{end.pre[1] - 1}")
            continue
        head, last = end.release[:-1], end.release[-1]
        yield Version(".".join(map(str, (*head, last + 1))))
        if last:
            yield Version(".".join(map(str, (*head, last - 1))))
        elif len(head) > 1 and head[-1]:
            yield Version(".".join(map(str, (*head[:-1], head[-1] - 1, 99))))


def stands_for_more(entry: dict[str, Any], text: str) -> bool:
    """Whether single versions alone are listed, and the record says that the list is not the whole truth."""
    is_single = all(
        "lessThan" not in str(told) and re.fullmatch(r"[\d.]+", told["version"]) for told in entry["versions"]
    )
    return is_single and (entry.get("defaultStatus") == "unknown" or " up to " in text)


def expected(ranges: list[Range], version: Version, *, is_open: bool) -> str:
    if any(each.holds(version) for each in ranges):
        return "affected"
    if is_open and any(each.high and version < each.high for each in ranges):
        return "needs_review"
    if any(each.high is not None and not each.is_high_in and version >= each.high for each in ranges):
        return "fixed"
    return "not_affected"


def plain_entries() -> Iterator[tuple[Path, str, str, list[Range], bool]]:
    """File, product name, vendor, ranges, and whether more is left open, of every entry the oracle can read."""
    for path in FILES:
        record = json.loads(path.read_text(encoding="utf-8"))
        cna = record["containers"]["cna"]
        names = [entry.get("product") for entry in cna["affected"]]
        for entry in cna["affected"]:
            name = entry.get("product") or entry.get("packageName")
            try:
                ranges = ranges_of(entry["versions"])
            except InvalidVersion:
                continue
            is_inverted = any(each.low and each.high and each.low > each.high for each in ranges)
            is_ambiguous = len(ranges) > len({each.low for each in ranges}) or names.count(name) > 1
            if name not in NOTHING and not is_inverted and not is_ambiguous and "changes" not in str(entry):
                text = cna["descriptions"][0]["value"]
                yield path, name, entry.get("vendor", ""), ranges, stands_for_more(entry, text)


ENTRIES = list(plain_entries())


@pytest.mark.skipif(not FILES, reason="the folder of real data is not beside this checkout")
def test_the_oracle_reads_most_records() -> None:
    assert len({path for path, *_ in ENTRIES}) >= 75


@pytest.mark.parametrize(
    ("path", "name", "vendor", "ranges", "is_open"), ENTRIES, ids=[f"{e[0].stem}-{e[1]}" for e in ENTRIES]
)
def test_verdicts_around_every_end_are_those_of_the_oracle(
    path: Path, name: str, vendor: str, ranges: list[Range], is_open: bool
) -> None:
    advisory = real_advisory(path)
    wrong = {}
    for version in probes(ranges):
        for asked in (name, name.upper(), name if vendor in NOTHING else f"{vendor} {name}"):
            text = str(version).replace("b", "-beta.") if version.pre else str(version)
            found = verdict(advisory, asked, text)
            meant = expected(ranges, version, is_open=is_open)
            if found != meant:
                wrong[asked, text] = (found, meant)
    assert wrong == {}


# What the oracle cannot read: read by hand in the records.
BY_HAND = """
CVE-2021-34474 | Business Central | 16.13.1 | affected
CVE-2021-34474 | Business Central | Application: 16.14.27266, Platform: 16.0.27253 | fixed
CVE-2021-34474 | Dynamics 365 Business Central | 18.2.1 | affected
CVE-2021-34474 | Dynamics 365 Business Central | 18.3.27480 | fixed
CVE-2021-34474 | Dynamics 365 Business Central | 15.0 | not_affected
CVE-2021-41353 | Dynamics 365 (on-premises) | 9.0.31.6 | affected
CVE-2021-41353 | Dynamics 365 (on-premises) | 9.0.31.7 | fixed
CVE-2021-41353 | Dynamics 365 (on-premises) | 9.1.3 | affected
CVE-2021-41353 | Dynamics 365 (on-premises) | 9.1.4 | fixed
CVE-2023-1298 | Now User Experience | San Diego Patch 9 | affected
CVE-2023-1298 | Now User Experience | San Diego Patch 10 | fixed
CVE-2023-1298 | ServiceNow | Tokyo Patch 4a | affected
CVE-2023-1298 | ServiceNow | Tokyo Patch 4b | fixed
CVE-2023-1298 | ServiceNow | Tokyo Patch 5 | needs_review
CVE-2023-1298 | ServiceNow | Tokyo Patch 6 | fixed
CVE-2023-1298 | ServiceNow | Utah | affected
CVE-2023-1298 | ServiceNow | Utah Patch 1 | fixed
CVE-2023-3414 | ServiceNow | Utah | -
CVE-2023-3414 | Jenkins plug-in for ServiceNow DevOps | 1.38.0 | affected
CVE-2023-43623 | Mendix Forgot Password (Mendix 8 compatible) | V4.1.2 | affected
CVE-2023-43623 | Mendix Forgot Password (Mendix 8 compatible) | V4.1.3 | fixed
CVE-2023-43623 | Mendix Forgot Password | 3.7.2 | affected
CVE-2023-43623 | Mendix | 10.0.0 | -
CVE-2023-49069 | Mendix Runtime | 8.18.31 | affected
CVE-2023-49069 | Mendix Runtime | 8.18.32 | fixed
CVE-2023-49069 | Mendix Runtime | 9.24.30 | affected
CVE-2023-49069 | Mendix Runtime | 10.14.0 | affected
CVE-2023-50168 | Pega Platform | 6.1 | affected
CVE-2023-50168 | Pega Platform | 5.5 | not_affected
CVE-2023-50168 | Pega Platform | 8.8.4 | affected
CVE-2023-50168 | Pega Platform | 8.8.5 | fixed
CVE-2024-21380 | Business Central | Application Build 21.15.1, Platform Build 21.0 | affected
CVE-2024-21380 | Business Central | Application Build 21.16.63199, Platform Build 21.0 | fixed
CVE-2024-21380 | Business Central | 23.4.15715 | fixed
CVE-2024-25461 | Creatio Terrasoft CRM | 7.18.4.1532 | affected
CVE-2024-25461 | Creatio | 7.18.4.1533 | not_affected
CVE-2024-26542 | Bonita Web | 7.14.7 | affected
CVE-2024-26542 | Bonita Web | 7.14.8 | fixed
CVE-2024-26542 | Bonita | 7.15.6 | affected
CVE-2024-26542 | Bonita | 7.15.7 | fixed
CVE-2024-26542 | Bonita | 8.0.2 | affected
CVE-2024-26542 | Bonita | 8.0.3 | fixed
CVE-2024-26542 | Bonita | 9.0.2 | fixed
CVE-2024-26542 | Bonita | 7.13.9 | not_affected
CVE-2024-26542 | Bonita | 8.5.0 | needs_review
CVE-2024-28087 | bonita_web | 2024.2 | affected
CVE-2024-28087 | bonita_web | 2024.2-u1 | fixed
CVE-2024-30047 | Dynamics 365 | 1.38813.79 | needs_review
CVE-2024-31621 | Flowise | 1.6.2 | affected
CVE-2024-31621 | Flowise | 1.6.3 | not_affected
CVE-2024-33500 | Mendix | V10.6.8 | affected
CVE-2024-33500 | Mendix | V10.6.9 | fixed
CVE-2024-33500 | Mendix | V10.10.9 | affected
CVE-2024-33500 | Mendix | V10.11.0 | fixed
CVE-2024-33500 | Mendix | V9.3.0 | affected
CVE-2024-33500 | Mendix | V9.24.22 | fixed
CVE-2024-33500 | Mendix | 9.2.9 | not_affected
CVE-2024-34550 | Dynamics 365 Integration | 1.3.17 | affected
CVE-2024-34550 | Dynamics 365 Integration | 1.3.18 | fixed
CVE-2024-34550 | Dynamics 365 | | -
CVE-2024-35260 | Microsoft Power Platform | | vendor_pending
CVE-2024-35263 | Dynamics 365 (on-premises) | 9.1.28.1 | needs_review
CVE-2024-37014 | Langflow | 0.6.19 | affected
CVE-2024-37014 | Langflow | 1.0.0 | not_affected
CVE-2024-37818 | Strapi | 4.24.4 | affected
CVE-2024-37959 | Power BI | | -
CVE-2024-38139 | Dataverse | | vendor_pending
CVE-2024-38182 | Dynamics 365 Field Service (on-premises) v7 series | | vendor_pending
CVE-2024-38190 | Power Platform | | vendor_pending
CVE-2024-38206 | Copilot Studio | | vendor_pending
CVE-2024-38211 | Dynamics 365 (on-premises) | 9.1.30 | needs_review
CVE-2024-38225 | Business Central | 22.16.64731 | fixed
CVE-2024-38225 | Business Central | 22.15.0 | affected
CVE-2024-38453 | Salesforce | | -
CVE-2024-39344 | Salesforce | | -
CVE-2024-39344 | docusign_api_package_for_salesforce | 8.142.14 | affected
CVE-2024-43460 | Dynamics 365 Business Central Online | | vendor_pending
CVE-2024-43610 | Microsoft Copilot Studio | | vendor_pending
CVE-2024-44893 | JimuReport | 1.7.8 | affected
CVE-2024-44893 | JeecgBoot | 3.7.0 | -
CVE-2024-4879 | ServiceNow | Utah Patch 10 Hot Fix 2 | affected
CVE-2024-4879 | ServiceNow | Utah Patch 10 Hot Fix 3 | fixed
CVE-2024-4879 | ServiceNow | Utah Patch 10a Hot Fix 1 | affected
CVE-2024-4879 | ServiceNow | Vancouver Patch 7 Hot Fix 3a | affected
CVE-2024-4879 | ServiceNow | Vancouver Patch 7 Hot Fix 3b | fixed
CVE-2024-4879 | ServiceNow | Vancouver Patch 9 | fixed
CVE-2024-4879 | ServiceNow | Washington DC | affected
CVE-2024-4879 | ServiceNow | Washington DC Patch 1 Hot Fix 2b | fixed
CVE-2024-4879 | ServiceNow | Washington DC Patch 4 | fixed
CVE-2024-4879 | ServiceNow | Xanadu | fixed
CVE-2024-5178 | ServiceNow | Washington DC Patch 3 Hot Fix 1 | affected
CVE-2024-5217 | Now Platform | Washington DC Patch 3 Hot Fix 2 | fixed
CVE-2024-5217 | Now Platform | Utah Patch 10b | affected
CVE-2024-6533 | Directus | 10.13.0 | affected
CVE-2024-6533 | Directus | 10.12.1 | needs_review
CVE-2024-6533 | Directus | 10.13.1 | not_affected
CVE-2024-7297 | langflow | 1.0.12 | affected
CVE-2024-7297 | pkg:pypi/langflow | 1.0.13 | fixed
CVE-2024-9148 | Flowise | 1.9.9 | -
CVE-2024-9148 | pkg:npm/flowise-embed | 1.9.9 | affected
CVE-2024-9277 | Langflow | 1.0.18 | affected
CVE-2024-9277 | Langflow | 0.6.19 | needs_review
CVE-2024-9277 | Langflow | 1.0.19 | not_affected
"""


def _by_hand() -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in BY_HAND.strip().splitlines()]


@pytest.mark.parametrize(("cve", "name", "version", "verdict_meant"), _by_hand())
def test_verdicts_on_odd_records_are_those_read_by_hand(
    shared: Path, cve: str, name: str, version: str, verdict_meant: str
) -> None:
    advisory = real_advisory(shared / "data" / "vulnrichment_nocode" / f"{cve}.json")
    assert verdict(advisory, name, version or None) == verdict_meant


def test_every_row_of_the_flat_table_is_found_by_its_product_and_names_its_fixes(shared: Path) -> None:
    missed = []
    with (shared / "data" / "nocode_vulns_until_2024.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["source"] == "vulnrichment" and row["product"] != "n/a"]
    for row in rows:
        advisory = real_advisory(shared / "data" / "vulnrichment_nocode" / f"{row['cve']}.json")
        found = [ask(advisory, name) for name in row["product"].split(";") if len(name) < 50]
        fixes = {fix for match in found if match for fix in match.fixed_versions}
        named = {part.strip() for part in re.findall(r"\d+(?:\.\d+){2,3}(?:-beta\.\d+)?", row["fixed"])}
        if None in found or not named <= {re.sub(r"^V", "", fix) for fix in fixes} | set(" ".join(fixes).split()):
            missed.append((row["cve"], row["product"], row["fixed"], fixes))
    assert [each for each in missed if "Platform" not in each[2]] == []
    assert len(rows) > 80
