"""The reader of CSAF."""

from __future__ import annotations

from passmuster.documents.schema_words import complaints_of
from passmuster.errors import UnreadableInput
from passmuster.intel.feeds.csaf.checks import complaints_of_tests
from passmuster.intel.feeds.csaf.checks_dates import times_in
from passmuster.intel.feeds.csaf.checks_extensions import weighty_unknown_extensions
from passmuster.intel.feeds.csaf.checks_products import ranges_called_versions
from passmuster.intel.feeds.csaf.checks_vulnerabilities import is_named, weaknesses
from passmuster.intel.feeds.csaf.cwe_names import cwe_names
from passmuster.intel.feeds.csaf.records import records_of
from passmuster.intel.feeds.csaf.schema import validator
from passmuster.intel.feeds.csaf.walk import Csaf
from passmuster.intel.feeds.formats import is_full_time, parse_time
from passmuster.intel.feeds.interface import Document, ImportProblem, Reading, Whole
from passmuster.intel.scores import score_problems
from passmuster.model.advisory import Record

_VERSIONS = ("2.0", "2.1")
_MOST_COMPLAINTS = 100


class CsafFeed:
    """CSAF 2.0 and 2.1, every profile."""

    kind = "csaf"

    def recognises(self, document: Document) -> bool:
        """Whether `document` in it has a `csaf_version`, or both the tracking and the publisher that CSAF asks for."""
        value = document.value
        head = value.get("document") if isinstance(value, dict) else None
        return isinstance(head, dict) and ("csaf_version" in head or {"tracking", "publisher"} <= set(head))

    def read(self, document: Document) -> Reading:
        """One record a vulnerability; raises UnreadableInput with all complaints of schema and mandatory tests."""
        csaf = validated(document)
        records = records_of(csaf)
        released_at = parse_time(csaf.tracking["current_release_date"])
        whole = Whole("csaf", csaf.document["publisher"]["name"], csaf.tracking["id"], released_at=released_at)
        return Reading(records, tuple(_problems(csaf, records)), whole=whole)


def validated(document: Document) -> Csaf:
    """The document once its shape and all mandatory tests hold; raises UnreadableInput otherwise."""
    head = document.value.get("document") if isinstance(document.value, dict) else None
    version = head.get("csaf_version") if isinstance(head, dict) else None
    if version not in _VERSIONS:
        raise UnreadableInput(
            f"{document.where}: document.csaf_version: {version!r} is none of {', '.join(_VERSIONS)}; "
            "ask the publisher for one of these"
        )
    complaints = complaints_of(validator(version), document.value, document.where)
    csaf = Csaf(document.value, version)
    if not complaints:
        complaints = [
            f"{document.where}: {path}: {text} (CSAF test {number})"
            for number, (path, text) in complaints_of_tests(csaf)
        ]
    if complaints:
        more = len(complaints) - _MOST_COMPLAINTS
        tail = [f"{document.where}: and {more} more"] if more > 0 else []
        raise UnreadableInput("\n".join([*complaints[:_MOST_COMPLAINTS], *tail]))
    return csaf


def _problems(csaf: Csaf, records: tuple[Record, ...]) -> list[ImportProblem]:
    found = [problem for record in records for problem in score_problems(record.scores, record.id)]
    name = csaf.tracking["id"]
    days = [path for path, text in times_in(csaf.value, "") if not is_full_time(text)]
    if days:
        text = f"{', '.join(days[:5])}: a day where the standard asks for a time; its start is taken"
        found.append(ImportProblem("day_for_time", text, name))
    found += [ImportProblem("range_as_version", f"{path}: {text}", name) for path, text in ranges_called_versions(csaf)]
    for path, weakness in weaknesses(csaf):
        names = cwe_names().get(weakness["id"])
        if names is not None and not is_named(weakness["name"], names):
            found.append(ImportProblem("weakness_name", f"{path}: {weakness['id']} is named {names[-1]!r}", name))
    unknown = weighty_unknown_extensions(csaf) if csaf.version == "2.1" else ()
    found += [ImportProblem("unknown_extension", f"{path}: {text}", name) for path, text in unknown]
    if csaf.tracking["status"] == "draft":
        found.append(ImportProblem("draft", "the publisher calls this document a draft", csaf.tracking["id"]))
    return found
