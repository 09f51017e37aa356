"""Tests of single vulnerabilities (6.1.6, 11, 23, 24, 29, 32, 33, 35, 36)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from passmuster.intel.feeds.csaf.cwe_names import all_cwe_names, cwe_names
from passmuster.intel.feeds.csaf.walk import STATUS_GROUPS, Complaint, Csaf, Found, items


def contradicting_statuses(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.6: one product is, say, affected and fixed."""
    for path, vulnerability in csaf.vulnerabilities:
        given = vulnerability.get("product_status", {})
        groups = {
            name: {product for status in statuses for product in given.get(status, [])}
            for name, statuses in STATUS_GROUPS.items()
        }
        for one, other in combinations(groups, 2):
            for product in sorted(groups[one] & groups[other]):
                yield f"{path}.product_status", f"the product {product!r} is both {one} and {other}; keep one of them"


def wrong_weaknesses(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.11: a CWE with the name of another; a name that is only spelled otherwise is let pass."""
    for place, weakness in weaknesses(csaf):
        names = cwe_names().get(weakness["id"])
        # A weakness newer than the list that is shipped cannot be judged.
        if names is not None and not is_named(weakness["name"], names) and weakness["name"] in all_cwe_names():
            yield place, f"{weakness['id']} is not named {weakness['name']!r}; it is {names[-1]!r}"


def weaknesses(csaf: Csaf) -> Iterator[Found]:
    """Each weakness of each vulnerability."""
    for path, vulnerability in csaf.vulnerabilities:
        if "cwe" in vulnerability:
            yield f"{path}.cwe", vulnerability["cwe"]
        yield from items(vulnerability, "cwes", path)


def is_named(name: str, names: tuple[str, ...]) -> bool:
    """Whether a weakness has or had the name, or its quoted short form, whatever the case of its letters."""
    plain = name.strip().lower()
    return any(plain in (each.lower(), each.partition("('")[2].rstrip("')").lower()) for each in names)


def repeated_cves(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.23: two vulnerabilities are one CVE."""
    seen: dict[str, str] = {}
    for path, vulnerability in csaf.vulnerabilities:
        cve = vulnerability.get("cve")
        if cve in seen:
            yield f"{path}.cve", f"{cve} is at {seen[cve]} already; tell it once"
        elif cve:
            seen[cve] = path


def repeated_involvements(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.24: one party is involved twice on one date."""
    for path, vulnerability in csaf.vulnerabilities:
        seen: set[tuple[str, str]] = set()
        for place, each in items(vulnerability, "involvements", path):
            key = (each["party"], each.get("date", ""))
            if key in seen:
                yield place, f"the party {each['party']} is there for this date already; tell it once"
            seen.add(key)


def homeless_remediations(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.29: a remediation of no product."""
    yield from _homeless(csaf, "remediations")


def homeless_flags(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.32: a flag of no product."""
    yield from _homeless(csaf, "flags")


def _homeless(csaf: Csaf, key: str) -> Iterator[Complaint]:
    for path, vulnerability in csaf.vulnerabilities:
        for place, each in items(vulnerability, key, path):
            if "product_ids" not in each and "group_ids" not in each:
                yield place, "names no product; give product_ids or group_ids"


def several_flags(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.33: a product has several justifications."""
    for path, vulnerability in csaf.vulnerabilities:
        seen: set[str] = set()
        for place, each in items(vulnerability, "flags", path):
            for product in sorted(csaf.members(each) & seen):
                yield place, f"the product {product!r} has a flag already; keep one"
            seen |= csaf.members(each)
