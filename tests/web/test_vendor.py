from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WEB = ROOT / "src" / "passmuster" / "web"


def refresh() -> object:
    spec = importlib.util.spec_from_file_location("refresh_vendor", ROOT / "scripts" / "refresh_vendor.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_others_made_is_as_written_down() -> None:
    assert refresh().complaints() == []


def test_a_changed_a_missing_and_an_unknown_file_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = refresh()
    for path in module.VENDOR.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "htmx.min.js").write_bytes(b"changed")
    (tmp_path / "htmx.LICENSE.txt").unlink()
    (tmp_path / "unknown.js").write_bytes(b"")
    monkeypatch.setattr(module, "VENDOR", tmp_path)
    assert [line.split(":")[0] for line in module.complaints()] == ["htmx.LICENSE.txt", "htmx.min.js", "unknown.js"]


_TEMPLATES = sorted((WEB / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", _TEMPLATES, ids=lambda path: str(path.relative_to(WEB / "templates")))
def test_no_template_holds_what_the_policy_forbids(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|https?://(?!www\.w3\.org)", text)
    # A block of data is not run.
    assert not re.search(r"<script(?![^>]*\b(?:src=|type=\"application/json\"))", text)
    assert not re.search(r"\|\s*safe\b|autoescape off", text)
