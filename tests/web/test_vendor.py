from __future__ import annotations

import gzip
import importlib.util
import re
from pathlib import Path

import pytest
from django.test import Client

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
    differing, stale = ["htmx.LICENSE.txt", "htmx.min.js", "unknown.js"], ["htmx.min.js", "unknown.js"]
    assert [line.split(":")[0] for line in module.complaints()] == [*differing, *stale]


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("name", ["tabler.min.css", "htmx.min.js", "echarts.common.min.js"])
def test_who_can_unpack_is_sent_the_packed_file(name: str) -> None:
    plain = (WEB / "static" / "vendor" / name).read_bytes()
    packed = Client(headers={"accept-encoding": "gzip"}).get(f"/static/vendor/{name}")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    sent = packed.getvalue()
    assert (gzip.decompress(sent), 3 * len(sent) < 1.1 * len(plain)) == (plain, True)
    unpacked = Client().get(f"/static/vendor/{name}")
    assert ("Content-Encoding" in unpacked.headers, unpacked.getvalue()) == (False, plain)


_TEMPLATES = sorted((WEB / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", _TEMPLATES, ids=lambda path: str(path.relative_to(WEB / "templates")))
def test_no_template_holds_what_the_policy_forbids(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|https?://(?!www\.w3\.org)", text)
    # A block of data is not run.
    assert not re.search(r"<script(?![^>]*\b(?:src=|type=\"application/json\"))", text)
    assert not re.search(r"\|\s*safe\b|autoescape off", text)
