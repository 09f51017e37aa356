"""Tests of what a document must hold for the profile it claims (6.1.12, 15, 26, 27, 28)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from passmuster.intel.feeds.csaf.languages import is_known_language
from passmuster.intel.feeds.csaf.walk import Complaint, Csaf

_INFORMING = ("csaf_informational_advisory", "csaf_security_incident_response")
_ADVISING = ("csaf_security_advisory", "csaf_vex", "csaf_deprecated_security_advisory")
_ENDING = ("csaf_withdrawn", "csaf_superseded")
PROFILES = {
    "2.0": ("csaf_base", *_INFORMING, "csaf_security_advisory", "csaf_vex"),
    "2.1": ("csaf_base", *_INFORMING, *_ADVISING, *_ENDING, "csaf_vulnerability_report"),
}
_TELLING = ("description", "details", "general", "summary")


def unknown_languages(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.12: a language nobody registered."""
    for key in ("lang", "source_lang"):
        text = csaf.document.get(key)
        if text is not None and not is_known_language(text):
            yield f"document.{key}", f"{text!r} is no registered language; write a tag such as en or de-CH"


def translator_without_source(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.15: a translator that does not say from which language."""
    if csaf.document["publisher"]["category"] == "translator" and "source_lang" not in csaf.document:
        yield "document.source_lang", "must be given, as the publisher is a translator"


def same_languages(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.28: a translation into its own language."""
    source, target = csaf.document.get("source_lang"), csaf.document.get("lang")
    if source is not None and target is not None and source.lower() == target.lower():
        yield "document.lang", f"is {target!r} like source_lang; a translation changes the language"


def prohibited_category(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.26: a free category that looks like a profile."""
    profiles = PROFILES[csaf.version]
    if csaf.category in profiles:
        return
    plain = _plain(csaf.category)
    names = {_plain(profile) for profile in profiles}
    names |= {_plain(profile.removeprefix("csaf_")) for profile in profiles if profile != "csaf_base"}
    if plain in names or csaf.category.lower().startswith("csaf_"):
        yield "document.category", f"{csaf.category!r} reads like a profile but is none; use {', '.join(profiles)}"


def _plain(name: str) -> str:
    """Letters and digits alone, as no dash, space or look-alike of them may make a difference."""
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKC", name).lower())


def profile_rules(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.27: what the profile asks for and is missing, or forbids and is there."""
    if csaf.category in _INFORMING:
        yield from _informing(csaf)
    if csaf.category in _ADVISING:
        yield from _advising(csaf)
    if csaf.category == "csaf_vex":
        for path, vulnerability in csaf.vulnerabilities:
            yield from _vex(csaf, path, vulnerability)


def _informing(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.27.1 to 6.1.27.3."""
    if not any(note["category"] in _TELLING for note in csaf.document.get("notes", [])):
        yield "document.notes", f"the profile asks for a note of category {', '.join(_TELLING)}; add one"
    references = csaf.document.get("references", [])
    if not any(each.get("category", "external") == "external" for each in references):
        yield "document.references", "the profile asks for a reference of category external; add one"
    if csaf.category == "csaf_informational_advisory" and "vulnerabilities" in csaf.value:
        yield "vulnerabilities", "the profile has none; remove them or use another profile"


def _advising(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.27.4 to 6.1.27.6, 6.1.27.11."""
    if "product_tree" not in csaf.value:
        yield "product_tree", f"the profile {csaf.category} asks for it; add the products"
    if "vulnerabilities" not in csaf.value:
        yield "vulnerabilities", f"the profile {csaf.category} asks for at least one; add it"
    for path, vulnerability in csaf.vulnerabilities:
        if "notes" not in vulnerability:
            yield path, f"the profile {csaf.category} asks for notes of each vulnerability; add one"
        if "product_status" not in vulnerability and csaf.category != "csaf_vex":
            yield path, f"the profile {csaf.category} asks for product_status of each vulnerability; add it"


def _vex(csaf: Csaf, path: str, vulnerability: dict[str, Any]) -> Iterator[Complaint]:
    """6.1.27.7 to 6.1.27.10."""
    statuses = vulnerability.get("product_status", {})
    wanted = ("fixed", "known_affected", "known_not_affected", "under_investigation")
    if not any(status in statuses for status in wanted):
        yield f"{path}.product_status", f"the profile csaf_vex asks for one of {', '.join(wanted)}; add it"
    if "cve" not in vulnerability and "ids" not in vulnerability:
        yield path, "the profile csaf_vex asks for a cve or ids; add one"
    impacts = [each for each in vulnerability.get("threats", []) if each["category"] == "impact"]
    told = _union(csaf, [*impacts, *vulnerability.get("flags", [])])
    for product in statuses.get("known_not_affected", []):
        if product not in told:
            yield path, f"nothing says why {product!r} is not affected; add a flag or a threat of category impact"
    mended = _union(csaf, vulnerability.get("remediations", []))
    for product in statuses.get("known_affected", []):
        if product not in mended:
            yield path, f"nothing says what to do about {product!r}; add a remediation, if only none_available"


def _union(csaf: Csaf, parts: list[dict[str, Any]]) -> frozenset[str]:
    return frozenset().union(*(csaf.members(part) for part in parts))
