"""The address a user names: checked before anything is sent, and the only host that is ever asked."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from passmuster.documents.secrets import strip_url
from passmuster.errors import UsageError


@dataclass(frozen=True)
class BaseUrl:
    """A platform's address without credentials, query and trailing slash."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Host, with its port where that is not the scheme's usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def text(self) -> str:
        """The address as text."""
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def is_in_clear(self) -> bool:
        """Whether what is sent can be read on the way: no TLS, and not within this machine."""
        return self.scheme == "http" and not _is_loopback(self.host)


_PORTS = {"https": 443, "http": 80}


def read_base_url(url: str, *, drop_suffixes: tuple[str, ...] = ()) -> BaseUrl:
    """The address as given by the user; raises UsageError that names the mend.

    A path that ends in one of `drop_suffixes` (as `/api/v1`) loses it.
    """
    if "@" in url:
        # Nothing of it is shown: which part is a password cannot be told from an address that may be misspelled.
        raise UsageError("--url has an @ in it: leave out user and password; credentials come from the environment")
    shown = repr(strip_url(url))
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        # The parser's own words quote what stands where a port is wanted, which may be a password.
        raise UsageError(
            "--url is not an address: host or port cannot be read; give it as https://host[:port]"
        ) from None
    if parts.scheme not in _PORTS or not host:
        raise UsageError(f"--url {shown} must start with https:// (or http://) and name a host")
    if parts.query or parts.fragment:
        raise UsageError(f"--url {shown}: leave out what follows ? or #; only the platform's address is needed")
    if any(character.isspace() or not character.isprintable() for character in url.strip()):
        raise UsageError(f"--url {shown} has a space or a control character in it; give it as https://host[:port]")
    path = parts.path.rstrip("/")
    for suffix in drop_suffixes:
        path = path.removesuffix(suffix).rstrip("/")
    return BaseUrl(parts.scheme, host.lower(), port if port is not None else _PORTS[parts.scheme], path)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
