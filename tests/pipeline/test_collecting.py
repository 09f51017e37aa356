"""Orders to collect: what is refused before anything is asked, and where secrets may come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from passmuster.errors import OutputRefused, PassmusterError, UsageError
from passmuster.pipeline.collecting import Collecting, collect, prepare
from passmuster.pipeline.packs import new_pack, verify
from passmuster.snapshot.read import open_snapshot

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
URL = "http://127.0.0.1:9"
KEY = "PASSMUSTER_N8N_API_KEY"


def _secrets(environ: dict[str, str]) -> dict[str, str]:
    return dict(prepare(Collecting("n8n", url=URL, environ=environ))[1].secrets)


def _file(folder: Path, data: bytes, mode: int = 0o600) -> str:
    path = folder / "key"
    path.write_bytes(data)
    path.chmod(mode)
    return str(path)


def test_a_secret_comes_from_the_environment_or_a_file_only_its_owner_can_read(tmp_path: Path) -> None:
    assert _secrets({KEY: "k1"}) == {KEY: "k1"}
    assert _secrets({f"{KEY}_FILE": _file(tmp_path, b"k2\n")}) == {KEY: "k2"}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620, 0o660])
def test_a_secret_file_others_can_reach_is_refused_with_the_mend(tmp_path: Path, mode: int) -> None:
    path = _file(tmp_path, b"topsecret", mode)
    with pytest.raises(UsageError) as caught:
        _secrets({f"{KEY}_FILE": path})
    assert f"run `chmod 600 {path}`" in str(caught.value)
    assert "topsecret" not in str(caught.value)


def test_a_secret_file_that_cannot_be_read_is_named_and_its_content_is_not(tmp_path: Path) -> None:
    broken = {
        str(tmp_path / "none"): "No such file",
        str(tmp_path): "is a folder",
        _file(tmp_path, b"topsecret\xff"): "is not UTF-8 text",
    }
    for path, words in broken.items():
        with pytest.raises(UsageError) as caught:
            _secrets({f"{KEY}_FILE": path})
        assert words in str(caught.value)
        assert f"{KEY}_FILE: {path}" in str(caught.value)
        assert "topsecret" not in str(caught.value)


def test_two_places_for_one_secret_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="both set; keep one"):
        _secrets({KEY: "a", f"{KEY}_FILE": _file(tmp_path, b"b")})


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (Collecting("nope", url=URL), "there is no connector 'nope'; known are "),
        (Collecting("n8n"), "either --url URL or --from PATH"),
        (Collecting("n8n", url=URL, path=EXAMPLES), "either --url URL or --from PATH"),
        (Collecting("n8n", path=Path("nowhere")), "nowhere: there is no such file or folder; check --from"),
        (Collecting("n8n", path=EXAMPLES / "n8n", declared=Path("nowhere")), "nowhere: there is no such file"),
        (Collecting("n8n", url="http://user:pw@host", environ={KEY: "k"}), "credentials come from the environment"),
        (Collecting("n8n", url="ftp://host", environ={KEY: "k"}), "must start with https://"),
    ],
)
def test_an_order_that_cannot_work_is_refused_and_nothing_is_written(
    tmp_path: Path, order: Collecting, words: str
) -> None:
    with pytest.raises(PassmusterError) as caught:
        collect(order, tmp_path / "out")
    assert words in str(caught.value)
    assert "pw" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_full_output_folder_is_refused_before_the_order_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(OutputRefused):
        collect(Collecting("nope"), tmp_path)


@pytest.mark.parametrize("kind", ["n8n", "node-red"])
def test_the_same_input_collected_twice_gives_the_same_digests(tmp_path: Path, kind: str) -> None:
    for name in ("a", "b"):
        collect(Collecting(kind, path=EXAMPLES / kind, environ={}), tmp_path / name)
    tables = [open_snapshot(tmp_path / name).manifest.tables for name in ("a", "b")]
    assert {name: entry.sha256 for name, entry in tables[0].items()} == {
        name: entry.sha256 for name, entry in tables[1].items()
    }
    assert any(entry.rows for entry in tables[0].values())


def test_an_empty_folder_of_answers_gives_tables_that_say_error(tmp_path: Path) -> None:
    (tmp_path / "answers").mkdir()
    manifest = collect(Collecting("n8n", path=tmp_path / "answers", environ={}), tmp_path / "out")
    assert {str(entry.status) for entry in manifest.tables.values()} == {"error"}
    assert all(entry.reason for entry in manifest.tables.values())


def test_a_new_pack_does_not_overwrite_one_that_is_there(tmp_path: Path) -> None:
    new_pack(tmp_path / "mine")
    before = sorted((tmp_path / "mine").iterdir())
    with pytest.raises(OutputRefused):
        new_pack(tmp_path / "mine")
    assert sorted((tmp_path / "mine").iterdir()) == before


def test_the_cases_of_a_pack_from_outside_are_run_and_one_that_does_not_hold_is_named(tmp_path: Path) -> None:
    new_pack(tmp_path / "mine")
    (verified,) = verify(str(tmp_path / "mine"))
    assert (verified.control, verified.cases, verified.complaints) == ("HOUSE-01", 4, ())
    cases = tmp_path / "mine" / "HOUSE-01" / "cases.yaml"
    cases.write_text(cases.read_text().replace("resources: [a1]", "resources: [a2]"))
    (verified,) = verify(str(tmp_path / "mine"))
    (complaint,) = verified.complaints
    assert complaint.endswith("untouched for three years fails': expected the resources ['a2'], got ['a1']")
