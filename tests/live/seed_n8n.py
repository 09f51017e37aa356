"""Fills a fresh n8n with an invented estate that has known weaknesses, through its own interfaces.

    seed_n8n.py URL DATA_FOLDER NOTES.json

What no interface can set (a sign-in long ago, an administrator without a licence) is written into the database of this
test instance. The notes name what was made: ids by name, and the secrets that the tests need.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import sqlite3
import struct
import sys
import time
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

PACKAGE = {"name": "n8n-nodes-datastore", "version": "0.1.18", "verify": False}
PEOPLE = {
    "ida.stale@example.org": ("Ida", "Stale"),
    "mo.maker@example.org": ("Mo", "Maker"),
    "lea.gone@example.org": ("Lea", "Gone"),
}
PENDING = "pia.pending@example.org"
OWNER = "olga.owner@example.org"
# What a collector needs to read, and nothing more.
READER_SCOPES = (
    *("user:list", "user:read", "workflow:list", "workflow:read", "credential:list", "credential:read"),
    *("communityPackage:list", "role:list", "role:read", "securityAudit:generate", "dataTable:list", "project:list"),
    "eventBusDestination:list",
)


def main(url: str, data: Path, notes_path: Path) -> None:
    """Plant everything and write the notes."""
    password = "Aa1" + secrets.token_hex(12)
    owner = _owner_session(url, password)
    keys = _owner_keys(owner)
    api = httpx.Client(base_url=f"{url}/api/v1", timeout=120, headers={"X-N8N-API-KEY": keys["full"]})
    sessions = _people(url, owner, api, password)
    _second_factor(sessions["mo.maker@example.org"])
    made = {**_leaver(url, sessions["lea.gone@example.org"]), **_workflows(api)}
    owner.post("/rest/community-packages", json=PACKAGE).raise_for_status()
    _age(data / ".n8n" / "database.sqlite")
    notes_path.write_text(json.dumps({"owner": OWNER, "password": password, "keys": keys, "ids": made}))


def _session(url: str) -> httpx.Client:
    return httpx.Client(base_url=url, timeout=120, headers={"browser-id": secrets.token_hex(8)})


def _data(answer: httpx.Response) -> Any:
    answer.raise_for_status()
    return answer.json()["data"]


def _owner_session(url: str, password: str) -> httpx.Client:
    owner = _session(url)
    for _ in range(90):  # ready is told a little before these routes answer
        if owner.get("/rest/settings").status_code == 200:
            break
        time.sleep(1)
    person = {"email": OWNER, "firstName": "Olga", "lastName": "Owner", "password": password}
    owner.post("/rest/owner/setup", json=person).raise_for_status()
    return owner


def _new_key(session: httpx.Client, label: str, scopes: list[str], expires_at: int | None) -> str:
    body = {"label": label, "scopes": scopes, "expiresAt": expires_at}
    return str(_data(session.post("/rest/api-keys", json=body))["rawApiKey"])


def _owner_keys(owner: httpx.Client) -> dict[str, str]:
    everything = _data(owner.get("/rest/api-keys/scopes"))
    reader = [scope for scope in READER_SCOPES if scope in everything]
    in_a_quarter = int(time.time()) + 90 * 86_400
    return {
        "full": _new_key(owner, "deploy robot, everything, for ever", everything, None),
        "reader": _new_key(owner, "posture review", reader, in_a_quarter),
        "blind": _new_key(
            owner, "review without add-ons", [s for s in reader if s != "communityPackage:list"], in_a_quarter
        ),
    }


def _people(url: str, owner: httpx.Client, api: httpx.Client, password: str) -> dict[str, httpx.Client]:
    wanted = [{"email": email, "role": "global:member"} for email in (*PEOPLE, PENDING)]
    invited = api.post("/users", json=wanted)
    invited.raise_for_status()
    tokens = {entry["user"]["email"]: _token(owner, entry["user"]) for entry in invited.json()}
    sessions = {}
    for email, (first, last) in PEOPLE.items():
        guest = _session(url)
        body = {"token": tokens[email], "firstName": first, "lastName": last, "password": password}
        guest.post("/rest/invitations/accept", json=body).raise_for_status()
        sessions[email] = guest
    return sessions


def _token(owner: httpx.Client, user: Mapping[str, Any]) -> str | None:
    link = user.get("inviteAcceptUrl") or _data(owner.post(f"/rest/users/{user['id']}/invite-link"))["link"]
    return parse_qs(urlsplit(str(link)).query).get("token", [None])[0]


def _second_factor(session: httpx.Client) -> None:
    seed = _data(session.get("/rest/mfa/qr"))["secret"]
    key = base64.b32decode(seed + "=" * (-len(seed) % 8), casefold=True)
    digest = hmac.new(key, struct.pack(">Q", int(time.time() // 30)), hashlib.sha1).digest()
    offset = digest[-1] & 15
    code = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    session.post("/rest/mfa/enable", json={"mfaCode": f"{code % 1_000_000:06d}"}).raise_for_status()


def _node(name: str, kind: str, version: float, parameters: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": name.lower().replace(" ", "-"),
        "name": name,
        "type": kind if "." in kind else f"n8n-nodes-base.{kind}",
        "typeVersion": version,
        "position": [0, 0],
        "parameters": dict(parameters),
        **more,
    }


def _hook(name: str, path: str, auth: str = "none", **more: Any) -> dict[str, Any]:
    parameters = {"httpMethod": "POST", "path": path, "authentication": auth, "responseMode": "onReceived"}
    return _node(name, "webhook", 2, parameters, webhookId=secrets.token_hex(16), **more)


def _create(api: httpx.Client, name: str, nodes: list[dict[str, Any]], *, active: bool = True) -> str:
    links = {
        first["name"]: {"main": [[{"node": second["name"], "type": "main", "index": 0}]]}
        for first, second in pairwise(nodes)
    }
    body = {"name": name, "nodes": nodes, "connections": links, "settings": {"executionOrder": "v1"}}
    answer = api.post("/workflows", json=body)
    answer.raise_for_status()
    workflow_id = str(answer.json()["id"])
    if active:
        api.post(f"/workflows/{workflow_id}/activate").raise_for_status()
    return workflow_id


def _credential(api: httpx.Client, name: str, kind: str, data: Mapping[str, Any]) -> str:
    answer = api.post("/credentials", json={"name": name, "type": kind, "data": dict(data)})
    answer.raise_for_status()
    return str(answer.json()["id"])


def _leaver(url: str, session: httpx.Client) -> dict[str, str]:
    """A key for ever, a credential and a running workflow (it trusts any certificate) of somebody who is gone."""
    offered = _data(session.get("/rest/api-keys/scopes"))
    key = _new_key(
        session, "laptop of Lea", [s for s in offered if s.split(":")[0] in ("workflow", "credential")], None
    )
    api = httpx.Client(base_url=f"{url}/api/v1", timeout=120, headers={"X-N8N-API-KEY": key})
    login = _credential(api, "Ledger login", "httpBasicAuth", {"user": "svc", "password": secrets.token_hex(8)})
    parameters = {
        "url": "https://ledger.example.org/export",
        "authentication": "genericCredentialType",
        "genericAuthType": "httpBasicAuth",
        "options": {"allowUnauthorizedCerts": True},
    }
    used = {"httpBasicAuth": {"id": login, "name": "Ledger login"}}
    request = _node("Fetch ledger", "httpRequest", 4.2, parameters, credentials=used)
    timer = _node("Every night", "scheduleTrigger", 1.2, {"rule": {"interval": [{"field": "days"}]}})
    return {"leaver_credential": login, "leaver_workflow": _create(api, "Nightly ledger export", [timer, request])}


def _workflows(api: httpx.Client) -> dict[str, str]:
    header = _credential(api, "Partner header", "httpHeaderAuth", {"name": "X-Key", "value": secrets.token_hex(8)})
    unused = _credential(api, "Old chat token", "slackApi", {"accessToken": secrets.token_hex(8)})
    place = {"host": "127.0.0.1", "port": 9, "database": "shop", "user": "shop", "password": secrets.token_hex(8)}
    database = _credential(api, "Shop database", "postgres", {**place, "ssl": "disable"})
    query = {"operation": "executeQuery", "query": "=insert into orders values ('{{ $json.body.id }}')", "options": {}}
    save = _node("Save", "postgres", 2.5, query, credentials={"postgres": {"id": database, "name": "Shop database"}})
    code = _node("Reshape", "code", 2, {"jsCode": "return $input.all();"})
    guard = {"httpHeaderAuth": {"id": header, "name": "Partner header"}}
    fields = {"formTitle": "Feedback", "formFields": {"values": [{"fieldLabel": "Comment"}]}, "options": {}}
    form = _node("Form", "formTrigger", 2.2, fields, webhookId=secrets.token_hex(16))
    return {
        "guard_credential": header,
        "unused_credential": unused,
        "database_credential": database,
        "public_workflow": _create(api, "Order intake", [_hook("Order hook", "orders"), code, save]),
        "guarded_workflow": _create(
            api, "Partner intake", [_hook("Partner hook", "partner", "headerAuth", credentials=guard)]
        ),
        "form_workflow": _create(api, "Feedback form", [form]),
        "draft_workflow": _create(api, "Draft", [_node("Start", "manualTrigger", 1, {})], active=False),
    }


def _age(database: Path) -> None:
    with sqlite3.connect(database, timeout=60) as connection:
        run = connection.execute
        run(
            "UPDATE user SET roleSlug = 'global:admin', lastActiveAt = date('now', '-200 day'), "
            "createdAt = datetime('now', '-400 day') WHERE email = 'ida.stale@example.org'"
        )
        run("UPDATE user SET createdAt = datetime('now', '-300 day') WHERE email = 'lea.gone@example.org'")
        run("UPDATE user SET createdAt = datetime('now', '-45 day') WHERE email = ?", [PENDING])
        run("UPDATE user_api_keys SET createdAt = datetime('now', '-500 day') WHERE label LIKE 'deploy robot%'")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
