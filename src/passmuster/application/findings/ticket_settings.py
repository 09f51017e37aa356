"""The ticket system that the environment names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from passmuster.errors import UsageError
from passmuster.pipeline.credentials import read_credential

URL, SECRET = "PASSMUSTER_TICKET_URL", "PASSMUSTER_TICKET_SECRET"


def ticket_secret(environ: Mapping[str, str] | None = None) -> str:
    """The secret that signs messages both ways; empty where no ticket system is set up. Raises UsageError."""
    return read_credential(SECRET, os.environ if environ is None else environ)


def ticket_system(environ: Mapping[str, str]) -> tuple[str, str]:
    """Where tickets are sent, and the secret they are signed with; both empty where no address is set.

    Raises UsageError.
    """
    url, secret = environ.get(URL, "").strip(), ticket_secret(environ)
    if not url:
        return "", ""
    if urlsplit(url).scheme not in ("https", "http") or not urlsplit(url).hostname:
        raise UsageError(f"{URL} is no address; write https://tickets.example.org/...")
    if not secret:
        raise UsageError(f"{URL} is set, {SECRET} is not; messages must be signed")
    return url, secret
