"""The address at which people reach the keeper."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from passmuster.errors import UsageError

BASE_URL = "PASSMUSTER_BASE_URL"
_USUAL = "http://127.0.0.1:8460"
_MEND = "write it as https://passmuster.example.org, with a port where it has one, and without a path"


def own_address(environ: Mapping[str, str]) -> str:
    """PASSMUSTER_BASE_URL, without a slash at its end; raises UsageError unless it is scheme, host and maybe port."""
    text = environ.get(BASE_URL, "").strip() or _USUAL
    try:
        parts = urlsplit(text)
        # Reading it is what finds a port that is none.
        _ = parts.port
    except ValueError:
        raise UsageError(f"{BASE_URL}: is no address; {_MEND}") from None
    is_plain = not (parts.query or parts.fragment or "@" in parts.netloc or any(map(str.isspace, text)))
    if parts.scheme not in ("https", "http") or not parts.hostname or not is_plain or parts.path not in ("", "/"):
        raise UsageError(f"{BASE_URL}: is not the address of a host alone; {_MEND}")
    return text.rstrip("/")
