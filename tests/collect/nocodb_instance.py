"""A small NocoDB on loopback that answers with the shipped examples, except where a test says otherwise."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from passmuster.collect.connectors.nocodb.connector import NocoDb
from passmuster.collect.http import Clock, Patience
from passmuster.collect.interface import Target
from passmuster.snapshot.gathered import CollectionResult
from tests.collect.answering import Asked, Reply, Server, answering

EXAMPLES = Path(__file__).parents[2] / "examples" / "nocodb"
SECRETS = {"PASSMUSTER_NOCODB_USER": "admin@example.org", "PASSMUSTER_NOCODB_PASSWORD": "word-canary"}
GUEST = {"roles": {"guest": True}, "workspace_roles": None, "base_roles": None}
_NAMED = {
    "/api/v1/auth/user/me": "me",
    "/api/v1/auth/user/signin": "signin",
    "/api/v1/auth/user/signout": "signout",
    "/api/v2/meta/nocodb/info": "info",
    "/api/v1/version": "version",
    "/api/v1/app-settings": "app_settings",
    "/api/v1/users": "users",
    "/api/v1/tokens": "tokens",
    "/api/v2/meta/bases": "bases",
    "/api/v2/meta/integrations": "integrations",
    "/api/v1/db/meta/plugins": "plugins",
}


class Instance:
    """Answers with the examples, except where a test says otherwise."""

    def __init__(self, **replies: Callable[[Asked], Reply] | Reply) -> None:
        self.replies = replies
        self.bodies = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in EXAMPLES.glob("*.json")}
        self.bases = sorted(base["id"] for base in self.bodies["bases"]["body"]["list"])
        tables = (self.bodies[f"base_tables_{number}"]["body"]["list"] for number in range(1, len(self.bases) + 1))
        self.tables = sorted(table["id"] for found in tables for table in found)

    def __call__(self, asked: Asked) -> Reply:
        name = self._name(asked)
        if name in self.replies:
            reply = self.replies[name]
            return reply(asked) if callable(reply) else reply
        if name == "signin":
            is_right = asked.body.get("password") == "word-canary"
            return Reply(body={"token": "session-canary"}) if is_right else Reply(400, {"msg": "Invalid credentials"})
        if name == "signout":
            return Reply(body={"msg": "Signed out successfully"})
        is_known = "session-canary" in (asked.headers.get("xc-auth"), asked.headers.get("xc-token"))
        if not is_known and name not in ("info", "version"):
            return Reply(body=GUEST) if name == "me" else Reply(401, {"message": "Authentication required"})
        document = self.bodies.get(name)
        return Reply(document["status"], document["body"]) if document else Reply(404, {"msg": "Cannot GET"})

    def _name(self, asked: Asked) -> str:
        part = re.fullmatch(r"/api/v2/meta/(bases|tables)/([^/]+)/(users|tables|views|hooks)", asked.path)
        if part is None:
            return _NAMED.get(asked.path, asked.path)
        of, each, what = part.groups()
        number = (self.bases if of == "bases" else self.tables).index(each) + 1
        return f"{'base' if of == 'bases' else 'table'}_{what}_{number}"


def live(
    instance: Instance, secrets: Mapping[str, str] = SECRETS, *, path: str = "", **target: Any
) -> tuple[CollectionResult, Server]:
    """One collection of it, without waiting, and what it was asked."""
    connector = NocoDb(patience=Patience(attempts=3, read_s=5.0), clock=Clock(sleep=lambda _seconds: None))
    with answering(instance) as server:
        return connector.collect(Target(url=server.url + path, secrets=secrets, **target)), server


def statuses(result: CollectionResult, *names: str) -> list[str]:
    """The statuses of tables, as text."""
    return [str(result.tables[name].status) for name in names]
