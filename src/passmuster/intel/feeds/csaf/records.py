"""What becomes of a valid CSAF document: one record a vulnerability."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from passmuster.documents.secrets import mask_secrets
from passmuster.intel.feeds.csaf.affected import affected_products
from passmuster.intel.feeds.csaf.hosted import is_hosted_only
from passmuster.intel.feeds.csaf.metrics import epss_of, scores_told, severity_of, ssvc_of
from passmuster.intel.feeds.csaf.naming import NamedProduct, named_products
from passmuster.intel.feeds.csaf.walk import Csaf
from passmuster.intel.feeds.formats import parse_time
from passmuster.intel.feeds.ssvc_line import read_ssvc_line
from passmuster.model.advisory import Record, RecordKind, Remediation, RemediationKind

_KINDS = {
    "vendor_fix": RemediationKind.VENDOR_FIX,
    "optional_patch": RemediationKind.VENDOR_FIX,
    "workaround": RemediationKind.CONFIGURATION,
    "mitigation": RemediationKind.MITIGATION,
    "none_available": RemediationKind.NONE_AVAILABLE,
    "fix_planned": RemediationKind.NONE_AVAILABLE,
    "no_fix_planned": RemediationKind.NO_FIX_PLANNED,
}
_DESCRIBING = (("description", "summary"), ("details", "general"))


def records_of(csaf: Csaf) -> tuple[Record, ...]:
    """One record a vulnerability, or one of the document itself where it names none."""
    if not csaf.vulnerabilities:
        return (_document_record(csaf),)
    named = named_products(csaf)
    return tuple(_record(csaf, number, named) for number in range(len(csaf.vulnerabilities)))


def record_id(csaf: Csaf, number: int) -> str:
    """The document's id with the CVE (or other id, or place) of one vulnerability.

    The same CVE stands in several documents of one publisher, so that a CVE alone would not tell them apart.
    """
    vulnerability = csaf.vulnerabilities[number][1]
    ids = [each["text"] for each in vulnerability.get("ids", [])]
    name = vulnerability.get("cve") or (ids[0] if ids else str(number + 1))
    return f"{csaf.tracking['id']}:{name}"


def _record(csaf: Csaf, number: int, named: Mapping[str, NamedProduct]) -> Record:
    vulnerability = csaf.vulnerabilities[number][1]
    tracking = csaf.tracking
    remediations = vulnerability.get("remediations", [])
    fixed = [each["date"] for each in remediations if each["category"] == "vendor_fix" and "date" in each]
    fixed_times = sorted(time for text in fixed if (time := parse_time(text)))
    disclosed = vulnerability.get("release_date") or vulnerability.get("disclosure_date")
    scores = scores_told(vulnerability, csaf.document["publisher"]["name"])
    involvements = vulnerability.get("involvements", [])
    return Record(
        kind=RecordKind.CSAF,
        feed=csaf.document["publisher"]["name"],
        id=record_id(csaf, number),
        aliases=tuple(_aliases(csaf, vulnerability)),
        title=mask_secrets(vulnerability.get("title") or csaf.document["title"]),
        description=_description(vulnerability.get("notes", []) or csaf.document.get("notes", [])),
        published_at=parse_time(disclosed or tracking["initial_release_date"]),
        modified_at=parse_time(tracking["current_release_date"]),
        vendor_fixed_at=fixed_times[0] if fixed_times else None,
        is_hosted_only=_is_hosted_only(csaf, vulnerability),
        is_disputed=_is_disputed(involvements),
        severity=severity_of(vulnerability, csaf.document.get("aggregate_severity", {}).get("text", ""), scores),
        scores=scores,
        ssvc=ssvc_of(vulnerability, csaf.document["publisher"]["name"]),
        epss=epss_of(vulnerability),
        affected=affected_products(vulnerability, named),
        remediations=tuple(dict.fromkeys(_remediation(each) for each in remediations)),
        references=_references(csaf, vulnerability),
        extra=_document_extra(csaf) | _extra(vulnerability),
    )


def _is_hosted_only(csaf: Csaf, vulnerability: dict[str, Any]) -> bool:
    """Whether it is of a service that the vendor runs and mended; notes of the document count for its sole one."""
    return is_hosted_only(vulnerability, csaf.document.get("notes", []) if len(csaf.vulnerabilities) == 1 else [])


def _is_disputed(involvements: list[dict[str, Any]]) -> bool:
    """Whether a party disputes it as of its last word; what bears no date stands."""
    last: dict[str, tuple[float, bool]] = {}
    for each in involvements:
        told = parse_time(each["date"]) if "date" in each else None
        at = told.timestamp() if told else float("inf")
        if at >= last.get(each["party"], (float("-inf"), False))[0]:
            last[each["party"]] = (at, each["status"] == "disputed")
    return any(is_disputed for _at, is_disputed in last.values())


def _document_record(csaf: Csaf) -> Record:
    tracking = csaf.tracking
    changed = parse_time(tracking["current_release_date"])
    return Record(
        kind=RecordKind.CSAF,
        feed=csaf.document["publisher"]["name"],
        id=tracking["id"],
        aliases=tuple(tracking.get("aliases", [])),
        title=mask_secrets(csaf.document["title"]),
        description=_description(csaf.document.get("notes", [])),
        published_at=parse_time(tracking["initial_release_date"]),
        modified_at=changed,
        withdrawn_at=changed if csaf.category in ("csaf_withdrawn", "csaf_superseded") else None,
        references=_references(csaf, {}),
        extra=_document_extra(csaf),
    )


def _aliases(csaf: Csaf, vulnerability: dict[str, Any]) -> Iterator[str]:
    """Other names of this vulnerability. The document's own is none of one without a CVE that is not the sole one:

    it would stand for all the others too.
    """
    names = [vulnerability["cve"]] if "cve" in vulnerability else []
    names += [each["text"] for each in vulnerability.get("ids", [])]
    is_sole = len(csaf.vulnerabilities) == 1
    names += [csaf.tracking["id"]] if is_sole or "cve" in vulnerability else []
    names += [alias for alias in csaf.tracking.get("aliases", []) if is_sole and not alias.startswith("CVE-")]
    yield from dict.fromkeys(names)


def _description(notes: list[dict[str, Any]]) -> str:
    told = [note for categories in _DESCRIBING for note in notes if note["category"] in categories]
    text = next((note["text"] for note in told if not read_ssvc_line(note["text"], by="")), "")
    return mask_secrets(text)


def _remediation(part: dict[str, Any]) -> Remediation:
    return Remediation(_KINDS[part["category"]], mask_secrets(part["details"]), mask_secrets(part.get("url", "")))


def _references(csaf: Csaf, vulnerability: dict[str, Any]) -> tuple[str, ...]:
    told = [*vulnerability.get("references", []), *csaf.document.get("references", [])]
    return tuple(dict.fromkeys(mask_secrets(each["url"]) for each in told))


def _document_extra(csaf: Csaf) -> dict[str, Any]:
    return {
        "document": csaf.tracking["id"],
        "category": csaf.category,
        "status": csaf.tracking["status"],
        "revision": csaf.tracking["version"],
        "publisher_category": csaf.document["publisher"]["category"],
    }


def _extra(vulnerability: dict[str, Any]) -> dict[str, Any]:
    """What only CSAF tells: weaknesses, justifications, threats, what is recommended."""
    told = {
        "cwes": [each["id"] for each in [vulnerability.get("cwe"), *vulnerability.get("cwes", [])] if each],
        "flags": [_short(each, "label") for each in vulnerability.get("flags", [])],
        "threats": [_short(each, "category", "details") for each in vulnerability.get("threats", [])],
        "recommended": vulnerability.get("product_status", {}).get("recommended", []),
        "exploited_at": [each["exploitation_date"] for each in vulnerability.get("first_known_exploitation_dates", [])],
        "discovered_at": vulnerability.get("discovery_date"),
    }
    return {key: value for key, value in told.items() if value}


def _short(part: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: mask_secrets(part[key]) for key in keys} | {
        key: part[key] for key in ("product_ids", "group_ids", "date") if key in part
    }
