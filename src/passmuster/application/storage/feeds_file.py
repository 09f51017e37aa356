"""The file that names the feeds of advisories to fetch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from passmuster.errors import UsageError
from passmuster.records.home import home_of

FEEDS = "PASSMUSTER_FEEDS"


def feeds_file(environ: Mapping[str, str]) -> Path:
    """Where the list of feeds is, or would be."""
    return Path(environ.get(FEEDS) or home_of(environ) / "feeds.yaml")


def require_feeds(environ: Mapping[str, str]) -> None:
    """Raise UsageError where a list is named and not there: no advisory would ever come, without a word."""
    if environ.get(FEEDS) and not feeds_file(environ).is_file():
        raise UsageError(f"{FEEDS}: {environ[FEEDS]} is no file; name the list of feeds, or leave it out")
