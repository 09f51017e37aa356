from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.running import run


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="people-"))
    # The embedded server may run as another user, which must be able to reach its folder.
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_the_first_administrator_is_added_on_the_host_and_the_last_one_stays(home: Path, tmp_path: Path) -> None:
    told = {"PASSMUSTER_HOME": str(home), "PASSMUSTER_BASE_URL": "https://keeper.example.org"}
    before = run("people", "list", variables=told)
    assert (before.returncode, before.stdout) == (2, "")
    assert "passmuster db migrate" in before.stderr
    assert run("db", "migrate", variables=told).returncode == 0

    added = run("people", "add", "Ada@example.org", "--name", "Ada", "--role", "administrator", variables=told)
    assert added.returncode == 0, added.stderr
    assert added.stdout.startswith("https://keeper.example.org/account/password/reset/key/")
    assert len(added.stdout.splitlines()) == 1
    for arguments, words in (
        (("add", "b@example.org", "--name", "B", "--role", "king"), "Invalid value"),
        (("add", "b@example.org", "--name", "B", "--role", "vendor_contact"), "belongs to a vendor"),
        (("deactivate", "ada@example.org", "--why", "left"), "last administrator"),
    ):
        refused = run("people", *arguments, variables=told)
        assert (refused.returncode, refused.stdout) == (2, ""), arguments
        assert words in refused.stderr
        assert "Traceback" not in refused.stderr

    sheet = tmp_path / "people.csv"
    sheet.write_text("email,name,role\nbob@example.org,Bob,reviewer\n", encoding="utf-8")
    assert "1 added" in run("people", "import", sheet, variables=told).stderr
    assert run("people", "list", variables=told).stdout.splitlines() == [
        "ada@example.org  Ada  administrator",
        "bob@example.org  Bob  reviewer",
    ]
