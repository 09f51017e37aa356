"""What of a checklist an event touches: by the rule of the policy, for every pack that ships."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from passmuster.application.programme.review_policy import ReviewPolicy, read_review_policy
from passmuster.application.reviews.checklist import LastTime, Line, control_lines
from passmuster.application.reviews.touched import divide, event_lines, narrowed, taken_in
from passmuster.controls.catalogue import shipped_packs
from passmuster.controls.load import load_pack
from passmuster.errors import UnreadableInput
from passmuster.model.keeping import EventKind, ItemKind
from passmuster.pipeline.following import Verdict

EXPLOITED, INCIDENT, RELEASE = EventKind.EXPLOITED, EventKind.INCIDENT, EventKind.RELEASE


@pytest.fixture
def policy(tmp_path: Path) -> ReviewPolicy:
    return read_review_policy(tmp_path)


def _control(name: str, *, is_worse: bool = False) -> Line:
    return Line(ItemKind.CONTROL, f"pack:{name}", name, thing=("control", name), is_worse=is_worse)


LINES = {
    **{
        name: _control(name)
        for name in ("IAM-04", "EXP-02", "PAT-02", "LOG-01", "CFG-01", "VND-04", "NHI-03", "GOV-01")
    },
    "SN-API-01": _control("SN-API-01"),
    "OWN-1": _control("OWN-1"),
    "CONTRACT-1": _control("CONTRACT-1"),
    "worse": _control("DAT-04", is_worse=True),
    "stated": Line(ItemKind.QUESTION, "control:pack:VND-01", "a statement", thing=("control", "VND-01")),
    "house": Line(ItemKind.QUESTION, "ask:usage", "did the use change?"),
    "legal": Line(ItemKind.QUESTION, "ask:legal", "may we?"),
    "evidence": Line(ItemKind.EVIDENCE, "type:restore_test", "Restore test"),
    "exception": Line(ItemKind.DEVIATION, "7", "Exception from EXP-02", thing=("control", "EXP-02")),
    "patch": Line(ItemKind.PATCH, "3", "n8n 2.41"),
}
# What no event leaves out.
ALWAYS = {"OWN-1", "CONTRACT-1", "worse", "legal"}
TOUCHED: dict[EventKind, set[str]] = {
    EXPLOITED: {"EXP-02", "PAT-02", "LOG-01", "SN-API-01", "exception", "patch"},
    INCIDENT: {"IAM-04", "LOG-01", "VND-04", "NHI-03", "stated"},
    RELEASE: {"PAT-02", "CFG-01", "patch"},
}


@pytest.mark.parametrize("event", list(EventKind))
def test_a_checklist_holds_what_its_event_touches_and_counts_the_rest(policy: ReviewPolicy, event: EventKind) -> None:
    inside, left = divide(LINES.values(), policy, [event])
    assert {name for name, line in LINES.items() if line in inside} == TOUCHED[event] | ALWAYS
    assert sum(left.values()) == len(LINES) - len(inside)
    assert all(policy.title_of(topic) != topic for topic in left)


@pytest.mark.parametrize(
    ("before", "now", "is_worse"),
    [("pass", "fail", True), ("fail", "fail", False), ("unknown", "fail", False), ("pass", "unknown", False)],
)
def test_what_passed_last_time_and_fails_now_got_worse(before: str, now: str, is_worse: bool) -> None:
    verdict = Verdict("p", "IAM-04", "title", "high", now, "because", 1, "mend it")
    last = {(ItemKind.CONTROL, "p:IAM-04"): LastTime("", before)}
    (line,) = control_lines([verdict], last)
    assert line.is_worse is is_worse
    assert not control_lines([verdict], {})[0].is_worse


def test_several_events_at_once_touch_what_each_of_them_does(policy: ReviewPolicy) -> None:
    inside, _ = divide(LINES.values(), policy, [RELEASE, INCIDENT])
    assert {name for name, line in LINES.items() if line in inside} == TOUCHED[RELEASE] | TOUCHED[INCIDENT] | ALWAYS
    asked = [line.key for line in event_lines(policy, [RELEASE, INCIDENT], "this", {})]
    assert len(asked) == len(set(asked)) == len(policy.events[RELEASE].asks) + len(policy.events[INCIDENT].asks)


def test_without_an_event_or_a_rule_for_it_everything_is_looked_at(policy: ReviewPolicy) -> None:
    without = ReviewPolicy(policy.tiers, policy.legal_is_asked_from, policy.questions)
    for rule, events in ((policy, ()), (without, (EXPLOITED,))):
        inside, left = divide(LINES.values(), rule, events)
        assert (len(inside), left) == (len(LINES), {})
        assert narrowed({"in": ["X"], "out": []}, rule, left) == {"in": ["X"], "out": []}
    assert event_lines(without, [EXPLOITED], "this", {}) == []


def test_every_control_of_the_packs_that_ship_is_of_a_topic(policy: ReviewPolicy) -> None:
    packs = [load_pack(folder, is_trusted=True) for folder in shipped_packs().values()]
    controls = [control.id for pack in packs for control in pack.controls]
    assert len(controls) > 200
    assert [control for control in controls if not policy.topic_of(control)] == []
    named = {topic for event in policy.events.values() for topic in event.topics}
    assert named - set(policy.topics) == {"patches"}


def test_the_scope_names_what_is_left_out_by_which_rule_until_it_is_taken_in(policy: ReviewPolicy) -> None:
    scope = {"in": ["X"], "out": [{"what": "trials", "why": "empty"}], "events": ["release"]}
    _, left = divide(LINES.values(), policy, [RELEASE])
    told = narrowed(scope, policy, left)
    assert told["in"] == [
        *("X", "Add-ons", "Environments", "Configuration and change", "Patching", "Changes and advisories"),
    ]
    assert [each["what"] for each in told["left"][:2]] == ["Identity and sign-in", "Service identities and secrets"]
    assert {each["why"] for each in told["left"]} == {
        "a major release does not touch it, by the rule of the review policy"
    }
    some = taken_in(told, ["identity"])
    assert some["in"][-1] == "Identity and sign-in"
    assert len(some["left"]) == len(told["left"]) - 1
    assert taken_in(some, [each["topic"] for each in some["left"]]) == scope


def test_a_rule_that_names_what_there_is_not_is_refused_with_its_place(tmp_path: Path) -> None:
    shipped = files("passmuster.application.policies").joinpath("reviews.yaml").read_text(encoding="utf-8")
    own = tmp_path / "policies" / "reviews.yaml"
    own.parent.mkdir()
    wrong = shipped.replace("topics: [patching, patches,", "topics: [pathing, patches,")
    wrong = wrong.replace("controls: [GOV]", "controls: [GOV, PAT]").replace("key: defaults", "key: behaviour")
    own.write_text(wrong.replace("  governance:", "  evidence: {title: Ours, controls: [OURS]}\n  governance:"))
    with pytest.raises(UnreadableInput) as refused:
        read_review_policy(tmp_path)
    told = [line.removeprefix(f"{own}: ").partition(";")[0] for line in str(refused.value).splitlines()]
    assert told == [
        "topics: evidence is the topic of lines that are about no control",
        "topics: PAT is there twice",
        "events/exploited/topics: pathing is no topic",
        "events/release/asks: behaviour is there twice",
    ]
