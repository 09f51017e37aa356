"""EPSS scores of one day as CSV, read by column: three hundred thousand rows are no objects."""

from __future__ import annotations

import io
import re
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from passmuster.errors import UnreadableInput
from passmuster.intel.feeds.interface import Document, ImportProblem, Reading, ScoreTable

_HEADER = re.compile(r"\s*(?:#[^\n]*\n\s*)?\"?cve\"?\s*,\s*\"?epss\"?", re.IGNORECASE)
_ABOUT = re.compile(r"#\s*model_version:\s*([^,\s]*)\s*,\s*score_date:\s*(\d{4}-\d{2}-\d{2})")
_CVE = r"^CVE-\d{4}-\d{4,19}$"
_MOST_TOLD = 5
_TYPES = {"cve": pa.string(), "epss": pa.float64(), "percentile": pa.float64()}


class EpssFeed:
    """The daily file: a comment with the model and the day, then `cve,epss,percentile`."""

    kind = "epss"

    def recognises(self, document: Document) -> bool:
        """By the header of its columns, or the comment before it."""
        start = document.text[:500].lstrip("\ufeff")
        return document.value is None and bool(_HEADER.match(start) or _ABOUT.match(start))

    def read(self, document: Document) -> Reading:
        """The scores as one table; raises UnreadableInput where a row is none."""
        about = _ABOUT.match(document.text[:500])
        table = _parse(document)
        _check(table, document.where, first_line=3 if document.text.lstrip().startswith("#") else 2)
        scored_on = _day(about[2], document.where) if about else None
        problems = []
        if scored_on is None:
            text = "the file does not say of which day its scores are; the day of the import is taken"
            problems.append(ImportProblem("no_score_date", text))
        scores = ScoreTable(table, model=about[1] if about else "", scored_on=scored_on)
        return Reading((), tuple(problems), scores=scores)


def _day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UnreadableInput(f"{where}: line 1: score_date {text!r} is no date; fetch it again") from None


def _parse(document: Document) -> pa.Table:
    text = document.text.lstrip("\ufeff")
    skipped = 1 if text.lstrip().startswith("#") else 0
    try:
        found = pa_csv.read_csv(
            io.BytesIO(text.encode("utf-8", "surrogatepass")),
            read_options=pa_csv.ReadOptions(skip_rows=skipped),
            convert_options=pa_csv.ConvertOptions(column_types=_TYPES, strings_can_be_null=True),
        )
    except pa.ArrowException as error:
        problem = str(error).partition("\n")[0][:200]
        raise UnreadableInput(f"{document.where}: is no valid EPSS file: {problem}; fetch it again") from None
    missing = [name for name in ("cve", "epss") if name not in found.column_names]
    if missing:
        raise UnreadableInput(f"{document.where}: is no valid EPSS file: no column {', '.join(missing)}")
    percentile = found["percentile"] if "percentile" in found.column_names else pa.nulls(found.num_rows, pa.float64())
    columns = {"cve": found["cve"], "probability": found["epss"], "percentile": percentile}
    return pa.table(columns).sort_by("cve").combine_chunks()


def _check(table: pa.Table, where: str, *, first_line: int) -> None:
    """Raise UnreadableInput with the first rows that are none: no CVE, or no probability from 0 to 1."""
    if table.num_rows == 0:
        raise UnreadableInput(
            f"{where}: is no valid EPSS file: it has no scores (line {first_line} on); fetch it again"
        )
    is_cve = pc.fill_null(pc.match_substring_regex(table["cve"], _CVE), False)
    in_range = pc.fill_null(_is_share(table["probability"]), False)
    has_share = pc.fill_null(_is_share(table["percentile"]), True)
    bad = table.filter(pc.invert(pc.and_(pc.and_(is_cve, in_range), has_share)))
    twice = table.num_rows - pc.count_distinct(table["cve"]).as_py()
    complaints = [
        f"{row['cve']!r} with {row['probability']} and {row['percentile']}"
        for row in bad.slice(0, _MOST_TOLD).to_pylist()
    ]
    if complaints:
        told = "; ".join(complaints)
        raise UnreadableInput(
            f"{where}: is no valid EPSS file: {bad.num_rows} row(s) are no CVE with a probability from 0 to 1: {told}; "
            "fetch it again"
        )
    if twice:
        raise UnreadableInput(f"{where}: is no valid EPSS file: {twice} CVE(s) are given twice; fetch it again")


def _is_share(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.and_(pc.greater_equal(column, 0.0), pc.less_equal(column, 1.0))
