"""From advisories and components to a list, without a store."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from passmuster.cli.triage import command
from passmuster.errors import UsageError
from passmuster.model.advisory import Advisory, NoticeKind
from passmuster.model.component import Component, ComponentKind
from passmuster.model.decision import Action
from passmuster.model.match import Match, Verdict
from passmuster.model.words import Hosting
from passmuster.pipeline.triaging import Matching, Triage, prepare_triaging, triage_all, triage_points
from passmuster.report.triage_terminal import print_triage
from passmuster.report.triage_writer import write_triage
from passmuster.triage.surroundings import read_surroundings
from tests.making import make_snapshot
from tests.triage.making import (
    MILD_VECTOR,
    NOW,
    WORST_VECTOR,
    at,
    component,
    cve,
    judged,
    listed,
    matched,
    notice,
    scored,
)
from tests.triage.test_exposure import ESTATE

ADD_ON = Component("p1", "n8n-nodes-drift", ComponentKind.ADD_ON, "1.0.0", environment_id="e1", hosting=Hosting.SELF)


def matching_of(
    advisories: list[Advisory], verdicts: dict[str, Verdict], fixed: tuple[str, ...] = ("1.2.3",)
) -> Matching:
    """Matches advisories named in `verdicts` with every component."""

    def match(advisory: Advisory, found: Component) -> Match | None:
        verdict = verdicts.get(advisory.id)
        told = matched(verdict, fixed, component=found) if verdict else None
        return replace(told, advisory=advisory.id) if told else None

    by_id = {advisory.id: advisory for advisory in advisories}
    return Matching(by_id, lambda _: by_id, match)


def triaged(advisories: list[Advisory], verdicts: dict[str, Verdict] | None = None, **how: Any) -> Triage:
    verdicts = verdicts if verdicts is not None else {advisory.id: Verdict.AFFECTED for advisory in advisories}
    by = prepare_triaging(as_of=NOW, **how)
    return triage_all(matching_of(advisories, verdicts), [component()], by)


def test_the_real_three_day_case_stands_before_those_that_only_may_be() -> None:
    known = cve("CVE-2026-3", ssvc=judged(), kev=listed())
    guessed = [cve(f"CVE-2026-{n}", scores=scored(WORST_VECTOR), learned_at=at("2026-11-01")) for n in (1, 2)]
    doubtful = cve("CVE-2026-4", ssvc=judged(), kev=listed())
    verdicts = {a.id: Verdict.AFFECTED for a in [known, *guessed]} | {"CVE-2026-4": Verdict.NEEDS_REVIEW}
    found = triaged([doubtful, *guessed, known], verdicts)
    assert [d.advisory for d in found.decisions] == ["CVE-2026-3", "CVE-2026-1", "CVE-2026-2", "CVE-2026-4"]


def test_a_hunt_stands_with_what_is_as_urgent() -> None:
    hunt = notice(NoticeKind.EMERGENCY_CHANGE, "Tokens were stolen.")
    advisories = [cve("CVE-2026-1", scores=scored(MILD_VECTOR)), hunt, cve("CVE-2026-2", ssvc=judged(), kev=listed())]
    verdicts = {"CVE-2026-1": Verdict.AFFECTED, "CVE-2026-2": Verdict.AFFECTED}
    assert [d.advisory for d in triaged(advisories, verdicts).decisions] == ["CVE-2026-2", "acme-1", "CVE-2026-1"]


def test_what_is_closed_is_listed_only_when_asked() -> None:
    advisories = [cve("CVE-2026-1", ssvc=judged()), cve("CVE-2026-2", ssvc=judged())]
    verdicts = {"CVE-2026-1": Verdict.FIXED, "CVE-2026-2": Verdict.NOT_AFFECTED}
    assert triaged(advisories, verdicts).decisions == ()
    found = triaged(advisories, verdicts, with_closed=True)
    assert [d.action for d in found.decisions] == [Action.NONE, Action.NONE]


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_of_notices_only_fixes_and_emergency_changes_are_triaged_and_the_others_are_told(kind: NoticeKind) -> None:
    found = triaged([notice(kind)], {})
    if kind in (NoticeKind.SECURITY_FIX, NoticeKind.EMERGENCY_CHANGE):
        assert [d.advisory for d in found.decisions] == ["acme-1"]
        assert found.warnings == ()
    else:
        assert found.decisions == ()
        assert found.warnings[0].startswith("1 notice(s) that mend nothing were not triaged (acme-1)")


def test_a_notice_of_another_platform_concerns_nobody_here() -> None:
    told = notice()
    assert told.notice is not None
    other = replace(told, notice=replace(told.notice, platforms=("Directus",)))
    assert triaged([other], {}).decisions == ()


def test_what_the_vendor_announced_is_its_date_to_keep_and_then_evidence_to_ask() -> None:
    told = notice(latest_at=at("2026-12-05"))
    by = prepare_triaging(as_of=NOW)
    hosted = [component(hosting=Hosting.VENDOR)]
    (before,) = triage_all(matching_of([told], {}), hosted, by).decisions
    assert (before.action, before.who_patches) == (Action.PATCH, "vendor")
    assert before.times.enforced_at == at("2026-12-05")
    later = prepare_triaging(as_of=at("2026-12-06"))
    (after,) = triage_all(matching_of([told], {}), hosted, later).decisions
    assert (after.action, after.verdict) == (Action.OBTAIN_EVIDENCE, "vendor_fixed")


def test_a_withdrawn_advisory_is_not_triaged() -> None:
    assert triaged([cve(ssvc=judged(), is_withdrawn=True)]).decisions == ()


def test_a_snapshot_tells_exposure_and_what_is_touched(tmp_path: Path) -> None:
    seen = read_surroundings(make_snapshot(tmp_path / "s", ESTATE), as_of=NOW)
    by = prepare_triaging(as_of=NOW)
    advisories = [cve("CVE-2026-1", ssvc=judged()), notice(connectors=("HTTP Request",))]
    verdicts = {"CVE-2026-1": Verdict.AFFECTED}
    platform = component(environment_id="e1")
    found = triage_all(matching_of(advisories, verdicts), [platform, ADD_ON], by, seen).decisions
    touched = {(d.advisory, d.component): [t.id for t in d.touches] for d in found}
    assert touched == {
        ("CVE-2026-1", "n8n"): [],
        ("CVE-2026-1", "n8n-nodes-drift"): ["p1"],
        ("acme-1", "n8n"): ["s1", "a1"],
    }
    assert {d.values["publicly_exposed"] for d in found} == {"yes"}
    assert all(d.assumed == () for d in found)


def test_an_add_on_past_its_support_without_a_fix_is_left(tmp_path: Path) -> None:
    rows = {**ESTATE, "add_ons": [{**ESTATE["add_ons"][0], "supported_until": at("2026-10-01").date()}]}
    seen = read_surroundings(make_snapshot(tmp_path / "s", rows), as_of=NOW)
    matching = matching_of([cve(ssvc=judged())], {"CVE-2026-1000": Verdict.AFFECTED}, fixed=())
    (found,) = triage_all(matching, [ADD_ON], prepare_triaging(as_of=NOW), seen).decisions
    assert found.action is Action.MIGRATE


def test_components_that_differ_only_in_place_are_matched_once_and_decided_in_their_own_surroundings(
    tmp_path: Path,
) -> None:
    rows = {**ESTATE, "environments": [{"environment_id": name} for name in ("e1", "e2", "e3")]}
    closed = {"scope_kind": "environment", "scope_id": "e3", "key": "network.publicly_exposed", "value_bool": False}
    seen = read_surroundings(make_snapshot(tmp_path / "s", {**rows, "settings": [closed]}), as_of=NOW)
    asked = []

    def match(advisory: Advisory, found: Component) -> Match:
        asked.append(found.id)
        return matched(component=found)

    advisory = cve(ssvc=judged())
    matching = Matching({advisory.id: advisory}, lambda _: [advisory.id], match)
    places = [("a", "e1"), ("b", "e2"), ("c", "e3"), ("d", "e3")]
    components = [replace(component(environment_id=place), id=name) for name, place in places]
    found = triage_all(matching, components, prepare_triaging(as_of=NOW), seen).decisions
    assert asked == ["a"]
    assert {(d.component_id, d.environment): (d.outcome, d.assumed) for d in found} == {
        ("a", "e1"): ("3_days", ()),
        ("b", "e2"): ("3_days", ("publicly_exposed",)),
        ("c", "e3"): ("60_days", ()),
        ("d", "e3"): ("60_days", ()),
    }


def test_points_given_by_hand_hold_for_every_decision() -> None:
    found = triaged([cve("CVE-2026-1", ssvc=judged())], points="publicly_exposed=no")
    assert (found.decisions[0].values["publicly_exposed"], found.decisions[0].assumed) == ("no", ())


@pytest.mark.parametrize(("policy", "day", "is_warned"), [
    ("bod-26-04", "2026-06-09T23:59:59", True),
    ("bod-26-04", "2026-06-10T00:00:00", False),
    ("bod-22-01", "2026-06-10T00:00:00", True),
    ("bod-22-01", "2026-06-09T23:59:59", False),
    ("bod-22-01", "2026-06-09T23:59:59-05:00", True),
    ("bod-22-01", "2021-11-02T12:00:00", True),
])  # fmt: skip
def test_a_policy_out_of_its_time_decides_with_a_warning_that_names_the_mend(
    policy: str, day: str, is_warned: bool
) -> None:
    found = triage_points("in_kev=yes", policy=policy, as_of=at(day))
    assert bool(found.warnings) == is_warned
    assert all("--policy" in warning and "--as-of" in warning for warning in found.warnings)


# Documents and the command line


def test_the_document_is_one_json_object_with_times_in_utc() -> None:
    found = triaged([cve(ssvc=judged(), kev=listed()), cve("CVE-2026-2", scores=scored(MILD_VECTOR))])
    stream = io.StringIO()
    write_triage(found.decisions, stream, as_of=found.as_of, warnings=found.warnings)
    document = json.loads(stream.getvalue())
    assert document["schema"] == "passmuster/triage@1"
    assert document["summary"]["outcomes"] == {"3_days_forensics": 1, "60_days": 1}
    first, second = document["decisions"]
    expected = {"advisory", "component", "environment", "policy", "points", "assumed", "estimated", "outcome", "action"}
    expected |= {"clock_started_at", "clock_reason", "due_at", "who_patches", "reason", "sources"}
    assert expected <= set(first)
    assert (first["due_at"], first["points"]["in_kev"]) == ("2026-11-23T00:00:00Z", "yes")
    assert second["estimated"] == ["automatable", "technical_impact"]
    assert {source["point"]: source["basis"] for source in second["sources"]}["automatable"] == "estimated"
    assert set(first["times"]) == {
        f"{name}_at" for name in ("disclosed", "vendor_fixed", "learned", "available", "enforced", "verified")
    }


def test_an_empty_list_is_a_document_too() -> None:
    stream = io.StringIO()
    write_triage((), stream, as_of=NOW, warnings=())
    assert json.loads(stream.getvalue())["decisions"] == []


def test_the_table_shows_when_who_what_and_why_worst_first() -> None:
    found = triaged([cve("CVE-2026-2", scores=scored(MILD_VECTOR)), cve(ssvc=judged(), kev=listed())])
    console = Console(width=160, record=True, file=io.StringIO())
    print_triage(console, found.decisions)
    text = console.export_text()
    assert text.index("2026-11-23") < text.index("CVE-2026-1000") < text.index("CVE-2026-2 ")
    assert "Our job. By 2026-11-23" in text
    assert "2 decisions: 3 days forensics 1, 60 days 1. 2 rest on what is assumed or estimated." in text


def test_names_from_outside_cannot_paint_the_terminal() -> None:
    found = triaged([cve(title="x", ssvc=judged())])
    evil = replace(found.decisions[0], component="[bold red]x[/] \x1b[31m")
    console = Console(width=160, file=io.StringIO(), force_terminal=False)
    print_triage(console, [evil])
    assert isinstance(console.file, io.StringIO)
    assert "[bold red]x[/] [31m" in console.file.getvalue()
    assert "\x1b" not in console.file.getvalue()


def test_the_command_answers_for_one_combination() -> None:
    points = "in_kev=yes,publicly_exposed=no,automatable=no,technical_impact=total"
    result = CliRunner().invoke(command, ["--points", points, "--policy", "bod-26-04", "--format", "json"])
    assert result.exit_code == 0
    (decision,) = json.loads(result.stdout)["decisions"]
    assert (decision["outcome"], decision["action"], decision["assumed"]) == ("14_days", "patch", [])


@pytest.mark.parametrize("points", ["", "  ", ",", " , "])
@pytest.mark.parametrize("more", [[], ["--store", "x", "--snapshot", "y"]])
def test_no_points_at_all_are_wrong_usage(points: str, more: list[str]) -> None:
    result = CliRunner().invoke(command, ["--points", points, *more])
    assert isinstance(result.exception, UsageError)
    assert "--points: is empty; write NAME=VALUE" in str(result.exception)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--store", "x"],
        ["--points", "in_kev=yes", "--snapshot", "x"],
        ["--store", "x", "--snapshot", "y", "--components", "z"],
    ],
)
def test_options_that_do_not_go_together_are_refused(arguments: list[str]) -> None:
    result = CliRunner().invoke(command, arguments)
    assert result.exception is not None
    assert "--store" in str(result.exception)
