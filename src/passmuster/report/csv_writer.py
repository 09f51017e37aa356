"""Findings as a spreadsheet: one row a violation, and one for each control that could not be judged.

The file starts with a byte order mark: it is for people, and without the mark Excel reads UTF-8 as the local code page
and garbles names. Programs read `evaluation.json`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import TextIO

from passmuster.model.results import ControlResult, Evaluation, Violation
from passmuster.model.words import Outcome
from passmuster.report.text import clean, one_line, rfc3339

ENCODING = "utf-8-sig"
COLUMNS = (
    "pack",
    "control",
    "title",
    "status",
    "severity",
    "domain",
    "resource_id",
    "resource_name",
    "detail",
    "responsibility",
    "remediation",
    "unlock",
    "fingerprint",
    "exception",
)
_WITHOUT_VERDICT = (Outcome.UNKNOWN, Outcome.ERROR, Outcome.MANUAL)
# A spreadsheet with another list separator splits our cells at `;`, tabs and line ends, so a formula may start there
# too. The full-width signs start one in East Asian versions of Excel.
_BLANK = "[ \u00a0\u3000\u200b\ufeff]*"
_FORMULA = re.compile(f"^({_BLANK})(?=\\t)|(^|[;\\t\\n])({_BLANK})(?=[=+\\-@＝＋－＠])")


def write_findings(evaluation: Evaluation, out: TextIO) -> None:
    """All findings as CSV (RFC 4180). `out` must be opened with `newline=""` and should be `ENCODING`."""
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for result in evaluation.results:
        if result.outcome is Outcome.FAIL:
            writer.writerows(_violation_rows(result))
        elif result.outcome in _WITHOUT_VERDICT:
            writer.writerow(_unjudged_row(result))


def safe_cell(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula: an apostrophe stands before what could start one."""
    if text.isprintable() and text[:1].isalnum() and ";" not in text:
        return text
    return _FORMULA.sub(lambda match: f"{match[2] or ''}'{match[1] or match[3] or ''}", clean(text))


def _violation_rows(result: ControlResult) -> Iterator[list[str]]:
    before = [safe_cell(text) for text in (result.pack, result.control, one_line(result.title), "fail")]
    domain = safe_cell(one_line(result.domain))
    after = [str(result.responsibility), safe_cell(one_line(result.remediation)), ""]
    for violation in result.violations:
        middle = [safe_cell(text) for text in (violation.id, violation.name, violation.detail)]
        yield [
            *before,
            str(violation.severity),
            domain,
            *middle,
            *after,
            safe_cell(violation.fingerprint),
            _exception(violation),
        ]


def _unjudged_row(result: ControlResult) -> list[str]:
    texts = (result.pack, result.control, one_line(result.title), str(result.outcome), str(result.severity))
    reason = (one_line(result.domain), "", "", result.reason)
    mend = (str(result.responsibility), one_line(result.remediation), one_line("; ".join(result.unlocks)))
    return [safe_cell(text) for text in (*texts, *reason, *mend, "", "")]


def _exception(violation: Violation) -> str:
    if violation.excepted_until is None:
        return ""
    by = f", approved by {violation.excepted_by}" if violation.excepted_by else ""
    return safe_cell(f"until {rfc3339(violation.excepted_until)}{by}")
