"""The reader of the vulnerabilities in a CycloneDX document."""

from __future__ import annotations

from typing import Any

from passmuster.documents.secrets import mask_secrets
from passmuster.intel.feeds.cyclonedx.affected import affected_products
from passmuster.intel.feeds.cyclonedx.naming import name_of
from passmuster.intel.feeds.cyclonedx.valid import is_bom, valid_bom
from passmuster.intel.feeds.formats import parse_time
from passmuster.intel.feeds.interface import Document, ImportProblem, Reading, Whole
from passmuster.intel.feeds.ssvc_line import read_ssvc_line
from passmuster.intel.scores import make_score, score_problems
from passmuster.model.advisory import Record, RecordKind, Remediation, RemediationKind, Score, SsvcPoint

_PREFIXES = {"CVSSv3": "CVSS:3.0/", "CVSSv31": "CVSS:3.1/", "CVSSv4": "CVSS:4.0/"}
_SEVERITIES = ("critical", "high", "medium", "low", "info")
_RESPONSES = {
    "can_not_fix": RemediationKind.NO_FIX_PLANNED,
    "will_not_fix": RemediationKind.NO_FIX_PLANNED,
    "update": RemediationKind.VENDOR_FIX,
    "rollback": RemediationKind.CONFIGURATION,
    "workaround_available": RemediationKind.CONFIGURATION,
}


class CycloneDxFeed:
    """CycloneDX 1.4 to 1.7 as JSON: each vulnerability it tells, with the analysis of what it means for the product."""

    kind = "cyclonedx"

    def recognises(self, document: Document) -> bool:
        """Whether it is a bill of materials of CycloneDX, JSON or XML."""
        return is_bom(document)

    def read(self, document: Document) -> Reading:
        """One record a vulnerability; raises UnreadableInput with all complaints where the document is not valid."""
        bom = valid_bom(document)
        records = tuple(_record(bom, number) for number in range(len(bom.get("vulnerabilities", []))))
        problems = [problem for record in records for problem in score_problems(record.scores, record.id)]
        if not records:
            text = "names components and no vulnerability; hand it to `passmuster triage --components` instead"
            problems.append(ImportProblem("no_vulnerabilities", text))
        return Reading(records, tuple(problems), whole=_whole(bom))


def _whole(bom: dict[str, Any]) -> Whole | None:
    """The bill by its serial number, which its revisions share; None where it has none."""
    serial = bom.get("serialNumber")
    return Whole("cyclonedx", _publisher(bom), serial, revision=int(bom.get("version", 1))) if serial else None


def _record(bom: dict[str, Any], number: int) -> Record:
    told = bom["vulnerabilities"][number]
    feed = _publisher(bom)
    name = told.get("id") or told.get("bom-ref") or str(number + 1)
    others = [each["id"] for each in told.get("references", []) if "id" in each]
    affected = affected_products(bom, told)
    rejected_at = _time(told.get("rejected"))
    scores = tuple(score for rating in told.get("ratings", []) if (score := _score(rating, feed)))
    return Record(
        kind=RecordKind.CYCLONEDX,
        feed=feed,
        id=f"{_subject(bom)}:{name}",
        aliases=tuple(dict.fromkeys([*([told["id"]] if "id" in told else []), *others])),
        title=mask_secrets(told.get("description", "").partition("\n")[0][:160]),
        description=mask_secrets("\n\n".join(told[key] for key in ("description", "detail") if key in told)),
        published_at=_time(told.get("published")),
        modified_at=_time(told.get("updated")) or _time(bom.get("metadata", {}).get("timestamp")),
        withdrawn_at=rejected_at,
        is_rejected=rejected_at is not None,
        is_hosted_only=bool(affected) and all(product.is_hosted_only for product in affected),
        severity=_severity(told.get("ratings", [])),
        scores=scores,
        ssvc=tuple(point for rating in told.get("ratings", []) for point in _ssvc(rating, feed)),
        affected=affected,
        remediations=tuple(dict.fromkeys(_remediations(told))),
        references=_references(told),
        extra=_extra(bom, told),
    )


def _publisher(bom: dict[str, Any]) -> str:
    """Who speaks: the supplier or maker of the bill or of what it is about, else what it is about."""
    metadata = bom.get("metadata", {})
    for holder in (metadata, metadata.get("component", {})):
        for key in ("supplier", "manufacturer", "manufacture"):
            if holder.get(key, {}).get("name"):
                return str(holder[key]["name"])
    return str(metadata.get("component", {}).get("name", "")) or "CycloneDX"


def _subject(bom: dict[str, Any]) -> str:
    """What stays the same from one revision of the bill to the next."""
    component = bom.get("metadata", {}).get("component")
    return str(bom.get("serialNumber") or (name_of(component).name if component else "bom"))


def _time(text: str | None) -> Any:
    return parse_time(text) if text else None


def _score(rating: dict[str, Any], feed: str) -> Score | None:
    method, vector = rating.get("method", ""), rating.get("vector", "")
    if not method.startswith("CVSS") and not vector.startswith("CVSS:"):
        return None
    if method in _PREFIXES and vector and not vector.startswith("CVSS:"):
        vector = _PREFIXES[method] + vector
    version = {"CVSSv2": "2.0", "CVSSv3": "3.0", "CVSSv31": "3.1", "CVSSv4": "4.0"}.get(method, "")
    stated = float(rating["score"]) if "score" in rating else None
    by = rating.get("source", {}).get("name") or feed
    return make_score(vector, stated=stated, by=by, version=version) if vector or stated is not None else None


def _ssvc(rating: dict[str, Any], feed: str) -> list[SsvcPoint]:
    by = rating.get("source", {}).get("name") or feed
    return read_ssvc_line(rating.get("vector", ""), by=by) if rating.get("method") == "SSVC" else []


def _severity(ratings: list[dict[str, Any]]) -> str:
    """The worst of the words given; "" where none is."""
    words = ["info" if each.get("severity") == "none" else each.get("severity") for each in ratings]
    return next((word for word in _SEVERITIES if word in words), "")


def _remediations(told: dict[str, Any]) -> list[Remediation]:
    responses = [_RESPONSES[each] for each in told.get("analysis", {}).get("response", []) if each in _RESPONSES]
    texts = {
        RemediationKind.VENDOR_FIX: mask_secrets(told.get("recommendation", "")),
        RemediationKind.CONFIGURATION: mask_secrets(told.get("workaround", "")),
    }
    found = [Remediation(kind, texts.get(kind, "")) for kind in responses]
    found += [Remediation(kind, text) for kind, text in texts.items() if text and kind not in responses]
    return found


def _references(told: dict[str, Any]) -> tuple[str, ...]:
    urls = [told.get("source", {}).get("url", ""), *(each.get("url", "") for each in told.get("advisories", []))]
    urls += [each.get("source", {}).get("url", "") for each in told.get("references", [])]
    return tuple(dict.fromkeys(mask_secrets(url) for url in urls if url))


def _extra(bom: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    analysis = told.get("analysis", {})
    found = {
        "document": bom.get("serialNumber"),
        "revision": bom.get("version", 1),
        "state": analysis.get("state"),
        "justification": analysis.get("justification"),
        "detail": mask_secrets(analysis.get("detail", "")),
        "cwes": [f"CWE-{number}" for number in told.get("cwes", [])],
    }
    return {key: value for key, value in found.items() if value}
