"""The reference of settings against the source that reads them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import passmuster
from passmuster.records.settings_told import SETTINGS, is_told, names_told, settings_page

_KEEPER = ("records", "application", "web", "worker", "cli", "pipeline")
# The check itself looks at all that begins so, and the demo puts all of it aside.
_OF_ALL = {"application/settings_check.py", "cli/demo_keeper.py"}


def _literals() -> set[str]:
    """Every name in the source of the keeper, and every beginning of names that are put together when it runs.

    But for the table itself, and names that examples make up.
    """
    folder = Path(passmuster.__file__).parent
    found: set[str] = set()
    for path in (path for part in _KEEPER for path in (folder / part).rglob("*.py")):
        place = path.relative_to(folder).as_posix()
        names = set(re.findall(r"PASSMUSTER_[A-Z0-9_]*(?!\w|\.\.\.)", path.read_text(encoding="utf-8")))
        if place != "records/settings_told.py":
            found |= names - {"PASSMUSTER_", "PASSMUSTER_TEST_"} if place in _OF_ALL else names
    return {name for name in found if not name.startswith("PASSMUSTER_CREDENTIAL_")}


def test_every_setting_that_the_keeper_reads_is_in_the_reference() -> None:
    names = {name for name in _literals() if not name.endswith("_")}
    assert {name for name in names if not is_told(name)} == set()
    assert len(names) > 20


def test_names_put_together_when_it_runs_begin_like_some_of_the_reference() -> None:
    beginnings = {name for name in _literals() if name.endswith("_")}
    assert {"PASSMUSTER_CHAT_", "PASSMUSTER_WEBHOOK_", "PASSMUSTER_OIDC_"} <= beginnings
    # A beginning that all names have would tell nothing.
    assert "PASSMUSTER_" not in beginnings
    assert [each for each in beginnings if not any(name.startswith(each) for name in names_told())] == []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("PASSMUSTER_CHAT_OPS", True),
        ("PASSMUSTER_WEBHOOK_SIEM_SECRET", True),
        ("PASSMUSTER_WEBHOOK_SIEM", False),
        ("PASSMUSTER_CHAT_", False),
        ("PASSMUSTER_SMTP_HOSTS", False),
        ("PASSMUSTER_SMTP_HOST", True),
    ],
)
def test_a_variable_is_known_by_its_name_or_its_family(name: str, told: bool) -> None:
    assert is_told(name) is told


def test_a_name_stands_once_and_in_the_page() -> None:
    names = [each.name for _, settings in SETTINGS for each in settings]
    assert sorted(names) == sorted(set(names))
    page = settings_page()
    assert all(f"`{name}`" in page for name in names)
