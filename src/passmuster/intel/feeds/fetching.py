"""Fetching a feed: only if it changed, bounded in size and time, patient, and never from another host."""

from __future__ import annotations

import hashlib
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx

import passmuster
from passmuster.documents.secrets import mask_secrets
from passmuster.errors import UsageError
from passmuster.intel.feeds.sources import Source

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_RETRY = frozenset({429, 502, 503, 504})
_MOST_REDIRECTS = 5
_ATTEMPTS = 4
_LONGEST_WAIT_S = 60.0


@dataclass(frozen=True)
class Validators:
    """What a server said of the version we have, so that it need not send it again."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True)
class Fetched:
    """What became of fetching: a file (`path`), nothing new (`is_unchanged`), or a `problem`."""

    path: Path | None = None
    is_unchanged: bool = False
    problem: str = ""
    validators: Validators = Validators()


@dataclass(frozen=True)
class Clock:
    """Time, handed in so that tests need not wait."""

    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))


class _Refused(Exception):
    """A reason that no other attempt mends."""


class Fetcher:
    """Fetches feeds one after another; certificates are always checked, no cookie and no credential is sent."""

    def __init__(self, clock: Clock = Clock()) -> None:
        """Nothing is sent yet; raises UsageError where TLS cannot be set up."""
        headers = {"user-agent": f"passmuster/{passmuster.__version__}", "accept-encoding": "identity"}
        try:
            self._client = httpx.Client(headers=headers, timeout=httpx.Timeout(60.0, connect=10.0))
        except (OSError, ssl.SSLError):
            raise UsageError("SSL_CERT_FILE names no readable file of certificates; correct or unset it") from None
        self._clock = clock

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def fetch(self, source: Source, folder: Path, known: Validators = Validators()) -> Fetched:
        """The feed as a file in `folder`, after as many attempts as patience allows; trouble is in the answer."""
        deadline = self._clock.monotonic() + source.timeout_s
        problem = ""
        for attempt in range(_ATTEMPTS):
            try:
                answer, wait_s = self._attempt(source, folder, known, deadline)
            except _Refused as refusal:
                return Fetched(problem=str(refusal))
            except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
                if "CERTIFICATE_VERIFY_FAILED" in str(error):
                    return Fetched(problem=f"the certificate of {host_of(source.url)} does not hold")
                answer, wait_s = None, None
                problem = f"{host_of(source.url)} cannot be reached ({mask_secrets(str(error)) or 'no answer'})"
            if isinstance(answer, Fetched):
                return answer
            problem = answer or problem
            wait_s = min(0.5 * 2**attempt if wait_s is None else wait_s, _LONGEST_WAIT_S)
            if attempt == _ATTEMPTS - 1 or self._clock.monotonic() + wait_s > deadline:
                break
            self._clock.sleep(wait_s)
        return Fetched(problem=problem)

    def _attempt(
        self, source: Source, folder: Path, known: Validators, deadline: float
    ) -> tuple[Fetched | str, float | None]:
        """The answer; or what was wrong and how long the server asks to wait before another attempt."""
        url, headers = source.url, _conditions(known)
        for _ in range(_MOST_REDIRECTS):
            with self._client.stream("GET", url, headers=headers, follow_redirects=False) as response:
                status = response.status_code
                if status == 304:
                    return Fetched(is_unchanged=True, validators=known), None
                if status in _RETRY:
                    return f"{host_of(url)} answers {status}", self._asked_wait(response)
                if status in _REDIRECTS:
                    url = _same_origin(url, response.headers.get("location", ""))
                    continue
                if status != 200:
                    raise _Refused(f"{host_of(url)} answers {status}; check the address")
                path = self._save(response, source, folder, deadline)
                return Fetched(path, validators=_validators(response.headers)), None
        raise _Refused(f"{host_of(url)} redirects in circles")

    def _asked_wait(self, response: httpx.Response) -> float | None:
        text = response.headers.get("retry-after", "").strip()
        if text.isascii() and text.isdigit():
            return float(text[:6])
        try:
            at = parsedate_to_datetime(text)
        except (TypeError, ValueError, IndexError, OverflowError):
            return None
        return max((at.replace(tzinfo=at.tzinfo or UTC) - self._clock.now()).total_seconds(), 0.0)

    def _save(self, response: httpx.Response, source: Source, folder: Path, deadline: float) -> Path:
        """The body as it comes, still compressed where it is."""
        path = folder / hashlib.sha256(source.url.encode()).hexdigest()[:16]
        size = 0
        too_large = (
            f"{host_of(source.url)} sends more than {source.max_bytes / 2**20:.3g} MiB; raise max_mib if it is right"
        )
        if int(response.headers.get("content-length", "0") or 0) > source.max_bytes:
            raise _Refused(too_large)
        with path.open("wb") as out:
            for chunk in response.iter_raw():
                size += len(chunk)
                if size > source.max_bytes:
                    raise _Refused(too_large)
                if self._clock.monotonic() > deadline:
                    raise _Refused(f"{host_of(source.url)} takes longer than {source.timeout_s:g} s; raise timeout_s")
                out.write(chunk)
        return path


def host_of(url: str) -> str:
    """Host and port of an address, for people."""
    return urlsplit(url).netloc


def _conditions(known: Validators) -> dict[str, str]:
    headers = {"if-none-match": known.etag, "if-modified-since": known.last_modified}
    return {name: value for name, value in headers.items() if value}


def _validators(headers: Mapping[str, str]) -> Validators:
    return Validators(headers.get("etag", ""), headers.get("last-modified", ""))


def _same_origin(url: str, location: str) -> str:
    """Where a redirect leads, if that is the host that was named; raises _Refused otherwise."""
    try:
        target = urljoin(url, location)
        is_same = _origin(target) == _origin(url)
    except ValueError:
        is_same = False
    if not is_same:
        host = urlsplit(location).hostname or "nowhere"
        raise _Refused(f"{host_of(url)} redirects to {host!r}, which was not named; name that address if you trust it")
    return target


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or {"https": 443, "http": 80}.get(parts.scheme)
