"""The documents of the shipped examples: from columns they are, byte for byte, what objects one by one would make."""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from passmuster.controls.catalogue import find_pack, shipped_folder
from passmuster.evaluate.told import Told
from passmuster.model.results import Evaluation, Violation
from passmuster.pipeline.collecting import Collecting, collect
from passmuster.pipeline.evaluating import evaluate_folder, prepare_judging
from passmuster.report.csv_writer import write_findings
from passmuster.report.json_writer import write_evaluation
from tests.making import NOW

EXAMPLES = {"n8n": "n8n:demo", "salesforce": "salesforce:demo", "servicenow": None}
PACKS = tuple(sorted(folder.name for folder in shipped_folder("packs").iterdir() if folder.is_dir()))


@pytest.fixture(params=EXAMPLES, scope="module")
def judged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    folder: Path = tmp_path_factory.mktemp("example") / "snapshot"
    source = shipped_folder("examples") / request.param
    collect(Collecting(kind=request.param, path=source, platform_id=EXAMPLES[request.param], at=NOW), folder)
    return evaluate_folder(folder, prepare_judging(PACKS, as_of=NOW))


def resource(violation: Violation) -> dict[str, Any]:
    """One resource of `passmuster/evaluation@1`, spelled out."""
    until = violation.excepted_until
    return {
        "id": violation.id,
        "name": violation.name,
        "detail": violation.detail,
        "fingerprint": violation.fingerprint,
        "severity": str(violation.severity),
        "exception": {"until": until.isoformat(), "by": violation.excepted_by} if until else None,
    }


def test_the_evaluation_holds_every_violation_as_json_spells_it(judged: Evaluation) -> None:
    out = StringIO()
    write_evaluation(judged, out)
    arrays = [
        "[" + ",".join(f"\n    {json.dumps(resource(each))}" for each in result.violations) + "]"
        for result in judged.results
    ]
    pieces = out.getvalue().split('\n   "resources": ')
    assert [piece[: len(array)] for piece, array in zip(pieces[1:], arrays, strict=True)] == arrays
    assert json.loads(out.getvalue())["results"][0]["control"] == judged.results[0].control
    plain = StringIO()
    objects = [replace(result, violations=tuple(result.violations)) for result in judged.results]
    write_evaluation(replace(judged, results=tuple(objects)), plain)
    assert plain.getvalue() == out.getvalue()
    assert sum(result.violation_count for result in judged.results) > 10


def test_the_spreadsheet_names_the_same_fingerprints(judged: Evaluation) -> None:
    out = StringIO(newline="")
    write_findings(judged, out)
    listed = {row["fingerprint"] for row in csv.DictReader(StringIO(out.getvalue(), newline=""))} - {""}
    by_rule = set()
    for result in judged.results:
        first = find_pack(result.pack).first_name_of(result.control)
        for violation in result.violations:
            whole = "\x1f".join((result.pack, first, judged.snapshot.platform_id, violation.id))
            by_rule.add(hashlib.sha256(whole.encode()).hexdigest()[:32])
    assert listed == by_rule
    assert all(isinstance(result.violations, Told) for result in judged.results if result.outcome == "fail")
