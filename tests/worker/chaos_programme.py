"""The people of the chaos test: they ask, answer, sign and seal by the API until they hear that it was done."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

_PATIENCE_SECONDS = 180.0
_BATCH = 12


class GaveUp(Exception):
    """Nobody answered for so long, or the answer was no."""


@dataclass(frozen=True)
class Caller:
    """Somebody with a token, who asks again until there is an answer."""

    base: str
    token: str

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The answer; a refusal to a request that was sent before stands for having been heard the first time."""
        until, is_repeated = time.monotonic() + _PATIENCE_SECONDS, False
        headers = {"Authorization": f"Bearer {self.token}"}
        while time.monotonic() < until:
            try:
                answer = httpx.request(method, self.base + path, json=body, headers=headers, timeout=60)
            except httpx.HTTPError:
                answer = None
            if answer is not None and answer.status_code < 400:
                return answer.json()
            if answer is not None and answer.status_code == 422 and is_repeated:
                return None
            if answer is not None and answer.status_code not in (429, 500, 502, 503):
                raise GaveUp(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
            is_repeated = True
            time.sleep(0.3)
        raise GaveUp(f"{method} {path}: nobody answered")

    def follow(self, address: str) -> Any:
        """The work at that address once it has ended."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < until:
            told = self.ask("GET", address)
            if told["state"] in ("done", "failed"):
                return told
            time.sleep(0.3)
        raise GaveUp(f"{address}: did not end: {told}")


@dataclass
class Confirmed:
    """What was answered with yes, so that it must be there for good."""

    looks: list[int] = field(default_factory=list)
    reviews: dict[str, int] = field(default_factory=dict)
    answers: dict[int, str] = field(default_factory=dict)
    signed: list[int] = field(default_factory=list)
    sealed: list[int] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


class Programme(threading.Thread):
    """One platform's people, review after review until `ends_at`; the last one is worked to its end."""

    def __init__(self, slug: str, people: Mapping[str, Caller], ends_at: float, chance: random.Random) -> None:
        super().__init__(name=f"programme of {slug}", daemon=True)
        self.slug, self._people, self._ends_at, self._chance = slug, people, ends_at, chance
        self.confirmed = Confirmed()

    def run(self) -> None:
        number = 0
        try:
            while time.monotonic() < self._ends_at:
                number += 1
                if self._chance.random() < 0.5:
                    self._look()
                self._review(f"round {number}")
        except GaveUp as error:
            self.confirmed.failures.append(f"{self.slug}: {error}")

    def _look(self) -> None:
        owner = self._people["owner"]
        asked = owner.ask("POST", f"/api/v1/platforms/{self.slug}/collect")
        self.confirmed.looks.append(asked["id"])
        self._require_done(owner.follow(asked["address"]))

    def _review(self, occurrence: str) -> None:
        reviewer, owner, approver = (self._people[name] for name in ("reviewer", "owner", "approver"))
        body = {"occurrence": occurrence, "because": "the chaos"}
        asked = reviewer.ask("POST", f"/api/v1/platforms/{self.slug}/reviews", body)
        key = self._require_done(reviewer.follow(asked["address"]))["review"]
        self.confirmed.reviews[occurrence] = key
        path = f"/api/v1/reviews/{key}"
        self._answer(reviewer, path)
        owner.ask("POST", f"{path}/sign", {"statement": "seen"})
        self.confirmed.signed.append(key)
        asked = approver.ask("POST", f"{path}/seal")
        self._require_done(approver.follow(asked["address"]))
        self.confirmed.sealed.append(key)

    def _answer(self, reviewer: Caller, path: str) -> None:
        lines, cursor = [], ""
        while cursor is not None:
            told = reviewer.ask("GET", f"{path}/items?limit=200&status=open&cursor={cursor}")
            lines += told["items"]
            cursor = told["next"]
        for start in range(0, len(lines), _BATCH):
            some = lines[start : start + _BATCH]
            answer = f"seen {start}"
            body = {"items": [each["id"] for each in some], "answer": answer, "says": "met"}
            told = reviewer.ask("POST", f"{path}/answers", body)
            if told is not None and told["changed"] != len(some):
                raise GaveUp(f"{path}: {told} instead of {len(some)}")
            self.confirmed.answers.update({each["id"]: answer for each in some})

    def _require_done(self, work: Mapping[str, Any]) -> Any:
        if work["state"] != "done":
            raise GaveUp(f"{work['title']}: {work['state']}: {work['error']}")
        return work["result"]
