"""CVE records (JSON 5.x): what the numbering authority says, and what others (CISA among them) add to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from passmuster.documents.secrets import mask_secrets
from passmuster.intel.feeds.cve_affected import read_affected
from passmuster.intel.feeds.cve_applicability import read_applicability
from passmuster.intel.feeds.fields import Complaints, Fields
from passmuster.intel.feeds.interface import Document, Reading
from passmuster.intel.feeds.kev import CVE_ID
from passmuster.intel.scores import make_score, score_problems
from passmuster.intel.ssvc import read_ssvc
from passmuster.model.advisory import (
    AffectedProduct,
    KevEntry,
    Record,
    RecordKind,
    Remediation,
    RemediationKind,
    Score,
    SsvcPoint,
)

_SCORES = {"cvssV4_0": "4.0", "cvssV3_1": "3.1", "cvssV3_0": "3.0", "cvssV2_0": "2.0"}
_STATES = ("PUBLISHED", "REJECTED")
_FIX_TOLD = re.compile(r"\b(?:fix|fixed|patch|patched|update|hotfix|mitigat)\w*\b", re.IGNORECASE)
_OUT = re.compile(r"\b(?:released|available|deployed|published|issued|rolled out|applied)\b", re.IGNORECASE)


class CveFeed:
    """One CVE record a document."""

    kind = "cve"

    def recognises(self, document: Document) -> bool:
        """By `dataType`, or by `cveMetadata` beside `containers`."""
        value = document.value
        if not isinstance(value, dict):
            return False
        return value.get("dataType") == "CVE_RECORD" or "cveMetadata" in value

    def read(self, document: Document) -> Reading:
        """The one record; raises UnreadableInput with every mistake."""
        complaints = Complaints()
        record = _record(Fields(document.value, "", complaints))
        complaints.refuse(document.where, "CVE record")
        return Reading((record,), tuple(score_problems(record.scores, record.id)))


def _record(fields: Fields) -> Record:
    _check_type(fields)
    about = fields.mapping("cveMetadata", required=True)
    identifier, state = _identity(about)
    containers = fields.mapping("containers", required=True)
    cna = containers.mapping("cna", required=True)
    told = [(cna, _provider(cna) or about.text("assignerShortName"))]
    told += [(adp, _provider(adp)) for adp in containers.mappings("adp")]
    is_rejected = state == "REJECTED"
    if not is_rejected and cna.values and not cna.list("descriptions"):
        cna.complain("descriptions", "is missing" if not cna.has("descriptions") else "is empty")
    affected = tuple(product for container, _ in told for product in _affected(container, is_cna=container is cna))
    if not is_rejected and cna.values and not cna.has("affected"):
        cna.complain("affected", "is missing")
    ssvc, kev = _other(told)
    tags = cna.texts("tags")
    return Record(
        kind=RecordKind.CVE,
        feed=about.text("assignerShortName") or "cve",
        id=identifier,
        title=mask_secrets(cna.text("title")),
        description=mask_secrets(_english(cna, "descriptions") or _english(cna, "rejectedReasons")),
        published_at=_published(about, cna),
        modified_at=about.time("dateUpdated"),
        withdrawn_at=(about.time("dateRejected") or about.time("dateUpdated")) if is_rejected else None,
        vendor_fixed_at=_vendor_fixed_at(cna),
        is_rejected=is_rejected,
        is_disputed="disputed" in tags,
        is_hosted_only="exclusively-hosted-service" in tags,
        scores=tuple(score for container, by in told for score in _scores(container, by)),
        ssvc=ssvc,
        kev=kev,
        affected=affected,
        remediations=tuple(_remediations(cna)),
        references=tuple(
            dict.fromkeys(mask_secrets(each.text("url")) for box, _ in told for each in box.mappings("references"))
        ),
        extra=_extra(about, told),
    )


def _check_type(fields: Fields) -> None:
    data_type, version = fields.text("dataType", required=True), fields.text("dataVersion", required=True)
    if data_type and data_type != "CVE_RECORD":
        fields.complain("dataType", f"{data_type[:20]!r} is not CVE_RECORD")
    if version and not re.fullmatch(r"5\.\d+(?:\.\d+)?", version):
        fields.complain("dataVersion", f"{version[:20]!r} is not 5.x, which is what is read")


def _identity(about: Fields) -> tuple[str, str]:
    identifier = about.text("cveId", required=bool(about.values))
    if identifier and not CVE_ID.fullmatch(identifier):
        about.complain("cveId", f"{identifier[:40]!r} is no CVE")
    state = about.text("state", required=bool(about.values))
    if state and state not in _STATES:
        about.complain("state", f"{state[:20]!r} is none of {', '.join(_STATES)}")
    return identifier, state


def _provider(container: Fields) -> str:
    provider = container.mapping("providerMetadata")
    return provider.text("shortName") or container.text("title")


def _published(about: Fields, cna: Fields) -> datetime | None:
    """When it became public: the authority may say a day before the record was published."""
    moments = [moment for moment in (about.time("datePublished"), cna.time("datePublic")) if moment]
    return min(moments, default=None)


def _affected(container: Fields, *, is_cna: bool) -> Iterator[AffectedProduct]:
    is_hosted = is_cna and "exclusively-hosted-service" in container.texts("tags")
    told = [read_affected(entry, is_hosted_only=is_hosted) for entry in container.mappings("affected")]
    yield from told
    yield from read_applicability(container, told)


def _scores(container: Fields, by: str) -> Iterator[Score]:
    for metric in container.mappings("metrics"):
        for name, version in _SCORES.items():
            if metric.has(name):
                score = metric.mapping(name)
                stated = score.number("baseScore", low=0, high=10)
                vector = score.text("vectorString", required=True)
                yield make_score(vector, stated=stated, by=by, version=version)


def _other(told: list[tuple[Fields, str]]) -> tuple[tuple[SsvcPoint, ...], KevEntry | None]:
    """SSVC points and a note of CISA's catalogue, from whichever container holds them."""
    points: list[SsvcPoint] = []
    kev: KevEntry | None = None
    for container, by in told:
        for metric in container.mappings("metrics"):
            for name in metric.values:
                if name.lower().startswith("ssvc"):
                    points += read_ssvc(metric.mapping(name), by=by)
            if not metric.has("other"):
                continue
            other = metric.mapping("other")
            content = other.mapping("content")
            if other.text("type").lower() == "ssvc":
                points += read_ssvc(content, by=by)
            elif other.text("type").lower() == "kev":
                added = content.day("dateAdded", required=True)
                kev = KevEntry(added_on=added, due_on=content.day("dueDate")) if added else kev
    return tuple(points), kev


def _vendor_fixed_at(cna: Fields) -> datetime | None:
    """The first moment at which the timeline says that a fix was out; None where it says no such thing."""
    moments = []
    for entry in cna.mappings("timeline"):
        text, moment = entry.text("value"), entry.time("time")
        if moment and _FIX_TOLD.search(text) and _OUT.search(text):
            moments.append(moment)
    return min(moments, default=None)


def _remediations(cna: Fields) -> Iterator[Remediation]:
    for name, kind in (("solutions", RemediationKind.VENDOR_FIX), ("workarounds", RemediationKind.MITIGATION)):
        text = _english(cna, name)
        if text:
            yield Remediation(kind, text)


def _english(container: Fields, name: str) -> str:
    """The English text of a list of texts by language, else the first."""
    entries = [(entry.text("lang").lower(), entry.text("value")) for entry in container.mappings(name)]
    english = [value for lang, value in entries if lang.startswith("en") and value]
    return english[0] if english else entries[0][1] if entries else ""


def _extra(about: Fields, told: list[tuple[Fields, str]]) -> dict[str, Any]:
    cna = told[0][0]
    extra: dict[str, Any] = {}
    weaknesses = [
        description.text("cweId")
        for box, _ in told
        for problem in box.mappings("problemTypes")
        for description in problem.mappings("descriptions")
        if description.has("cweId")
    ]
    if weaknesses:
        extra["cwes"] = list(dict.fromkeys(weaknesses))
    if cna.texts("tags"):
        extra["tags"] = list(cna.texts("tags"))
    if _english(cna, "configurations"):
        extra["configurations"] = _english(cna, "configurations")
    replaced = cna.texts("replacedBy")
    if replaced:
        extra["replaced_by"] = list(replaced)
    reserved = about.text("dateReserved")
    return {**extra, "reserved_at": reserved} if reserved else extra
