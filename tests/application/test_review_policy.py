from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from passmuster.application.programme.review_policy import read_review_policy
from passmuster.errors import UnreadableInput
from passmuster.model.evidence import EvidenceKind
from passmuster.model.keeping import Tier


def test_the_policy_that_ships_asks_for_nothing_that_cannot_be_handed_in(tmp_path: Path) -> None:
    tiers = read_review_policy(tmp_path).tiers
    assert set(tiers) == set(Tier)
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
