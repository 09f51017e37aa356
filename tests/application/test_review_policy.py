from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

from passmuster.application.policies.reading import read_policy
from passmuster.application.programme.review_policy import read_review_policy
from passmuster.errors import UnreadableInput
from passmuster.model.evidence import EvidenceKind
from passmuster.model.keeping import Tier


def test_the_policy_that_ships_asks_for_nothing_that_cannot_be_handed_in(tmp_path: Path) -> None:
    tiers = read_review_policy(tmp_path).tiers
    assert set(tiers) == set(Tier)
    assert [tiers[tier].look_every_hours for tier in Tier] == [24, 72, 168]
    assert {kind for tier in tiers.values() for kind in tier.evidence} <= set(EvidenceKind)


def test_a_kind_of_evidence_that_nobody_can_hand_in_is_refused_with_its_place(tmp_path: Path) -> None:
    shipped = files("passmuster.application.policies").joinpath("reviews.yaml").read_text(encoding="utf-8")
    own = tmp_path / "policies" / "reviews.yaml"
    own.parent.mkdir()
    own.write_text(shipped.replace("[restore_test]", "[restore_test, tea_leaves]"))
    with pytest.raises(UnreadableInput) as refused:
        read_review_policy(tmp_path)
    (line,) = str(refused.value).splitlines()
    assert "tiers/low/evidence: tea_leaves is no kind of evidence; known are approval, " in line


def test_a_houses_own_file_that_says_nothing_of_looks_asks_for_one_every_day(tmp_path: Path) -> None:
    shipped = files("passmuster.application.policies").joinpath("reviews.yaml").read_text(encoding="utf-8")
    own = tmp_path / "policies" / "reviews.yaml"
    own.parent.mkdir()
    own.write_text(re.sub(r"\n +look_every_hours: \d+", "", shipped))
    assert {tier.look_every_hours for tier in read_review_policy(tmp_path).tiers.values()} == {24}
    own.write_text(shipped.replace("look_every_hours: 72", "look_every_hours: 0"))
    with pytest.raises(UnreadableInput, match=r"tiers\.middle\.look_every_hours: 0 is less than"):
        read_review_policy(tmp_path)


def test_a_policy_is_read_as_it_stands_each_time_and_is_nobodys_to_change_for_others(tmp_path: Path) -> None:
    own = tmp_path / "policies" / "escalation.yaml"
    first, where = read_policy("escalation.yaml", "escalation-policy", tmp_path)
    kept, first["steps"] = list(first["steps"]), []
    assert read_policy("escalation.yaml", "escalation-policy", tmp_path) == ({**first, "steps": kept}, where)
    own.parent.mkdir()
    for text, hours in (("after_hours: 5", 5), ("after_hours: 7", 7)):
        own.write_text(f"schema: {first['schema']}\nsteps:\n  - {{{text}, role: sponsor}}\n")
        found, where = read_policy("escalation.yaml", "escalation-policy", tmp_path)
        assert (found["steps"], where) == ([{"after_hours": hours, "role": "sponsor"}], str(own))
