"""The calendar elsewhere that the environment names."""

from __future__ import annotations

from collections.abc import Mapping

from passmuster.pipeline.credentials import read_credential
from passmuster.pipeline.pushing import PASSWORD, USER
from passmuster.report.caldav_client import read_address

CALDAV_URL = "PASSMUSTER_CALDAV_URL"


def calendar_elsewhere(environ: Mapping[str, str]) -> str:
    """The address of the collection that is kept in step; empty where none is set. Raises UsageError."""
    url = environ.get(CALDAV_URL, "").strip()
    if url:
        read_address(url, named=CALDAV_URL)
        for name in (USER, PASSWORD):
            read_credential(name, environ)
    return url
