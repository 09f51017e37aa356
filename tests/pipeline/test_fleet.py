"""Fleet files: every mistake at once, each platform its own credentials, one failure does not stop the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from passmuster.errors import UnreadableInput
from passmuster.pipeline.evaluating import Judging, prepare_judging
from passmuster.pipeline.fleet import Member, read_fleet, review_fleet
from tests.making import NOW, make_pack, make_snapshot, sql_control

KEY = "PASSMUSTER_N8N_API_KEY"


@pytest.fixture
def judging(tmp_path: Path) -> Judging:
    """One small pack."""
    controls = {
        "T-01": {
            "control.yaml": sql_control("T-01"),
            "control.sql": "SELECT principal_id AS resource_id FROM principals",
        }
    }
    return prepare_judging([str(make_pack(tmp_path / "pack", controls))], as_of=NOW)


def _read(folder: Path, judging: Judging, platforms: str, environ: dict[str, str] | None = None) -> tuple[Member, ...]:
    path = folder / "fleet.yaml"
    path.write_text(f"schema: passmuster/fleet@1\nplatforms:\n{platforms}")
    return read_fleet(path, judging, environ={"HOME": "x", **(environ or {})}, progress=lambda _text: None)


def _mistakes(folder: Path, judging: Judging, platforms: str) -> list[str]:
    with pytest.raises(UnreadableInput) as caught:
        _read(folder, judging, platforms)
    return str(caught.value).replace(f"{folder}/", "").splitlines()


def test_every_mistake_of_form_is_told_with_its_place(tmp_path: Path, judging: Judging) -> None:
    platforms = (
        "  - {name: a, kind: n8n}\n  - {name: b c, snapshot: s}\n"
        "  - {kind: n8n, url: x, token: y}\n  - {name: d, kind: n8n, url: x, secrets: {API_KEY: X}}\n  - 7\n"
    )
    told = _mistakes(tmp_path, judging, platforms)
    for place in ("platforms.0: give one of", "platforms.1.name: 'b c'", "platforms.2: unknown key 'token'"):
        assert any(line.startswith(f"fleet.yaml: {place}") for line in told), place
    assert any("platforms.2: 'name' must be given" in line for line in told)
    assert any("platforms.3.secrets: 'API_KEY'" in line for line in told)
    assert any("platforms.4: 7 is not a mapping" in line for line in told)


def test_every_mistake_of_meaning_is_told_before_anything_is_asked(tmp_path: Path, judging: Judging) -> None:
    told = _mistakes(
        tmp_path,
        judging,
        f"  - {{name: a, kind: n8n, url: 'http://127.0.0.1:9', secrets: {{{KEY}: PROD_KEY}}}}\n"
        "  - {name: b, kind: nope, url: x}\n  - {name: c, snapshot: missing}\n"
        "  - {name: d, kind: n8n, from: missing}\n  - {name: e, snapshot: pack, registers: none}\n"
        "  - {name: fleet.html, snapshot: pack}\n",
    )
    assert [line.split(": ")[1] for line in told] == ["fleet.html", "a", "b", "c", "d", "e"]
    assert "neither PROD_KEY nor PROD_KEY_FILE is set" in told[1]


@pytest.mark.parametrize("other", ["a", "A"])
def test_two_platforms_of_one_name_are_refused(tmp_path: Path, judging: Judging, other: str) -> None:
    told = _mistakes(tmp_path, judging, f"  - {{name: a, snapshot: pack}}\n  - {{name: {other}, snapshot: pack}}\n")
    assert len(told) == 1
    assert "given twice" in told[0]


def test_each_platform_has_its_own_credentials(tmp_path: Path, judging: Judging) -> None:
    key_file = tmp_path / "key"
    key_file.write_text("from-file")
    key_file.chmod(0o600)
    members = _read(
        tmp_path,
        judging,
        "".join(
            f"  - {{name: {name}, kind: n8n, url: 'http://127.0.0.1:9', secrets: {{{KEY}: {variable}}}}}\n"
            for name, variable in (("one", "KEY_ONE"), ("two", "KEY_TWO"))
        ),
        {"KEY_ONE": "k1", "KEY_TWO_FILE": str(key_file), KEY: "everybodys"},
    )
    environs = [member.job.order.environ for member in members if member.job.order]
    assert [(environ[KEY], environ[f"{KEY}_FILE"]) for environ in environs] == [("k1", ""), ("", str(key_file))]


def test_one_platform_that_cannot_be_reviewed_is_told_and_the_others_are_reviewed(
    tmp_path: Path, judging: Judging
) -> None:
    make_snapshot(tmp_path / "good", {"principals": [{"principal_id": "a"}]})
    make_snapshot(tmp_path / "bad", {})
    (tmp_path / "bad" / "apps.parquet").write_bytes(b"not Parquet")
    members = _read(tmp_path, judging, "  - {name: bad, snapshot: bad}\n  - {name: good, snapshot: good}\n")
    report = review_fleet(members, tmp_path / "out", as_of=NOW)
    assert [(line.name, bool(line.problem), len(line.failing)) for line in report.lines] == [
        ("bad", True, 0),
        ("good", False, 1),
    ]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["fleet.html", "fleet.json", "good"]
