"""Tests of 2.1 of what a profile asks for, beyond those of 2.0 (6.1.27)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from passmuster.intel.feeds.csaf.naming import named_products
from passmuster.intel.feeds.csaf.walk import Complaint, Csaf

_ADVISORIES = ("csaf_security_advisory", "csaf_deprecated_security_advisory")
_REPORT = "csaf_vulnerability_report"
_REASONS = {"csaf_withdrawn": "Reasoning for Withdrawal", "csaf_superseded": "Reasoning for Supersession"}
_REFERRING = ("csaf_informational_advisory", "csaf_security_incident_response", "csaf_superseded")
_AFFECTED = ("first_affected", "known_affected", "last_affected")
# A summary of the report's own, or the text of the CVE.
_SUMMARIES = (("summary", "vulnerability summary"), ("description", "cve description"))


def profile_rules_2_1(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.27.2 to 6.1.27.20: what the profiles of 2.1 ask for."""
    has_external = any(each.get("category") == "external" for each in csaf.document.get("references", []))
    if csaf.category in _REFERRING and not has_external:
        yield "document.references", "the profile asks for a reference of category external; add one"
    if csaf.category in _REASONS:
        yield from _ended(csaf, _REASONS[csaf.category])
    if csaf.category == "csaf_superseded":
        yield from _superseding(csaf)
    if csaf.category == _REPORT:
        yield from _report(csaf)
    if csaf.category in ("csaf_security_advisory", "csaf_vex", _REPORT):
        yield from _identified(csaf)
    if csaf.category == "csaf_security_advisory":
        yield from _affected(csaf)


def _identified(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.27.8: a vulnerability has a CVE or an id, if of some products only, then every product has one."""
    for path, vulnerability in csaf.vulnerabilities:
        ids = vulnerability.get("ids", [])
        if "cve" in vulnerability or any("product_ids" not in each and "group_ids" not in each for each in ids):
            continue
        if not ids and csaf.category != "csaf_vex":
            yield path, f"the profile {csaf.category} asks for a cve or ids; add one"
        named = frozenset[str]().union(*(csaf.members(each) for each in ids))
        told = {product for products in vulnerability.get("product_status", {}).values() for product in products}
        for product in sorted(told - named if ids else ()):
            yield f"{path}.ids", f"none is of the product {product!r}; add one, or a cve"


def _ended(csaf: Csaf, title: str) -> Iterator[Complaint]:
    """6.1.27.3, 14 to 18: of a document that is no longer valid nothing remains but why."""
    for key in ("vulnerabilities", "product_tree"):
        if key in csaf.value:
            yield key, f"the profile {csaf.category} has none; remove it"
    if len(csaf.revisions) < 2:
        yield "document.tracking.revision_history", "has one revision; add that of the end to that of the beginning"
    notes = csaf.document.get("notes", [])
    descriptions = [note for note in notes if note["category"] == "description"]
    if not descriptions:
        yield "document.notes", f"the profile asks for a note of category description titled {title!r}; add it"
    elif csaf.is_english:
        titled = [note for note in notes if str(note.get("title", "")).strip().lower() == title.lower()]
        if len(titled) != 1 or titled[0]["category"] != "description":
            yield "document.notes", f"exactly one note, of category description, is to be titled {title!r}"


def _superseding(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.27.19: which document takes its place."""
    told = [each for each in csaf.document.get("references", []) if each.get("category") == "external"]
    if csaf.is_english:
        named = [each for each in csaf.document.get("references", []) if _names_successor(each)]
        if not named or any(each not in told for each in named):
            yield "document.references", "a reference of category external begins with 'Superseding Document'; add it"


def _names_successor(reference: dict[str, Any]) -> bool:
    return str(reference["summary"]).lower().startswith("superseding document")


def _report(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.27.4 to 6, 11, 20: a report of vulnerabilities."""
    for key in ("product_tree", "vulnerabilities"):
        if key not in csaf.value:
            yield key, f"the profile {csaf.category} asks for it; add it"
    for path, vulnerability in csaf.vulnerabilities:
        if "product_status" not in vulnerability:
            yield path, f"the profile {csaf.category} asks for product_status of each vulnerability; add it"
        told = {
            (note["category"], str(note.get("title", "")).strip().lower()) for note in vulnerability.get("notes", [])
        }
        if not told or (csaf.is_english and not told & set(_SUMMARIES)):
            yield f"{path}.notes", "asks for a note of category summary titled 'Vulnerability Summary'; add it"


def _affected(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.27.12 and 13: an advisory says what is affected, also of each product that it calls fixed."""
    named = named_products(csaf)
    for path, vulnerability in csaf.vulnerabilities:
        statuses = vulnerability.get("product_status", {})
        affected = [product for status in _AFFECTED for product in statuses.get(status, [])]
        fixed = [product for status in ("first_fixed", "fixed") for product in statuses.get(status, [])]
        if not affected and not fixed and "product_status" in vulnerability:
            yield f"{path}.product_status", "an advisory names affected products; add known_affected"
        families = {_family(named[product]) for product in affected if product in named}
        together = _together_with(csaf, set(affected))
        for product in fixed:
            if product in named and product not in together and _family(named[product]) not in families:
                yield f"{path}.product_status", f"{product!r} is fixed, but nothing of it is called affected; add it"


def _together_with(csaf: Csaf, affected: set[str]) -> set[str]:
    """Products that a path joins with an affected one, such as a hotfix with what it is installed on."""
    found: set[str] = set()
    for path in csaf.tree.get("product_paths", []):
        parts = {path["beginning_product_reference"], *(step["next_product_reference"] for step in path["subpaths"])}
        found |= parts if parts & affected else set()
    return found


def _family(product: Any) -> tuple[str, ...]:
    """Vendor and product; only that there is one, where no branches tell it."""
    is_told = product.product != product.name
    return (product.vendor, product.product) if is_told else ("",)
