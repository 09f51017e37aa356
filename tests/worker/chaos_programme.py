"""The people of the chaos test: they ask, answer, sign and seal by the API until they hear that it was done."""

from __future__ import annotations

import random
import threading
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

# Longer than it may rage and be calm again: whoever starves in between is told by what was not done.
_PATIENCE_SECONDS = 900.0
_BATCH = 12


class GaveUp(Exception):
    """Nobody answered for so long, or the answer was no."""


@dataclass(frozen=True)
class Caller:
    """Somebody with a token, who asks again until there is an answer."""

    base: str
    token: str

    def ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, key: str = "", first_seconds: float = 60
    ) -> Any:
        """The answer; the first try is given up after `first_seconds`, whether it was heard or not.

        With a key, what is asked again is answered as the first time. Without, a refusal to what was sent before stands
        for having been heard then, and is None.
        """
        until, seconds, is_repeated = time.monotonic() + _PATIENCE_SECONDS, first_seconds, False
        headers = {"Authorization": f"Bearer {self.token}", **({"Idempotency-Key": key} if key else {})}
        while time.monotonic() < until:
            try:
                answer = httpx.request(method, self.base + path, json=body, headers=headers, timeout=seconds)
            except httpx.HTTPError:
                answer = None
            if answer is not None and answer.status_code < 400:
                return answer.json()
            if answer is not None and answer.status_code in (409, 422) and is_repeated and not key:
                return None
            if answer is not None and answer.status_code not in (429, 500, 502, 503):
                raise GaveUp(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
            seconds, is_repeated = 60.0, True
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
    # The work and the plan, by the key that the call bore.
    plans: dict[str, tuple[int, int]] = field(default_factory=dict)
    adopted: list[int] = field(default_factory=list)
    changes: set[int] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)


class Programme(threading.Thread, ABC):
    """Some of one platform's people, round after round until `ends_at`; the last one is worked to its end."""

    def __init__(self, slug: str, people: Mapping[str, Caller], ends_at: float, chance: random.Random) -> None:
        super().__init__(name=f"programme of {slug}", daemon=True)
        self.slug, self._people, self._ends_at, self._chance = slug, people, ends_at, chance
        self.confirmed = Confirmed()

    def run(self) -> None:
        number = 0
        try:
            while time.monotonic() < self._ends_at:
                number += 1
                self._round(number)
        except GaveUp as error:
            self.confirmed.failures.append(f"{self.slug}: {error}")

    @abstractmethod
    def _round(self, number: int) -> None:
        """One round of what its people do."""

    def _do(self, who: str, path: str, body: Mapping[str, Any] | None = None, *, key: str = "") -> Any:
        """Have it done: half the programs bear a key by themselves, and some do not wait for the first answer."""
        key = key or (self._new_key() if self._chance.random() < 0.5 else "")
        is_hasty = self._chance.random() < 0.3
        first = self._chance.uniform(0.02, 0.4) if is_hasty else 60.0
        return self._people[who].ask("POST", f"/api/v1{path}", body, key=key, first_seconds=first)

    def _new_key(self) -> str:
        return str(uuid.UUID(int=self._chance.getrandbits(128), version=4))

    def _require_done(self, work: Mapping[str, Any]) -> Any:
        if work["state"] != "done":
            raise GaveUp(f"{work['title']}: {work['state']}: {work['error']}")
        return work["result"]

    def _look(self) -> None:
        asked = self._do("owner", f"/platforms/{self.slug}/collect")
        self.confirmed.looks.append(asked["id"])
        self._require_done(self._people["owner"].follow(asked["address"]))


class Reviewing(Programme):
    """Those who open reviews, answer their lines, sign and seal them."""

    def _round(self, number: int) -> None:
        if self._chance.random() < 0.5:
            self._look()
        self._review(f"round {number}")

    def _review(self, occurrence: str) -> None:
        body = {"occurrence": occurrence, "because": "the chaos"}
        asked = self._do("reviewer", f"/platforms/{self.slug}/reviews", body)
        key = self._require_done(self._people["reviewer"].follow(asked["address"]))["review"]
        self.confirmed.reviews[occurrence] = key
        path = f"/reviews/{key}"
        self._answer(path)
        self._do("owner", f"{path}/sign", {"statement": "seen"})
        self.confirmed.signed.append(key)
        asked = self._do("approver", f"{path}/seal")
        self._require_done(self._people["approver"].follow(asked["address"]))
        self.confirmed.sealed.append(key)

    def _answer(self, path: str) -> None:
        lines, cursor = [], ""
        while cursor is not None:
            told = self._people["reviewer"].ask("GET", f"/api/v1{path}/items?limit=200&status=open&cursor={cursor}")
            lines += told["items"]
            cursor = told["next"]
        for start in range(0, len(lines), _BATCH):
            some = lines[start : start + _BATCH]
            answer = f"seen {start}"
            body = {"items": [each["id"] for each in some], "answer": answer, "says": "met"}
            told = self._do("reviewer", f"{path}/answers", body)
            if told is not None and told["changed"] != len(some):
                raise GaveUp(f"{path}: {told} instead of {len(some)}")
            self.confirmed.answers.update({each["id"]: answer for each in some})


class Planning(Programme):
    """Those who have plans made and adopt them."""

    def _round(self, _number: int) -> None:
        self._plan()

    def _plan(self) -> None:
        """Have a plan made and adopt it; a plan that is done is made anew unless the call is known by its key."""
        key = self._new_key()
        asked = self._do("remedy", "/plans", {"platforms": [self.slug], "weeks": 2}, key=key)
        plan = self._require_done(self._people["remedy"].follow(asked["address"]))["plan"]
        self.confirmed.plans[key] = (asked["id"], plan)
        again = self._people["remedy"].ask("POST", "/api/v1/plans", {"platforms": [self.slug], "weeks": 2}, key=key)
        if again["id"] != asked["id"]:
            raise GaveUp(f"asked with the same key: {again} instead of {asked}")
        self._do("owner", f"/plans/{plan}/adopt")
        self.confirmed.adopted.append(plan)
        told = self._people["owner"].ask("GET", f"/api/v1/changes?platform={self.slug}")
        self.confirmed.changes |= {each["id"] for each in told["items"]}
