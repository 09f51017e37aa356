"""Tests of 2.1 on branches, ranges, hashes, remediations, weaknesses and scores."""

from __future__ import annotations

import re
from collections.abc import Iterator

from packageurl import PackageURL

from passmuster.intel.feeds.csaf.cvss_metrics import METRICS
from passmuster.intel.feeds.csaf.cwe_names import cwe_name_at
from passmuster.intel.feeds.csaf.walk import Complaint, Csaf, items, scores_of, walk_branches

_VERSION = r"[^\s|<>=!*]+"
_VERS = re.compile(
    rf"vers:(?!all/)[a-z0-9.+-]+/(?:\*|(?:!=|<=?|>=?)?{_VERSION}(?:\|(?:!=|<=?|>=?)?{_VERSION})*)|vers:/?all|vers:all/\*"
)
# The same without a scheme, where an equals sign may stand too.
_LIKE_VERS = re.compile(rf"(?!vers:)(?:!=|<=?|>=?|=)?{_VERSION}(?:\|(?:!=|<=?|>=?|=)?{_VERSION})*")
_HASH_LENGTHS = {"md5": 32, "mdc2": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128} | {
    "sha3-224": 56,
    "sha3-256": 64,
    "sha3-384": 96,
    "sha3-512": 128,
    "sha512-256": 64,
    "sha512-224": 56,
    "ripemd160": 40,
    "rmd160": 40,
    "ripemd": 40,
    "sm3": 64,
    "md5-sha1": 72,
    "blake2b512": 128,
    "blake2s256": 64,
}
# What one remediation says, another may not contradict for the same product.
_KINDS_OF_FIX = ("none_available", "fix_planned", "no_fix_planned", "vendor_fix", "optional_patch")
_FORBIDDEN = {
    "affected": frozenset({"optional_patch"}),
    "not affected": frozenset(
        {"none_available", "fix_planned", "no_fix_planned", "vendor_fix", "mitigation", "workaround"}
    ),
    "fixed": frozenset({"none_available", "fix_planned", "no_fix_planned", "vendor_fix", "mitigation", "workaround"}),
    "under investigation": frozenset({"optional_patch"}),
    "unknown": frozenset({"optional_patch"}),
}
_STATUS_OF = {
    **dict.fromkeys(("first_affected", "known_affected", "last_affected"), "affected"),
    "known_not_affected": "not affected",
    **dict.fromkeys(("first_fixed", "fixed"), "fixed"),
    "under_investigation": "under investigation",
    "unknown": "unknown",
}
_SCORE_KEYS = {
    "cvss_v2": ("baseScore", "temporalScore", "environmentalScore"),
    "cvss_v3": tuple(
        f"{kind}{what}" for kind in ("base", "temporal", "environmental") for what in ("Score", "Severity")
    ),
    "cvss_v4": ("baseScore", "baseSeverity"),
}


def stacked_branches(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.57: two branches of one category stand in one line (families of families excepted)."""
    for path, line in walk_branches(csaf.tree):
        category = line[-1]["category"]
        if category != "product_family" and any(branch["category"] == category for branch in line[:-1]):
            yield path, f"there is a branch of category {category} above it already; use another category"


def mixed_versions(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.58: a line of branches names both a version and a range."""
    for path, line in walk_branches(csaf.tree):
        if {"product_version", "product_version_range"} <= {branch["category"] for branch in line}:
            yield path, "both product_version and product_version_range stand in its line; keep one"


def odd_ranges(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.50 and 59: a range that is not written as one, or is one version."""
    for path, line in walk_branches(csaf.tree):
        name = line[-1]["name"]
        if line[-1]["category"] != "product_version_range":
            continue
        if not re.search(r"[<>*]|!=|vers:/?all", name) and (
            name.startswith("vers:") or re.fullmatch(r"[\w.+-]+", name)
        ):
            yield f"{path}.name", f"{name!r} is one version; make the category product_version"
        elif not _VERS.fullmatch(name) and not _LIKE_VERS.fullmatch(name):
            yield f"{path}.name", f"{name!r} is no version range; write vers:SCHEME/>=1.0|<2.0"


def wrong_hash_lengths(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.63: a hash is not as long as its algorithm makes them."""
    for path, product in csaf.products:
        helper = product.get("product_identification_helper", {})
        for place, hashed in items(helper, "hashes", f"{path}.product_identification_helper"):
            for each_place, each in items(hashed, "file_hashes", place):
                length = _HASH_LENGTHS.get(each["algorithm"].lower())
                if length is not None and len(each["value"]) != length:
                    yield (
                        each_place,
                        f"a hash by {each['algorithm']} has {length} digits, this has {len(each['value'])}",
                    )


def odd_purls(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.13: a package URL against the rules of its own type."""
    for path, product in csaf.products:
        for place, text in items(product.get("product_identification_helper", {}), "purls", path):
            if text.startswith("pkg:oci/") and PackageURL.from_string(text).namespace:
                yield place, f"{text!r}: a package URL of type oci has no namespace; put it into repository_url"


def contradicting_remediations(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.35: a product has a fix and has none."""
    for path, vulnerability in csaf.vulnerabilities:
        told: dict[str, set[str]] = {}
        for remediation in vulnerability.get("remediations", []):
            for product in csaf.members(remediation):
                told.setdefault(product, set()).add(remediation["category"])
        for product, categories in sorted(told.items()):
            fixes = sorted(categories & set(_KINDS_OF_FIX))
            both = fixes if len(fixes) > 1 else []
            if "none_available" in categories and len(categories) > 1:
                both = sorted(categories)
            if "optional_patch" in categories and len(categories) > 1:
                both = sorted(categories)
            if both:
                yield (
                    f"{path}.remediations",
                    f"{product!r} has {' and '.join(both)}, which exclude each other; keep one",
                )


def unfitting_remediations(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.36: a remediation that makes no sense for what the product is said to be."""
    for path, vulnerability in csaf.vulnerabilities:
        status = {
            product: _STATUS_OF[key]
            for key, products in vulnerability.get("product_status", {}).items()
            if key in _STATUS_OF
            for product in products
        }
        for place, remediation in items(vulnerability, "remediations", path):
            for product in sorted(csaf.members(remediation)):
                if remediation["category"] in _FORBIDDEN.get(status.get(product, ""), frozenset()):
                    yield place, f"{product!r} is {status[product]}, {remediation['category']} does not fit; remove it"


def wrong_weaknesses_at_version(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.11: a CWE that had another name in the version given, or none."""
    for path, vulnerability in csaf.vulnerabilities:
        for place, weakness in items(vulnerability, "cwes", path):
            name = cwe_name_at(weakness["id"], weakness["version"])
            if name is not None and name != weakness["name"]:
                told = f"is named {name!r}" if name else "is no weakness"
                yield place, f"{weakness['id']} {told} in version {weakness['version']}; correct it"


def unknown_score_keys(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.8: a CVSS score with keys that its version does not have."""
    for path, vulnerability in csaf.vulnerabilities:
        for place, name, score, _, _ in scores_of(vulnerability, path):
            known = {"version", "vectorString", *_SCORE_KEYS[name], *METRICS[name]}
            yield from ((f"{place}.{key}", "is no part of this score; remove it") for key in score if key not in known)


def doubled_ratings(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.56: one source gives a product both a CVSS score and a rating in words."""
    for path, vulnerability in csaf.vulnerabilities:
        scored = {(product, source) for *_, products, source in scores_of(vulnerability, path) for product in products}
        for place, metric in items(vulnerability, "metrics", path):
            if "qualitative_severity_rating" in metric["content"]:
                both = sorted(each for each in metric["products"] if (each, metric.get("source", "")) in scored)
                yield from ((place, f"{each!r} has a CVSS score of this source; remove the rating") for each in both)
