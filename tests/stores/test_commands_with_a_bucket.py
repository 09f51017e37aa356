from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.test_db_commands import _FILL
from tests.stores.server import SECRET, Store


@pytest.fixture
def homes() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="homes-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _run(home: Path, *given: str, expected: int = 0, **more: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PASSMUSTER_", "DJANGO_"))}
    environ = {**kept, "PASSMUSTER_HOME": str(home), "PASSMUSTER_DATABASE_URL": "", **more}
    command = given if given[0] == "-c" else ("-m", "passmuster.cli.main", *given)
    done = subprocess.run([sys.executable, *command], env=environ, capture_output=True, text=True, check=False)
    told = done.stdout + done.stderr
    assert done.returncode == expected, told
    assert "Traceback" not in done.stderr
    assert SECRET not in told
    return told


def test_a_keeper_whose_files_and_checkpoints_lie_in_buckets_is_backed_up_restored_and_verified(
    store: Store, homes: Path
) -> None:
    name = store.bucket()
    signed = f"s3://{store.bucket(locked_days=2)}/record"
    there = {**store.environ, "PASSMUSTER_FILES": f"s3://{name}/files", "PASSMUSTER_CHECKPOINTS": signed}
    old, new, backup = homes / "old", homes / "new", homes / "backup.tar.gz"
    _run(old, "db", "migrate", **there)
    _run(old, "-c", _FILL, **there)
    assert not (old / "files").exists()
    assert f"files in s3://{name}/files, which the store does NOT lock" in _run(old, "db", "check", **there)
    assert f"written to {signed}/checkpoint-000000000004.json (locked until " in _run(
        old, "audit", "checkpoint", "--to", signed, **there
    )
    intact = "intact: 5 event(s), 2 signed checkpoint(s), 3 piece(s) of evidence"
    assert intact in _run(old, "audit", "verify", **there)
    assert "the store did not answer" in _run(
        old, "audit", "verify", expected=3, **{**there, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    )
    _run(old, "db", "backup", str(backup), **there)
    assert f"lie in s3://{name}/files; set PASSMUSTER_FILES" in _run(new, "db", "restore", str(backup), expected=2)
    # The backup itself is an event that the restored record ends with.
    assert "intact: 6 event(s)" in _run(new, "db", "restore", str(backup), **there)
    listed = store.client.list_objects_v2(Bucket=name)["Contents"]
    store.client.delete_object(Bucket=name, Key=listed[0]["Key"])
    assert "is gone" in _run(new, "audit", "verify", expected=1, **there)
