"""The built wheel carries packs, examples, schemas and templates, and runs outside the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content as an installer would lay it out."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(unpacked: Path, tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "passmuster.cli.main", *arguments],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_wheel_lists_its_packs_from_its_own_files(unpacked: Path, tmp_path: Path) -> None:
    done = run(unpacked, tmp_path, "packs", "list", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert '"no-code-baseline"' in done.stdout
    assert (unpacked / "passmuster" / "bundled" / "packs" / "no-code-baseline" / "pack.yaml").is_file()


def test_the_wheel_reviews_an_example_it_carries(unpacked: Path, tmp_path: Path) -> None:
    example = unpacked / "passmuster" / "bundled" / "examples" / "node-red"
    done = run(unpacked, tmp_path, "review", "node-red", "--from", str(example), "--out", "review")
    assert done.returncode == 3, done.stderr
    assert done.stdout.startswith("Answered ")
    assert (tmp_path / "review" / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_wheel_shows_a_connectors_page(unpacked: Path, tmp_path: Path) -> None:
    done = run(unpacked, tmp_path, "connectors", "n8n")
    assert done.returncode == 0, done.stderr
    assert "PASSMUSTER_N8N_API_KEY" in done.stdout
