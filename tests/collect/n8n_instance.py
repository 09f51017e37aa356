"""A small n8n on loopback that answers with the shipped examples, except where a test says otherwise."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from passmuster.collect.connectors.n8n.connector import N8n
from passmuster.collect.http import Clock, Patience
from passmuster.collect.interface import Target
from passmuster.snapshot.gathered import CollectionResult
from tests.collect.answering import Asked, Reply, Server, answering

EXAMPLES = Path(__file__).parents[2] / "examples" / "n8n"
Copy = Callable[..., Path]


def copying(folder: Path) -> Copy:
    """Makes copies of the examples in `folder`, without the files named, and with the bodies given."""

    def make(*without: str, **bodies: Any) -> Path:
        shutil.copytree(EXAMPLES, folder, dirs_exist_ok=True)
        for name in without:
            (folder / f"{name}.json").unlink()
        for name, body in bodies.items():
            (folder / f"{name}.json").write_text(json.dumps({"status": 200, "body": body}), encoding="utf-8")
        return folder

    return make


class Instance:
    """A small n8n: answers with the examples, except where a test says otherwise."""

    def __init__(self, **replies: Callable[[Asked], Reply] | Reply) -> None:
        self.replies = replies
        self.bodies = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in EXAMPLES.glob("*.json")}

    def __call__(self, asked: Asked) -> Reply:
        name = self._name(asked)
        if name in self.replies:
            reply = self.replies[name]
            return reply(asked) if callable(reply) else reply
        if name == "login":
            return Reply(body={"data": {}}, headers={"set-cookie": "n8n-auth=session-canary; Path=/; HttpOnly"})
        if name == "logout":
            return Reply(body={"data": {"loggedOut": True}})
        document = self.bodies.get(name)
        return Reply(document["status"], document["body"]) if document else Reply(404, {"message": "not found"})

    def _name(self, asked: Asked) -> str:
        path = asked.path
        if path.startswith("/rest/"):
            signed_in = "n8n-auth=session-canary" in asked.headers.get("cookie", "")
            named = {"settings": "rest_settings", "api-keys": "rest_api_keys_all", "users": "rest_users"}
            named |= {"projects": "rest_projects", "community-node-types": "rest_community_node_types"}
            word = path.removeprefix("/rest/")
            if word == "settings" and not signed_in:
                return "rest_settings_anonymous"
            return named.get(word, word)
        if path == "/metrics":
            return "metrics_version"
        if asked.headers.get("x-n8n-api-key") != "key-canary":
            return "no_key"
        word = path.removeprefix("/api/v1/")
        if "cursor" in asked.params:
            return f"{word}_page2"
        named = {"settings/log-streaming/destinations": "log_streaming", "node-type-policies/instance": "node_policies"}
        return named.get(word, word.replace("-", "_"))


SECRETS = {"PASSMUSTER_N8N_API_KEY": "key-canary"}
OWNER = {**SECRETS, "PASSMUSTER_N8N_USER": "rhea@harbourfreight.example", "PASSMUSTER_N8N_PASSWORD": "word-canary"}
CANARIES = ("key-canary", "word-canary", "session-canary")


def live(
    instance: Instance, secrets: Mapping[str, str] = SECRETS, path: str = "", platform_id: str | None = None
) -> tuple[CollectionResult, Server]:
    with answering(instance) as server:
        connector = N8n(patience=Patience(attempts=3), clock=Clock(sleep=lambda _s: None))
        target = Target(url=server.url + path, secrets=secrets, platform_id=platform_id)
        return connector.collect(target), server


def statuses(result: CollectionResult, *names: str) -> list[str]:
    return [str(result.tables[name].status) for name in names]
