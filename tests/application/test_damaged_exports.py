"""An exported record that somebody altered with care: the first entry that does not hold is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from passmuster.application.access import Action
from passmuster.application.acting import acting, keeper
from passmuster.application.record.auditing import keeper_signer
from passmuster.application.record.checkpoints import write_checkpoint
from passmuster.application.record.exporting import export_record
from passmuster.errors import UnreadableInput
from passmuster.records.chain_check import verify_export
from tests.keeping import NOW, actor, make_person

Lines = list[bytes]

# Lines: the head, events 1 to 7, two checkpoints, the end.
_ALTERED: dict[str, tuple[Callable[[Lines], Lines], str, int]] = {
    "an event removed": (lambda it: it[:3] + it[4:], "event 3 is not there: event 4 stands in its place", 2),
    "an event twice": (lambda it: it[:4] + it[3:], "event 4 is not there: event 3 stands in its place", 3),
    "the last event removed": (
        lambda it: it[:7] + it[8:],
        "the file holds 6 events and 2 checkpoints, its end says",
        6,
    ),
    "two events swapped": (lambda it: [*it[:2], it[3], it[2], *it[4:]], "event 2 is not there: event 3 stands", 1),
    "an event that says more": (lambda it: _in(it, 3, b'"why": ', b'"note": "approved", "why": '), "event 3 was", 2),
    "an event that says it twice": (lambda it: _in(it, 3, b'"why": ', b'"why": "good", "why": '), "event 3 was", 2),
    "a line that is no JSON": (lambda it: _in(it, 3, b"}}", b"}"), "event 3 was changed: line 4 of the file", 2),
    "a line that is no text": (lambda it: _in(it, 3, b"worker", b"\xff"), "event 3 was changed: line 4 of the file", 2),
    "an edit before a damaged line": (
        lambda it: _in(_in(it, 3, b"}}", b"}"), 2, b"reason", b"Reason"),
        "event 2 was",
        1,
    ),
    "checkpoints swapped": (
        lambda it: [*it[:8], it[9], it[8], it[10]],
        "the checkpoint over 3 events is not in its",
        7,
    ),
    "a checkpoint removed": (lambda it: it[:8] + it[9:], "the file holds 7 events and 1 checkpoints, its end says", 7),
    "a checkpoint among events": (
        lambda it: [*it[:3], it[8], *it[3:8], *it[9:]],
        "line 5 of the file is not in its",
        2,
    ),
    "cut within an event": (lambda it: [*it[:5], it[5][:40]], "event 5 was changed: line 6 of the file", 4),
    "cut between events": (lambda it: it[:5], "the file ends too early: after line 5", 4),
    "cut before the end": (lambda it: it[:10], "the file ends too early: after line 10", 7),
    "lines after the end": (lambda it: [*it, it[1]], "line 12 of the file is not in its place", 7),
    "another head": (lambda it: _in(it, 0, b"export@1", b"export@2"), "line 1 of the file was changed", 0),
}


def _in(lines: Lines, place: int, old: bytes, new: bytes) -> Lines:
    assert old in lines[place]
    return [*lines[:place], lines[place].replace(old, new, 1), *lines[place + 1 :]]


def _exported(target: Path) -> Lines:
    who = actor(make_person("ada", "administrator"))
    for number in range(2):
        for _ in range(2):
            with acting(who, Action.MANAGE_PROGRAMME, "vendor", why=f"reason {number}"):
                pass
        write_checkpoint(keeper(NOW), keeper_signer())
    export_record(who, target, public_key=keeper_signer().public_key)
    lines = target.read_bytes().splitlines()
    kinds = [line[2:4] for line in lines]
    assert kinds == [b"sc", *[b"ev"] * 7, *[b"ch"] * 2, b"en"]
    return lines


@pytest.mark.usefixtures("db")
def test_the_first_entry_that_does_not_hold_is_named_whatever_was_done(tmp_path: Path) -> None:
    target, key = tmp_path / "record.jsonl", keeper_signer().public_key
    lines = _exported(target)
    assert not verify_export(target, public_key=key).broken
    for name, (alter, words, holding) in _ALTERED.items():
        target.write_bytes(b"\n".join(alter(list(lines))) + b"\n")
        verdict = verify_export(target, public_key=key)
        assert words in verdict.broken, (name, verdict.broken)
        assert verdict.events == holding, name


@pytest.mark.parametrize("content", [b"", b"[]\n", b"\0" * 100, b"\xff\xfe\n", b"[" * 100_000, b'{"schema": "x@1"}\n'])
def test_a_file_without_a_line_of_an_export_is_none(tmp_path: Path, content: bytes) -> None:
    target = tmp_path / "record.jsonl"
    target.write_bytes(content)
    with pytest.raises(UnreadableInput, match="is no exported record"):
        verify_export(target)
