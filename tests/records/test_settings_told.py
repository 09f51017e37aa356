"""The reference of settings against the source that reads them."""

from __future__ import annotations

import re
from pathlib import Path

import passmuster
from passmuster.records.settings_told import SETTINGS, settings_page

_KEEPER = ("records", "application", "web", "worker")


def _told() -> set[str]:
    return {each.name for _, settings in SETTINGS for each in settings}


def _read() -> set[str]:
    """Every whole name in the source of the keeper, but for the table itself and names that examples make up."""
    folder = Path(passmuster.__file__).parent
    texts = [
        path.read_text(encoding="utf-8")
        for part in _KEEPER
        for path in (folder / part).rglob("*.py")
        if path.name != "settings_told.py"
    ]
    return {name for text in texts for name in re.findall(r"PASSMUSTER_[A-Z0-9_]*[A-Z0-9]\b(?!\w|\.\.\.)", text)}


def test_every_setting_that_the_keeper_reads_is_in_the_reference() -> None:
    invented = {name for name in _read() if name.startswith("PASSMUSTER_CREDENTIAL_")}
    assert _read() - invented - _told() == set()
    assert len(_read()) > 10


def test_a_name_stands_once_and_in_the_page() -> None:
    names = [each.name for _, settings in SETTINGS for each in settings]
    assert sorted(names) == sorted(set(names))
    page = settings_page()
    assert all(f"`{name}`" in page for name in names)
