"""A person's program: signs in once by the forms to make a token, and from then on speaks JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx

from passmuster.application.access import Action
from tests.stories.keeper.clock import Clock
from tests.stories.keeper.people import Refused, Somebody

_API = "/api/v1"
_TOKEN_FIELD = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Program:
    """Calls the API as one person at a time; each has a token of their own."""

    def __init__(self, address: str, clock: Clock) -> None:
        self._address, self._clock = address, clock
        self._tokens: dict[str, str] = {}
        self._client = httpx.Client(base_url=address, timeout=90)

    def close(self) -> None:
        self._client.close()

    def use(self, who: Somebody) -> None:
        """From now on this person's program calls."""
        if who.email not in self._tokens:
            self._tokens[who.email] = self._make_token(who)
        self._client.headers["Authorization"] = f"Bearer {self._tokens[who.email]}"

    def _make_token(self, who: Somebody) -> str:
        with httpx.Client(base_url=self._address, timeout=90, follow_redirects=True) as visitor:
            _send(visitor, "/account/login/", login=who.email, password=who.password)
            answer = _send(visitor, "/account/2fa/authenticate/", code=who.fresh_code(self._clock))
            if "The second step" in answer.text or not answer.is_success:
                raise Refused(answer.text)
            # Whatever a token is made for: what its owner may not do, it does not do.
            asked = {
                "name": "the story's program",
                "scopes": list(Action),
                "expires_at": (self._clock.now() + timedelta(days=360)).isoformat(),
            }
            headers = {"X-CSRFToken": visitor.cookies["csrftoken"]}
            made = visitor.post(f"{_API}/me/tokens", json=asked, headers=headers)
            return str(_told(made)["text"])

    def get(self, path: str, **query: Any) -> Any:
        """What is there; raises Refused."""
        return _told(self._client.get(_API + path, params=_given(query)))

    def all(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """All of a list, page by page."""
        found: list[dict[str, Any]] = []
        cursor = None
        while True:
            page = self.get(path, **query, limit=200, cursor=cursor)
            found += page["items"]
            cursor = page["next"]
            if cursor is None:
                return found

    def post(self, path: str, **body: Any) -> Any:
        """Do something; raises Refused."""
        return _told(self._client.post(_API + path, json=body))

    def put(self, path: str, **body: Any) -> Any:
        return _told(self._client.put(_API + path, json=body))

    def send(self, path: str, fields: Mapping[str, Any], file: tuple[str, bytes]) -> Any:
        """Hand in a file with what is said about it."""
        return _told(self._client.post(_API + path, data=_given(fields), files={"file": file}))

    def ask(self, method: str, path: str, body: Any) -> tuple[int, str]:
        """What comes of any call, by its whole path: the status and the text, whatever they are."""
        answer = self._client.request(method, path, json=body)
        return answer.status_code, answer.text

    def save(self, path: str) -> bytes:
        """The bytes of a file; raises Refused."""
        answer = self._client.get(_API + path)
        if not answer.is_success:
            _told(answer)
        return answer.content


def _send(visitor: httpx.Client, path: str, **fields: str) -> httpx.Response:
    page = visitor.get(path)
    found = _TOKEN_FIELD.search(page.text)
    if found is None:
        raise Refused(page.text)
    return visitor.post(path, data={"csrfmiddlewaretoken": found[1], **fields})


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _told(answer: httpx.Response) -> Any:
    if answer.is_success:
        return answer.json() if answer.content else None
    if answer.headers.get("content-type", "").startswith("application/problem+json"):
        problem = answer.json()
        raise Refused("\n".join([problem["detail"], *(f"{e['at']}: {e['detail']}" for e in problem["errors"])]))
    raise AssertionError(f"{answer.status_code} is no problem document: {answer.text[:500]}")
