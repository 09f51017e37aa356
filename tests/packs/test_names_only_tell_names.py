"""Tables that only turn ids into names do not change a verdict."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pytest

from passmuster.controls.cases import read_cases
from passmuster.controls.catalogue import find_pack, shipped_packs
from passmuster.evaluate.verify import case_complaints, case_context
from passmuster.model.control import Control, SqlLook

PACKS = {name: find_pack(name) for name in shipped_packs()}


def only_for_names(control: Control) -> set[str]:
    """The tables every look of a control reads for names alone."""
    looks = [look for look in control.looks if isinstance(look, SqlLook)]
    named = {name for look in looks for name in look.names_from}
    return named - {name for look in looks for name in look.needs if name not in look.names_from}


NAMING = [(name, control) for name, pack in PACKS.items() for control in pack.controls if only_for_names(control)]


@pytest.mark.parametrize(("pack", "control"), NAMING, ids=[control.id for _, control in NAMING])
def test_a_verdict_is_the_same_without_the_tables_that_tell_names(pack: str, control: Control) -> None:
    cases, complaints = read_cases(PACKS[pack], control)
    assert not complaints
    spared = only_for_names(control)
    for case in cases:
        tables = {name: rows for name, rows in case.tables.items() if name not in spared}
        nameless = replace(case, tables=tables, details={})
        with duckdb.connect(config={"threads": 1}) as connection:
            context, complaints = case_context(connection, PACKS[pack], control, nameless)
            assert not complaints
            assert case_complaints(PACKS[pack], control, nameless, context) == []


def test_some_controls_tell_names() -> None:
    assert len(NAMING) > 10
