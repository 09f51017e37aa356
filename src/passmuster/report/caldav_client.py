"""Asking one CalDAV collection: its own host only, nothing followed, bounded answers, certificates checked."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit
from xml.sax.saxutils import escape

import httpx

import passmuster
from passmuster.documents.secrets import strip_url
from passmuster.errors import UnreadableInput, UsageError
from passmuster.report.caldav_xml import Resource, read_multistatus

_MOST_BYTES = 64 * 1024 * 1024
_BATCH = 100
_CONNECT_S, _READ_S = 10.0, 60.0
_LIST = (
    '<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:"><D:prop><D:getetag/><D:resourcetype/>'
    "</D:prop></D:propfind>"
)
_GET = (
    '<?xml version="1.0" encoding="utf-8"?><C:calendar-multiget xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
    "<D:prop><D:getetag/><C:calendar-data/></D:prop>{}</C:calendar-multiget>"
)
_WHY = {
    401: "the user or the password is not accepted; set PASSMUSTER_CALDAV_USER and PASSMUSTER_CALDAV_PASSWORD",
    403: "this user may not do that there",
    404: "there is no such collection; make the calendar first, then name its address",
    405: "this is no collection of calendar events; name the calendar's own address",
    409: "the server has an event of that UID elsewhere, or the collection is gone",
    412: "somebody changed the event on the server meanwhile; push again",
    413: "the server takes no event that large",
    507: "the server has no room left",
}


@dataclass(frozen=True)
class Address:
    """A collection's address: its server, and its path with a slash at the end."""

    origin: str
    path: str

    @property
    def text(self) -> str:
        """The address as text."""
        return self.origin + self.path


def read_address(url: str, *, named: str = "--url") -> Address:
    """The collection a user names; raises UsageError that names the mend. TLS is a must but on this machine.

    `named` is where the user named it.
    """
    if "@" in url.partition("//")[2].partition("/")[0]:
        raise UsageError(f"{named} has an @ in it: leave out user and password; they come from the environment")
    shown = repr(strip_url(url))
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        raise UsageError(f"{named} is not an address; give it as https://host/path/to/calendar/") from None
    if parts.scheme not in ("https", "http") or not host or parts.query or parts.fragment:
        raise UsageError(f"{named} {shown} is no collection's address; give it as https://host/path/to/calendar/")
    if any(character.isspace() or not character.isprintable() for character in url.strip()):
        raise UsageError(f"{named} {shown} has a space or a control character in it; write %20 for a space")
    if parts.scheme == "http" and not _is_loopback(host):
        raise UsageError(f"{named} {shown} would send the password in clear; name an https:// address")
    name = f"[{host}]" if ":" in host else host
    origin = f"{parts.scheme}://{name}" + (f":{port}" if port is not None else "")
    return Address(origin, parts.path.rstrip("/") + "/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Refused(Exception):
    """What the server did not do, in words for people."""


class CollectionClient:
    """One collection, asked over one connection; nothing is sent before a method is called."""

    def __init__(self, address: Address, *, user: str = "", password: str = "") -> None:
        self.address = address
        headers = {"user-agent": f"passmuster/{passmuster.__version__}"}
        try:
            self._client = httpx.Client(
                auth=httpx.BasicAuth(user, password) if user or password else None,
                headers=headers,
                timeout=httpx.Timeout(_READ_S, connect=_CONNECT_S),
                follow_redirects=False,
            )
        except (OSError, ssl.SSLError):
            raise UsageError("SSL_CERT_FILE names no readable file of certificates; correct or unset it") from None

    def close(self) -> None:
        """Give the connection back."""
        self._client.close()

    def list_names(self) -> tuple[str, ...]:
        """The names of everything in the collection; raises UnreadableInput where it cannot be read."""
        body = self._read("PROPFIND", self.address.path, _LIST, {"depth": "1"})
        return tuple(filter(None, (self._name(resource.href) for resource in body)))

    def fetch(self, names: Sequence[str]) -> dict[str, Resource]:
        """Those of the names that are there, with their ETags and texts; raises UnreadableInput."""
        found = {}
        for start in range(0, len(names), _BATCH):
            wanted = "".join(
                f"<D:href>{escape(self.address.path + name)}</D:href>" for name in names[start : start + _BATCH]
            )
            for resource in self._read("REPORT", self.address.path, _GET.format(wanted), {"depth": "1"}):
                name = self._name(resource.href)
                if name and resource.text:
                    found[name] = resource
        return found

    def put(self, name: str, text: str, *, etag: str | None) -> None:
        """Write one event: a new one, or the one with that ETag; raises Refused."""
        condition = {"if-match": etag} if etag is not None else {"if-none-match": "*"}
        headers = {"content-type": "text/calendar; charset=utf-8", **condition}
        self._write("PUT", name, headers, text.encode("utf-8"))

    def delete(self, name: str, *, etag: str) -> None:
        """Take one event away, as long as it has that ETag; raises Refused."""
        self._write("DELETE", name, {"if-match": etag}, None)

    def _write(self, method: str, name: str, headers: Mapping[str, str], content: bytes | None) -> None:
        status, _ = self._ask(method, self.address.path + name, content, headers)
        if status // 100 != 2 and not (method == "DELETE" and status == 404):
            raise Refused(_told(status))

    def _read(self, method: str, path: str, body: str, headers: Mapping[str, str]) -> tuple[Resource, ...]:
        headers = {"content-type": "application/xml; charset=utf-8", **headers}
        try:
            status, content = self._ask(method, path, body.encode("utf-8"), headers)
        except Refused as refused:
            raise UnreadableInput(f"{self.address.text}: {refused}") from None
        if status != 207:
            raise UnreadableInput(f"{self.address.text}: {_told(status)}")
        return read_multistatus(content, self.address.text)

    def _ask(self, method: str, path: str, content: bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
        try:
            with self._client.stream(
                method, self.address.origin + path, content=content, headers=dict(headers)
            ) as response:
                found = bytearray()
                for chunk in response.iter_bytes():
                    found += chunk
                    if len(found) > _MOST_BYTES:
                        raise Refused("the answer is larger than 64 MiB; push to a calendar of its own")
                return response.status_code, bytes(found)
        except httpx.TimeoutException:
            raise Refused("did not answer in time") from None
        except httpx.ConnectError as error:
            why = "the certificate is not trusted" if "CERTIFICATE" in str(error) else "cannot be reached"
            raise Refused(f"{why}; check the address") from None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, ValueError) as error:
            raise Refused(f"could not be asked: {type(error).__name__}") from None

    def _name(self, href: str) -> str:
        """The name of a resource of this collection; empty where it is the collection itself or lies elsewhere."""
        path = unquote(urlsplit(href).path)
        own = unquote(self.address.path)
        name = path.removeprefix(own) if path.startswith(own) else ""
        return "" if "/" in name else name


def _told(status: int) -> str:
    if status // 100 == 3:
        return f"HTTP {status}: sends on to another address, which is not followed; name the calendar's own address"
    return f"HTTP {status}: {_WHY.get(status, 'the server refused')}"
