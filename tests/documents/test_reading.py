"""Documents from outside: what is accepted, and that every refusal names the file, the place and the mend."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from passmuster.documents.csv_file import read_csv
from passmuster.documents.json_file import parse_json, read_json
from passmuster.documents.limits import MAX_DEPTH, depth_of
from passmuster.documents.yaml_file import parse_yaml, plain, read_yaml
from passmuster.errors import UnreadableInput

TEXT = '{"name": "Zoë 🦊"}'


def _written(folder: Path, data: bytes | str, name: str = "export.json") -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
    ],
    ids=["UTF-8", "UTF-8 with mark", "UTF-16 little-endian", "UTF-16 big-endian"],
)
def test_json_is_read_by_its_byte_order_mark(tmp_path: Path, data: bytes) -> None:
    assert read_json(_written(tmp_path, data)) == {"name": "Zoë 🦊"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("", ["line 1, column 1", "ends too early", "export it again"]),
        ('{"a": [1,', ["line 1", "ends too early"]),
        ('{"a": "tex', ["line 1, column 7", "ends too early"]),
        ('{\n "a" 1}', ["line 2, column 6", "mend it there"]),
        ('{"a": NaN}', ["NaN is not a JSON number"]),
        (f'{{"a": {"9" * 5000}}}', ["more digits", "export it again"]),
        ("[" * 10_000 + "]" * 10_000, [f"deeper than {MAX_DEPTH}"]),
        ('{"a":' * 10_000 + "1" + "}" * 10_000, [f"deeper than {MAX_DEPTH}"]),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), [f"deeper than {MAX_DEPTH}"]),
        (b'{"a": "caf\xe9"}', ["byte 10", "save the file as UTF-8"]),
        (TEXT.encode("utf-16-le"), ["UTF-16 without its byte-order mark", "save the file as UTF-8"]),
        (TEXT.encode("utf-16-be"), ["UTF-16 without its byte-order mark"]),
        (codecs.BOM_UTF16_LE + b"\x00", ["byte 2", "UTF-8"]),
    ],
)
def test_json_that_cannot_be_read_is_refused_with_place_and_mend(
    tmp_path: Path, data: bytes | str, words: list[str]
) -> None:
    path = _written(tmp_path, data)
    with pytest.raises(UnreadableInput) as caught:
        read_json(path)
    assert str(caught.value).startswith(str(path))
    for word in words:
        assert word in str(caught.value)


def test_a_file_over_the_limit_is_not_read_whole(tmp_path: Path) -> None:
    path = _written(tmp_path, b" " * 5000)
    with pytest.raises(UnreadableInput, match="larger than the 4 KiB"):
        read_json(path, max_bytes=4096)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="no such file"):
        read_json(tmp_path / "none.json")
    with pytest.raises(UnreadableInput, match="is a folder; name the file inside it"):
        read_json(tmp_path)


def test_nesting_up_to_the_limit_is_read() -> None:
    text = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert depth_of(parse_json(text, "text")) == MAX_DEPTH


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: &x 1\nb: *x\n", ["line 2, column 4", "aliases are not accepted"]),
        ("a: 1\nb: 2\na: 3\n", ["line 3, column 1", "'a' is given twice"]),
        ("outer:\n  a: 1\n  a: 2\n", ["line 3, column 3", "given twice"]),
        ("? [1, 2]\n: x\n", ["line 1", "cannot be a key"]),
        ("a: [1,\n", ["line 2"]),
        ("\tkey: 1\n", ["line 1, column 1"]),
        ("when: 2026-99-99\n", ["not YAML we accept"]),
        ("a: !!python/object/apply:os.system ['true']\n", ["line 1"]),
        ("a: \x07\n", ["not YAML we accept"]),
        ("[" * 5_000, ["text"]),
        ("a: " + "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), [f"deeper than {MAX_DEPTH}"]),
        ("a: 1\n---\nb: 2\n", ["text"]),
    ],
)
def test_yaml_that_could_mean_two_things_or_run_something_is_refused(text: str, words: list[str]) -> None:
    with pytest.raises(UnreadableInput) as caught:
        parse_yaml(text, "text")
    for word in words:
        assert word in str(caught.value)


def test_the_bomb_of_aliases_is_refused_at_once(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    with pytest.raises(UnreadableInput, match="aliases"):
        read_yaml(_written(tmp_path, "\n".join(lines), "bomb.yaml"))


def test_times_become_text_as_json_schema_expects() -> None:
    assert plain(parse_yaml("at: 2026-05-01T00:00:00Z\ndays: [2026-05-01]\n1: x\n", "text")) == {
        "at": "2026-05-01T00:00:00+00:00",
        "days": ["2026-05-01"],
        "1": "x",
    }


def test_csv_rows_come_with_their_line_numbers_and_empty_lines_are_passed_over(tmp_path: Path) -> None:
    path = _written(tmp_path, '\ufeffname,reason\r\n\r\n"a\nb",x\r\n,,,\r\n"c,d",\r\n', "list.csv")
    header, rows = read_csv(path)
    assert header == ["name", "reason"]
    assert rows == [(4, {"name": "a\nb", "reason": "x"}), (6, {"name": "c,d", "reason": ""})]


@pytest.mark.parametrize(
    ("text", "complaints"),
    [
        ("", ["is empty; the first line must name the columns"]),
        ("name;reason\na;b\n", ["line 1: the cells are not separated by commas"]),
        ("name\treason\na\tb\n", ["line 1: the cells are not separated by commas"]),
        ("name,name\na,b\n", ["line 1: the column 'name' is given twice"]),
        ("name,\na,b\n", ["line 1: column 2 has no name"]),
        ("name,reason\na\nb,c\nd,e,f\n", ["line 2 has 1 cells", "line 4 has 3 cells"]),
        ('name,reason\n"a,b\n', ["line 2: unexpected end of data"]),
    ],
)
def test_every_mistake_of_a_csv_file_is_told_with_its_line(tmp_path: Path, text: str, complaints: list[str]) -> None:
    path = _written(tmp_path, text, "list.csv")
    with pytest.raises(UnreadableInput) as caught:
        read_csv(path)
    told = str(caught.value).splitlines()
    assert len(told) == len(complaints)
    for line, complaint in zip(told, complaints, strict=True):
        assert line.startswith(f"{path}: {complaint}")


def test_a_key_given_twice_is_refused_in_what_people_write_and_the_last_counts_elsewhere() -> None:
    text = '{"jobs": [{"id": "p1", "weight": 4, "weight": 5}]}'
    assert parse_json(text, "feed.json") == {"jobs": [{"id": "p1", "weight": 5}]}
    with pytest.raises(UnreadableInput, match=r"problem\.json: the key 'weight' of 'p1' is given twice; leave one"):
        parse_json(text, "problem.json", has_unique_keys=True)


@pytest.mark.parametrize("number", [".nan", ".inf", "-.INF", "1.0e+999"])
def test_yaml_numbers_that_are_none_are_refused(number: str) -> None:
    with pytest.raises(UnreadableInput, match=r"limits\.yaml: .* line 1, column 7: .* is not a number"):
        parse_yaml(f"late: {number}", "limits.yaml")
    assert parse_yaml("late: 1.5", "limits.yaml") == {"late": 1.5}
