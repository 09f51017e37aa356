from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest
from click.testing import CliRunner

from passmuster.cli.policies import command
from passmuster.errors import PassmusterError, UnreadableInput, UsageError
from passmuster.pipeline.policies import show_policy
from passmuster.triage.asked import read_points
from passmuster.triage.policy_load import find_policy, parse_policy, shipped_names, shipped_text

SMALL = """
schema: passmuster/policy@1
id: house
version: "1"
title: House
source: {title: The board, read_on: 2026-01-02}
valid_from: 2026-01-02
points:
  in_kev:
    values: ["no", "yes"]
    unknown: needs_person
  automatable:
    values: ["no", "yes"]
    unknown: {assume: "yes", because: nobody knows}
outcomes:
  now: {deadline: {hours: 12}, action: patch, says: at once}
  later: {deadline: none, action: patch, says: some day}
clock: {takes: latest, of: [learned], waits_for_fix: true, because: so we said}
table: |
  in_kev automatable outcome
  yes    -           now
  no     -           later
"""


def test_a_policy_of_your_own_is_read_from_a_path(tmp_path: Path) -> None:
    path = tmp_path / "house.yaml"
    path.write_text(SMALL, encoding="utf-8")
    policy = find_policy(str(path))
    assert policy.table == {
        ("yes", "no"): "now",
        ("yes", "yes"): "now",
        ("no", "no"): "later",
        ("no", "yes"): "later",
    }


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_policy_answers_every_combination_and_names_its_source(name: str) -> None:
    policy = find_policy(name)
    assert policy.id == name
    assert set(policy.table) == set(product(*(point.values for point in policy.points)))
    assert policy.source.title
    assert policy.valid_until is None or policy.valid_until > policy.valid_from


def test_the_two_directives_follow_each_other_without_a_gap() -> None:
    assert find_policy("bod-22-01").valid_until == find_policy("bod-26-04").valid_from


MISTAKES = [
    (
        "a row twice",
        ("  no     -           later", "  no     -           later\n  no no later"),
        ["stands in line 3 already"],
    ),
    (
        "a gap",
        ("  no     -           later", "  no     yes         later"),
        ["no row answers in_kev=no, automatable=no"],
    ),
    (
        "an unknown value",
        ("  no     -           later", "  maybe  -           later"),
        ["'maybe' is no value of in_kev"],
    ),
    ("an unknown outcome", ("  no     -           later", "  no     -           soon"), ["'soon' is no outcome"]),
    ("a short row", ("  no     -           later", "  no     later"), ["has 2 words, the columns are 3"]),
    ("a wrong column", ("  in_kev automatable outcome", "  in_kev outcome"), ["the first line must name the columns"]),
    (
        "an outcome nobody reaches",
        ("  no     -           later", "  no     -           now"),
        ["no row leads to the outcome 'later'"],
    ),
    ("no deadline", ("  now: {deadline: {hours: 12}, ", "  now: {"), ["outcomes.now: 'deadline' must be given"]),
    (
        "two lengths",
        ("{hours: 12}", "{hours: 12, days: 1}"),
        ["outcomes.now.deadline: has days and hours; give hours, days or months"],
    ),
    (
        "a value that is assumed and is none",
        ('{assume: "yes"', "{assume: maybe"),
        ["points.automatable: 'maybe' is none"],
    ),
    ("no day", ("valid_from: 2026-01-02", 'valid_from: "2026-02-30"'), ["2026-02-30"]),
    (
        "an end before the start",
        ("points:", "valid_until: 2025-01-01\npoints:"),
        ["2025-01-01 is not after valid_from"],
    ),
    (
        "a reader nobody knows",
        ("    unknown: needs", "    reads: moon\n    unknown: needs"),
        ["'moon' is nothing that can"],
    ),
    ("an unknown key", ("title: House", "titel: House"), ["unknown key 'titel'", "'title' must be given"]),
    ("an alias", ("title: House", "title: &a House\ndescription: *a"), ["aliases are not accepted"]),
    ("needs_person as an outcome", ("  later: {", "  needs_person: {"), ["choose another name"]),
]


@pytest.mark.parametrize(("told", "change", "words"), MISTAKES, ids=[case[0] for case in MISTAKES])
def test_a_mistake_in_a_policy_is_named_with_its_place(told: str, change: tuple[str, str], words: list[str]) -> None:
    assert change[0] in SMALL
    with pytest.raises(UnreadableInput) as caught:
        parse_policy(SMALL.replace(*change, 1), "house.yaml")
    for word in words:
        assert word in str(caught.value)
    assert all(line.startswith("house.yaml:") for line in str(caught.value).splitlines())


def test_all_mistakes_are_told_at_once() -> None:
    text = SMALL.replace("{hours: 12}", "{catalogue_date: instead}").replace('{assume: "yes"', "{assume: maybe")
    with pytest.raises(UnreadableInput) as caught:
        parse_policy(text.replace("valid_from: 2026-01-02", 'valid_from: "2026-13-01"'), "house.yaml")
    assert len(str(caught.value).splitlines()) == 3


def test_what_is_neither_shipped_nor_a_file_is_refused_with_the_names() -> None:
    with pytest.raises(UnreadableInput, match=r"bod-26-04, bod-22-01.*policies show"):
        find_policy("bod-99-99")


@pytest.mark.parametrize("text", ["", "[]", "just words", "a: b: c", "\x00"])
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(PassmusterError):
        parse_policy(text, "x.yaml")


# Spelling


@pytest.mark.parametrize(
    ("policy", "text", "values"),
    [
        ("bod-26-04", "In KEV=Yes, PUBLICLY-EXPOSED=no,automatable=Y,Technical Impact=Total", "yes no yes total"),
        ("bod-26-04", "kev=true,exposed=false,automatable=n,technical_impact=t", "yes no no total"),
        ("cisa-coordinator", "exploitation=PoC,automatable=yes,mission_wellbeing=Low", "public_poc yes low"),
        ("cisa-coordinator", "exploitation=public poc,mission-and-well-being-impact=H", "public_poc high"),
        ("ssvc-deployer", "exploitation=p,system exposure=OPEN,human_impact=very high", "public_poc open very_high"),
        ("ssvc-deployer", "Exploitation=ACTIVE,System-Exposure=s,Human Impact=VH", "active small very_high"),
        ("fedramp-vdr", "class=B,N-rating=5,LEV=yes,IRV=no", "b n5 yes no"),
        ("severity", "severity=Important", "high"),
        ("bod-26-04", "automatable=unknown,technical_impact=", ""),
        ("bod-26-04", " , ", ""),
    ],
)  # fmt: skip
def test_points_may_be_spelled_as_people_do(policy: str, text: str, values: str) -> None:
    assert list(read_points(text, find_policy(policy)).values()) == values.split()


def test_every_mistake_in_points_is_told() -> None:
    with pytest.raises(UsageError) as caught:
        read_points("in_kev=perhaps,colour=red,automatable,exposed=yes,publicly_exposed=no", find_policy("bod-26-04"))
    assert str(caught.value).splitlines() == [
        "--points: 'perhaps' is no value of in_kev; known are no, yes",
        "--points: 'colour' is no point of bod-26-04; "
        "known are in_kev, publicly_exposed, automatable, technical_impact",
        "--points: 'automatable' has no value; write NAME=VALUE",
        "--points: publicly_exposed is given twice",
    ]


# The command line


def test_a_shown_policy_can_be_changed_and_verified(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(re.sub(r"^id: .*$", "id: mine", show_policy("severity"), flags=re.M), encoding="utf-8")
    result = CliRunner().invoke(command, ["verify", str(path)])
    assert (result.exit_code, result.output) == (0, "mine 1.0.0: 5 combinations, 4 outcomes, complete\n")


def test_the_list_names_every_policy_with_its_time() -> None:
    result = CliRunner().invoke(command, ["list", "--format", "json"])
    assert all(f'"{name}"' in result.output for name in shipped_names())
    assert '"valid_until": "2026-06-10"' in result.output


def test_shipped_files_have_no_alias_and_end_with_a_line() -> None:
    for name in shipped_names():
        assert shipped_text(name).endswith("\n")
        assert "\t" not in shipped_text(name)
