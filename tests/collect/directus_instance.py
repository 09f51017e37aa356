"""A small Directus on loopback that answers with the shipped examples, except where a test says otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from passmuster.collect.connectors.directus.connector import Directus
from passmuster.collect.http import Clock, Patience
from passmuster.collect.interface import Target
from passmuster.snapshot.gathered import CollectionResult
from tests.collect.answering import Asked, Reply, Server, answering

EXAMPLES = Path(__file__).parents[2] / "examples" / "directus"
SECRETS = {"PASSMUSTER_DIRECTUS_TOKEN": "token-canary"}
_NAMED = {
    "/server/info": "server_info",
    "/policies/me/globals": "policies_me_globals",
    "/permissions/me": "permissions_me",
    "/auth": "auth_providers",
}


def error(status: int, code: str, message: str = "no") -> Reply:
    """A refusal in Directus' words."""
    return Reply(status, {"errors": [{"message": message, "extensions": {"code": code}}]})


class Instance:
    """Answers with the examples, except where a test says otherwise."""

    def __init__(self, **replies: Callable[[Asked], Reply] | Reply) -> None:
        self.replies = replies
        self.bodies = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in EXAMPLES.glob("*.json")}

    def __call__(self, asked: Asked) -> Reply:
        name = self._name(asked)
        if name in self.replies:
            reply = self.replies[name]
            return reply(asked) if callable(reply) else reply
        if asked.headers.get("authorization") not in (None, "Bearer token-canary"):
            return error(401, "INVALID_CREDENTIALS", "Invalid user credentials.")
        document = self.bodies.get(name)
        return Reply(document["status"], document["body"]) if document else error(404, "ROUTE_NOT_FOUND")

    def _name(self, asked: Asked) -> str:
        name = _NAMED.get(asked.path) or asked.path.strip("/")
        if name == "server_info" and "authorization" not in asked.headers:
            return "server_info_anonymous"
        if name == "activity" and "groupBy[]" in asked.params:
            return "activity_sign_ins" if asked.params["groupBy[]"] == "user" else "activity_runs"
        if "filter[collection][_in]" in asked.params:
            return "activity_changes"
        return "activity_users" if name == "activity" and "filter[collection][_eq]" in asked.params else name


def live(
    instance: Instance, secrets: Mapping[str, str] = SECRETS, *, path: str = "", **target: Any
) -> tuple[CollectionResult, Server]:
    """One collection of it, without waiting, and what it was asked."""
    connector = Directus(patience=Patience(attempts=3, read_s=5.0), clock=Clock(sleep=lambda _seconds: None))
    with answering(instance) as server:
        return connector.collect(Target(url=server.url + path, secrets=secrets, **target)), server


def statuses(result: CollectionResult, *names: str) -> list[str]:
    """The statuses of tables, as text."""
    return [str(result.tables[name].status) for name in names]
