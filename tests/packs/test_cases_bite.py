"""The cases of the shipped packs notice when a control's SQL breaks: mutants of it are caught."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from passmuster.controls.cases import read_cases
from passmuster.controls.catalogue import find_pack, shipped_packs
from passmuster.documents.yaml_file import plain, read_yaml
from passmuster.evaluate.verify import case_complaints, case_context
from passmuster.model.control import Control, Pack, SqlLook
from tests.packs.mutants import mutants

SURVIVORS = Path(__file__).with_name("survivors.yaml")
# Every mutant takes minutes; by default each look is broken in a few ways, the same ones in every run.
AT_MOST = None if os.environ.get("PASSMUSTER_ALL_MUTANTS") else 3
PACKS = {name: find_pack(name) for name in shipped_packs()}
LOOKED = [(name, control) for name, pack in PACKS.items() for control in pack.controls]
ASKING = [(name, control) for name, control in LOOKED if any(isinstance(look, SqlLook) for look in control.looks)]


Named = tuple[str, int]
"""The name of a mutant, and its place: two conditions of one look may be told by the same words."""


def broken(control: Control, *, at_most: int | None) -> dict[Named, Control]:
    """Mutants of a control by name."""
    found: dict[Named, Control] = {}
    with duckdb.connect() as connection:
        for number, look in enumerate(control.looks):
            if isinstance(look, SqlLook):
                for mutant in mutants(connection, look, at_most=at_most):
                    looks = (*control.looks[:number], mutant.look, *control.looks[number + 1 :])
                    found[f"look {number}: {mutant.name}", len(found)] = replace(control, looks=looks)
    return found


def survivors(pack: Pack, control: Control, alive: Mapping[Named, Control]) -> set[str]:
    """The names of the mutants of which no case complains."""
    cases, complaints = read_cases(pack, control)
    assert not complaints
    for case in cases:
        if not alive:
            break
        with duckdb.connect(config={"threads": 1}) as connection:
            context, complaints = case_context(connection, pack, control, case)
            assert not complaints
            alive = {name: mutant for name, mutant in alive.items() if not case_complaints(pack, mutant, case, context)}
    return {name for name, _ in alive}


def allowed(control: Control) -> set[str]:
    """Mutants of this control that may survive; the file says why."""
    document = plain(read_yaml(SURVIVORS))
    return {name for group in document["groups"] for name in group["mutants"].get(control.id, ())}


@pytest.mark.parametrize(("pack", "control"), ASKING, ids=[control.id for _, control in ASKING])
def test_a_broken_condition_is_caught_by_a_case(pack: str, control: Control) -> None:
    alive = survivors(PACKS[pack], control, broken(control, at_most=AT_MOST))
    assert sorted(alive - allowed(control)) == []


def test_the_check_can_fail() -> None:
    control = next(control for name, control in ASKING if control.id == "IAM-04")
    pack = PACKS["no-code-baseline"]
    look = control.looks[0]
    assert isinstance(look, SqlLook)
    harmless = replace(control, looks=(replace(look, violations=f"SELECT * FROM ({look.violations}) AS same"),))
    blind = replace(control, looks=(replace(look, violations=look.violations.replace("mfa = 'none'", "false")),))
    assert survivors(pack, control, {("harmless", 0): harmless, ("blind", 1): blind}) == {"harmless"}


if AT_MOST is None:

    @pytest.mark.parametrize(("pack", "control"), ASKING, ids=[control.id for _, control in ASKING])
    def test_no_mutant_is_excused_that_is_gone_or_caught(pack: str, control: Control) -> None:
        alive = survivors(PACKS[pack], control, broken(control, at_most=None))
        assert sorted(allowed(control) - alive) == [], "no such mutant any more, or a case catches it: take it off"
