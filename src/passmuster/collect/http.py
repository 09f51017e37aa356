"""Answers from a live platform: patient, bounded, polite, and never from another host than the one that was named."""

from __future__ import annotations

import os
import random
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

import passmuster
from passmuster.collect.answers import Answer, Request
from passmuster.collect.base_url import BaseUrl
from passmuster.collect.body import BodyError, read_body
from passmuster.documents.secrets import REDACTED, is_sensitive_name, mask_secrets
from passmuster.errors import UsageError

_RETRY_STATUSES = frozenset({429, 502, 503, 504})
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_SILENT_LIMIT = 2
_SHORTEST_SECRET = 4
_KEPT_HEADERS = ("content-type", "retry-after", "date", "x-node-red-deployment", "x-total-count")


@dataclass(frozen=True)
class Patience:
    """How long to wait and how much to read. `budget_s` bounds all waiting between attempts of one collection."""

    attempts: int = 4
    first_wait_s: float = 0.5
    longest_wait_s: float = 60.0
    budget_s: float = 300.0
    connect_s: float = 10.0
    read_s: float = 60.0
    request_s: float = 300.0
    max_bytes: int = 64 * 1024 * 1024


@dataclass(frozen=True)
class Clock:
    """Time and chance, handed in so that tests need not wait."""

    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    chance: Callable[[], float] = random.random


class LiveAnswers:
    """Answers of one live platform. Trouble is in the answer; certificates are always checked; cookies are kept."""

    def __init__(
        self,
        base: BaseUrl,
        *,
        headers: Mapping[str, str] | None = None,
        patience: Patience = Patience(),
        clock: Clock = Clock(),
        progress: Callable[[str], None] = lambda _text: None,
    ) -> None:
        """Ask `base` with these headers; nothing is sent yet. Raises UsageError if TLS or a header cannot be set up."""
        self.base = base
        self._patience = patience
        self._clock = clock
        self._progress = progress
        self._waited_s = 0.0
        self._silent = 0
        self._client = _client(headers or {}, patience)
        self._sent = _secrets_in(headers or {})

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def has(self, name: str) -> bool:
        """A live platform may be asked anything."""
        return bool(name)

    def ask(self, request: Request) -> Answer:
        """The answer after as many attempts as patience allows."""
        if self._silent >= _SILENT_LIMIT:
            return Answer(None, problem=f"not asked: {self.base.authority} stopped answering")
        self._progress(_said(request))
        answer = self._ask_patiently(request)
        self._silent = self._silent + 1 if answer.status is None else 0
        return answer

    def _ask_patiently(self, request: Request) -> Answer:
        for attempt in range(1, self._patience.attempts + 1):
            answer, is_worth_another = self._attempt(request)
            if not is_worth_another or attempt == self._patience.attempts:
                break
            wait_s = self._wait_for(answer, attempt)
            if self._waited_s + wait_s > self._patience.budget_s:
                return _with_problem(answer, "gave up: the time allowed for waiting is used up")
            self._progress(f"{_said(request)}: waiting {wait_s:.1f} s ({_cause(answer)})")
            self._clock.sleep(wait_s)
            self._waited_s += wait_s
        return answer

    def _wait_for(self, answer: Answer, attempt: int) -> float:
        asked = retry_after_s(answer.headers.get("retry-after", ""), self._clock.now())
        if asked is not None:
            return min(max(asked, 0.0), self._patience.longest_wait_s)
        doubled = self._patience.first_wait_s * float(2 ** (attempt - 1))
        return min(doubled * (0.5 + self._clock.chance()), self._patience.longest_wait_s)

    def _attempt(self, request: Request) -> tuple[Answer, bool]:
        """One attempt, and whether another could end better."""
        url = self.base.text + request.path
        try:
            answer = self._follow(request, url)
        except httpx.TimeoutException:
            return Answer(None, problem=f"{self.base.authority} did not answer in time"), _is_idempotent(request)
        except httpx.TransportError as error:
            problem, may_heal = _explain(error, self.base.authority)
            return Answer(None, problem=problem), may_heal and _is_idempotent(request)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
            return Answer(None, problem=f"could not ask {self.base.authority}: {type(error).__name__}"), False
        if answer.status == 429:
            return answer, True
        return answer, answer.status in _RETRY_STATUSES and _is_idempotent(request)

    def _follow(self, request: Request, url: str) -> Answer:
        params: Mapping[str, str] | None = dict(request.params) or None
        for _ in range(_MOST_REDIRECTS):
            built = self._client.build_request(
                request.method,
                url,
                params=params,
                json=request.json,
                data=dict(request.form) if request.form is not None else None,
                headers=dict(request.headers),
            )
            response = self._client.send(built, stream=True, follow_redirects=False)
            try:
                target = self._same_origin_target(response) if response.status_code in _REDIRECTS else None
                if target is None or request.method not in _IDEMPOTENT:
                    return self._without_what_was_sent(self._read(response), request)
            finally:
                response.close()
            url, params = target, None
        return Answer(None, problem=f"{self.base.authority} redirects in circles")

    def _same_origin_target(self, response: httpx.Response) -> str | None:
        try:
            target = urljoin(str(response.url), response.headers.get("location", ""))
            parts = urlsplit(target)
            default = {"https": 443, "http": 80}.get(parts.scheme)
            same = (parts.scheme, (parts.hostname or "").lower(), parts.port or default)
        except ValueError:
            return None
        return target if same == (self.base.scheme, self.base.host, self.base.port) else None

    def _read(self, response: httpx.Response) -> Answer:
        kept = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
        status = response.status_code
        if status in _REDIRECTS:
            host = urlsplit(response.headers.get("location", "")).hostname or "nowhere"
            problem = (
                f"{self.base.authority} redirects to {host!r}, which was not named; use the address it redirects to"
            )
            return Answer(status, None, kept, problem)
        try:
            body = read_body(self._within_time(response), response.headers, max_bytes=self._patience.max_bytes)
        except BodyError as trouble:
            return Answer(status, None, kept, str(trouble) if 200 <= status < 300 else "")
        return Answer(status, body, kept)

    def _without_what_was_sent(self, answer: Answer, request: Request) -> Answer:
        """A refusal that repeats our own credential back to us loses it: its text goes into reasons and reports."""
        if answer.status is None or answer.status < 400:
            return answer
        fields = request.json if isinstance(request.json, Mapping) else request.form or {}
        sent = (*self._sent, *_secrets_in(fields))
        return replace(answer, body=_scrubbed(answer.body, sent)) if sent else answer

    def _within_time(self, response: httpx.Response) -> Iterator[bytes]:
        """The raw bytes as they come, until one request has taken too long."""
        started = self._clock.monotonic()
        for chunk in response.iter_raw():
            yield chunk
            if self._clock.monotonic() - started > self._patience.request_s:
                raise BodyError(f"the answer took longer than {self._patience.request_s:.0f} s")


def retry_after_s(value: str, now: datetime) -> float | None:
    """Seconds to wait by a `Retry-After` header, which holds seconds or an HTTP date; None if it holds neither."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return (at - now).total_seconds()


def _client(headers: Mapping[str, str], patience: Patience) -> httpx.Client:
    defaults = {
        "accept": "application/json",
        "accept-encoding": "gzip, deflate",
        "user-agent": f"passmuster/{passmuster.__version__}",
    }
    try:
        return httpx.Client(
            headers={**defaults, **headers},
            verify=_trusted(*_authorities()),
            timeout=httpx.Timeout(patience.read_s, connect=patience.connect_s),
            follow_redirects=False,
        )
    except (OSError, ssl.SSLError):
        raise UsageError("SSL_CERT_FILE names no readable file of certificates; correct or unset it") from None
    except (UnicodeError, ValueError):
        raise UsageError("a credential in the environment has characters that no HTTP header can carry") from None


def _authorities() -> tuple[str | None, str | None, int]:
    """Whom to trust: the file or else the folder that the environment names, and when it was last changed (ns)."""
    file, folder = os.environ.get("SSL_CERT_FILE") or None, os.environ.get("SSL_CERT_DIR") or None
    named = file or folder
    return file, folder, Path(named).stat().st_mtime_ns if named else 0


# A platform of many hosts has a client for each; reading all authorities takes longer than asking one of them.
@lru_cache(maxsize=4)
def _trusted(_file: str | None, _folder: str | None, _changed_ns: int) -> ssl.SSLContext:
    """Those authorities, read once in a process as long as they stay as they are."""
    return httpx.create_ssl_context()


def _said(request: Request) -> str:
    """A request in a few words, for people who wait."""
    _, is_later, page = request.name.rpartition("_page")
    return f"{request.method} {request.path}" + (f", page {page}" if is_later and page.isdigit() else "")


def _secrets_in(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """The values of headers or fields that hold a credential; of `Bearer x` also the bare `x`."""
    found = [str(value) for name, value in fields.items() if is_sensitive_name(name)]
    return tuple(part for value in found for part in (value, value.rpartition(" ")[2]) if len(part) >= _SHORTEST_SECRET)


def _scrubbed(value: Any, secrets: tuple[str, ...]) -> Any:
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, REDACTED)
        return value
    if isinstance(value, Mapping):
        return {name: _scrubbed(item, secrets) for name, item in value.items()}
    return [_scrubbed(item, secrets) for item in value] if isinstance(value, list) else value


def _is_idempotent(request: Request) -> bool:
    return request.method in _IDEMPOTENT


def _cause(answer: Answer) -> str:
    return answer.problem or f"HTTP {answer.status}"


def _with_problem(answer: Answer, problem: str) -> Answer:
    return Answer(answer.status, answer.body, answer.headers, answer.problem or problem)


def _explain(error: httpx.TransportError, authority: str) -> tuple[str, bool]:
    """What a transport error means to the user, and whether waiting may mend it."""
    text = mask_secrets(str(error))
    if "CERTIFICATE_VERIFY_FAILED" in text:
        why = "name your own authority's file in SSL_CERT_FILE if it is one"
        return f"the certificate of {authority} does not hold; {why}", False
    if isinstance(error, httpx.ConnectError):
        return f"{authority} cannot be reached ({text or 'no connection'})", True
    if isinstance(error, httpx.UnsupportedProtocol | httpx.ProxyError):
        return f"{authority} cannot be asked: {text}", False
    return f"{authority} dropped the connection ({type(error).__name__})", True
