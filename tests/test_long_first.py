from __future__ import annotations

from pathlib import Path

import pytest

from tests.long_first import LONGEST, rank

TESTS = Path(__file__).parent


def test_every_file_named_as_long_is_there_and_named_once() -> None:
    assert [name for name in LONGEST if not (TESTS / f"{name}.py").is_file()] == []
    assert len(set(LONGEST)) == len(LONGEST)


@pytest.mark.parametrize("later", [f"tests/{LONGEST[1]}.py::test_a", "tests/test_long_first.py::test_b[1]"])
def test_the_longest_comes_before_another_one_and_before_what_is_not_named(later: str) -> None:
    assert rank(f"tests/{LONGEST[0]}.py::test_z[pages]") < rank(later)
