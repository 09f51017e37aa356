"""The table of a policy as text: a line of column names, then one line a row; `-` stands for any value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

from passmuster.triage.policy import Point, PolicyOutcome

_ANY = "-"
_MOST_TOLD = 20
Table = dict[tuple[str, ...], str]


def read_table(text: str, points: Sequence[Point], outcomes: Mapping[str, PolicyOutcome]) -> tuple[Table, list[str]]:
    """The outcome of every combination in the order of `points`, and all mistakes; complete only without any."""
    lines = [(number, line.split()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    expected = [*(point.name for point in points), "outcome"]
    if not lines or sorted(lines[0][1]) != sorted(expected):
        return {}, [f"the first line must name the columns {' '.join(expected)}"]
    header = lines[0][1]
    table: Table = {}
    came_from: dict[tuple[str, ...], int] = {}
    mistakes: list[str] = []
    for number, cells in lines[1:]:
        row, complaints = _row(header, cells, points, outcomes)
        mistakes += [f"line {number}: {complaint}" for complaint in complaints]
        if complaints:
            continue
        for key in product(*row[:-1]):
            if key in table:
                mistakes.append(f"line {number}: {_spell(key, points)} stands in line {came_from[key]} already")
            table.setdefault(key, row[-1][0])
            came_from.setdefault(key, number)
    mistakes += _gaps(table, points) + _unused(table, outcomes) if not mistakes else []
    return table, mistakes[:_MOST_TOLD] + ([f"and {len(mistakes) - _MOST_TOLD} more"] if mistakes[_MOST_TOLD:] else [])


def _row(
    header: Sequence[str], cells: Sequence[str], points: Sequence[Point], outcomes: Mapping[str, PolicyOutcome]
) -> tuple[list[tuple[str, ...]], list[str]]:
    """For each point the values meant, then the outcome."""
    if len(cells) != len(header):
        return [], [f"has {len(cells)} words, the columns are {len(header)}"]
    told = dict(zip(header, cells, strict=True))
    row, mistakes = [], []
    for point in points:
        word = told[point.name]
        value = point.value_of(word)
        if word != _ANY and value is None:
            mistakes.append(f"{word!r} is no value of {point.name} ({', '.join(point.values)}; `-` for any)")
        row.append(point.values if word == _ANY else (value or "",))
    if told["outcome"] not in outcomes:
        mistakes.append(f"{told['outcome']!r} is no outcome ({', '.join(outcomes)})")
    return [*row, (told["outcome"],)], mistakes


def _gaps(table: Table, points: Sequence[Point]) -> list[str]:
    every = product(*(point.values for point in points))
    return [f"no row answers {_spell(key, points)}" for key in every if key not in table]


def _unused(table: Table, outcomes: Mapping[str, PolicyOutcome]) -> list[str]:
    return [f"no row leads to the outcome {name!r}; use it or remove it" for name in outcomes.keys() - table.values()]


def _spell(key: Sequence[str], points: Sequence[Point]) -> str:
    return ", ".join(f"{point.name}={value}" for point, value in zip(points, key, strict=True))
