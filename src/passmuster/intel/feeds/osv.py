"""OSV records: one JSON document, or one a line."""

from __future__ import annotations

from typing import Any

from passmuster.documents.secrets import mask_secrets
from passmuster.intel.feeds.fields import Complaints, Fields
from passmuster.intel.feeds.interface import Document, Reading
from passmuster.intel.feeds.osv_affected import read_affected
from passmuster.intel.scores import make_score, score_problems
from passmuster.model.advisory import AffectedProduct, Record, RecordKind, Score

_OTHERS = frozenset({"cveMetadata", "bomFormat", "document", "vulnerabilities", "schema", "kind", "dataType"})


class OsvFeed:
    """Records of the Open Source Vulnerability format."""

    kind = "osv"

    def recognises(self, document: Document) -> bool:
        """By `schema_version` or `affected` beside an id, or an id beside `modified`."""
        value = document.value
        if not isinstance(value, dict) or _OTHERS & value.keys():
            return False
        marks = {"schema_version", "affected", "modified", "id", "aliases"} & value.keys()
        return "affected" in marks or "schema_version" in marks or {"id", "modified"} <= marks

    def read(self, document: Document) -> Reading:
        """The one record; raises UnreadableInput with every mistake."""
        complaints = Complaints()
        record = _record(Fields(document.value, "", complaints))
        complaints.refuse(document.where, "OSV record")
        return Reading((record,), tuple(score_problems(record.scores, record.id)))


def _record(fields: Fields) -> Record:
    identifier = fields.text("id", required=True)
    details = fields.mapping("database_specific").values
    affected, inner_scores = _affected(fields, identifier)
    scores = tuple(dict.fromkeys([*_scores(fields, identifier), *inner_scores]))
    return Record(
        kind=RecordKind.OSV,
        feed=_feed_of(identifier),
        id=identifier,
        aliases=tuple(dict.fromkeys(name for name in fields.texts("aliases") if name != identifier)),
        title=mask_secrets(fields.text("summary")),
        description=mask_secrets(fields.text("details")),
        published_at=fields.time("published"),
        modified_at=fields.time("modified", required=True),
        withdrawn_at=fields.time("withdrawn"),
        severity=_severity(fields, details),
        scores=scores,
        affected=affected,
        references=tuple(mask_secrets(each.text("url")) for each in fields.mappings("references")),
        extra=_extra(fields, details),
    )


def _affected(fields: Fields, identifier: str) -> tuple[tuple[AffectedProduct, ...], list[Score]]:
    cpes = _texts(fields.mapping("database_specific").values.get("cpes"))
    products, scores = [], []
    for entry in fields.mappings("affected"):
        products.append(read_affected(entry, cpes=cpes))
        scores += _scores(entry, identifier)
    return tuple(products), scores


def _scores(fields: Fields, identifier: str) -> list[Score]:
    """CVSS vectors of `severity`; some databases write a bare number there, others a word, which is no score."""
    found = []
    for entry in fields.mappings("severity"):
        kind, text = entry.text("type"), entry.text("score")
        if not kind.startswith("CVSS_"):
            continue
        version = {"CVSS_V2": "2.0", "CVSS_V3": "3.1", "CVSS_V4": "4.0"}.get(kind, "")
        number = _number(text)
        if number is None:
            found.append(make_score(text, by=_feed_of(identifier), version=version))
        else:
            found.append(make_score("", stated=number, by=_feed_of(identifier), version=version))
    return found


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= 10 else None


def _severity(fields: Fields, details: Any) -> str:
    words = [entry.text("score") for entry in fields.mappings("severity") if not entry.text("type").startswith("CVSS_")]
    word = details.get("severity")
    return (word if isinstance(word, str) else words[0] if words else "").lower()


def _extra(fields: Fields, details: Any) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    related = fields.texts("related")
    upstream = fields.texts("upstream")
    if related:
        extra["related"] = list(related)
    if upstream:
        extra["upstream"] = list(upstream)
    rest = {name: value for name, value in details.items() if name != "cpes"}
    if rest:
        extra["database_specific"] = rest
    return extra


def _feed_of(identifier: str) -> str:
    """The database by its prefix: `GHSA-...` is of `ghsa`, `BIT-...` of `bit`."""
    return f"osv-{identifier.partition('-')[0].lower()}" if "-" in identifier else "osv"


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
