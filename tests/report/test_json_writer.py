import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from io import StringIO
from typing import Any

from passmuster.model.drift import Change, Drift, TableDrift
from passmuster.model.results import Evaluation, Violation
from passmuster.model.words import Severity
from passmuster.report.json_writer import write_drift, write_evaluation
from tests.report import hostile, sample


def written(evaluation: Evaluation) -> Any:
    out = StringIO()
    write_evaluation(evaluation, out)
    return json.loads(out.getvalue())


def test_an_evaluation_is_the_document_of_the_contracts():
    document = written(sample.evaluation())
    assert document["schema"] == "passmuster/evaluation@1"
    assert document["as_of"] == "2026-06-01T08:00:00Z"
    assert document["snapshot"]["id"] == sample.snapshot().id
    assert document["snapshot"]["platform"] == "n8n-prod"
    assert document["packs"][0]["id"] == "no-code-baseline"
    wanted = {"pack", "control", "title", "severity", "responsibility", "status", "reason", "population", "violations"}
    for result in document["results"]:
        assert wanted | {"unknown_resources", "resources"} <= set(result)
        assert len(result["resources"]) == result["violations"]
        for resource in result["resources"]:
            assert {"id", "name", "detail", "fingerprint"} <= set(resource)


def test_the_summary_counts_every_outcome_and_the_applicable_controls():
    document = written(sample.evaluation())
    statuses = [result["status"] for result in document["results"]]
    summary = document["summary"]
    assert {status: summary[status] for status in set(statuses)} == {s: statuses.count(s) for s in set(statuses)}
    assert summary["answered"] == statuses.count("pass") + statuses.count("fail")
    assert summary["of"] == len(statuses) - statuses.count("not_applicable")


def test_an_exception_stands_beside_its_resource_and_changes_no_status():
    results = {result["control"]: result for result in written(sample.evaluation())["results"]}
    assert results["BCK-02"]["status"] == "fail"
    expected = {"until": "2026-09-30T00:00:00Z", "by": "ciso@meridian.example"}
    assert results["BCK-02"]["resources"][0]["exception"] == expected
    assert results["IAM-04"]["resources"][0]["exception"] is None


def test_hostile_names_survive_as_they_are_and_the_document_is_plain_ascii():
    out = StringIO()
    write_evaluation(hostile.evaluation(), out)
    assert out.getvalue().isascii()
    names = [resource["name"] for resource in json.loads(out.getvalue())["results"][0]["resources"]]
    assert names == list(hostile.NAMES)


def test_an_evaluation_without_any_result_is_a_whole_document():
    document = written(replace(sample.evaluation(), results=(), unlocks=(), tables=(), warnings=()))
    assert document["results"] == []
    assert document["summary"]["of"] == 0


class CountedWrites(StringIO):
    longest = 0

    def write(self, text: str) -> int:
        self.longest = max(self.longest, len(text))
        return len(text)


def test_many_violations_are_written_in_small_pieces():
    one = Violation("id", "name", "detail", Severity.LOW, "f" * 32)
    base = sample.evaluation()
    big = replace(base.results[0], violations=[one] * 100_000, violation_count=100_000)
    out = CountedWrites()
    write_evaluation(replace(base, results=(big,)), out)
    assert 0 < out.longest < 500_000


def test_drift_is_the_document_of_the_contracts():
    out = StringIO()
    write_drift(sample.drift(), out)
    document = json.loads(out.getvalue())
    assert document["schema"] == "passmuster/drift@1"
    assert document["head"] == {"id": sample.snapshot().id}
    apps = document["tables"]["apps"]
    assert [row["app_id"] for row in apps["added"]] == ["wf-112", "wf-113"]
    assert apps["changed"][0] == {"key": {"app_id": "wf-7"}, "column": "is_active", "before": False, "after": True}
    assert apps["not_comparable"] is False
    settings = document["tables"]["settings"]
    assert settings["not_comparable"] is True
    assert (settings["added"], settings["removed"], settings["changed"]) == ([], [], [])
    assert document["not_comparable"] == [{"table": "settings", "reason": settings["reason"]}]
    assert document["controls"][1]["was_called"] == "APP-6"
    assert document["summary"]["added"] == 3


def test_times_are_written_in_utc_with_z_whatever_their_offset():
    plus_two = datetime(2026, 6, 1, 10, 0, tzinfo=timezone(timedelta(hours=2)))
    change = Change({"id": "a", "at": datetime(2026, 1, 1, tzinfo=UTC)}, "at", plus_two, date(2026, 7, 1))
    out = StringIO()
    write_drift(Drift("a", "b", (TableDrift("keys", changed=(change,)),)), out)
    (found,) = json.loads(out.getvalue())["tables"]["keys"]["changed"]
    assert found == {
        "key": {"id": "a", "at": "2026-01-01T00:00:00Z"},
        "column": "at",
        "before": "2026-06-01T08:00:00Z",
        "after": "2026-07-01",
    }


def test_drift_without_any_table_is_a_whole_document():
    out = StringIO()
    write_drift(Drift("a", "b", ()), out)
    assert json.loads(out.getvalue())["tables"] == {}
