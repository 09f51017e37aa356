"""Plants weaknesses in a fresh Directus, through its own API, and negative cases beside them.

usage: seed_directus.py URL NOTES_FILE

ADMIN_EMAIL, ADMIN_PASSWORD and ADMIN_TOKEN are those the server was started with. The notes hold the secrets made here
and the ids of what was planted.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import struct
import sys
import time
from pathlib import Path
from typing import Any

import httpx

SYSTEM = (
    *(
        "users",
        "roles",
        "policies",
        "access",
        "permissions",
        "settings",
        "flows",
        "operations",
        "activity",
        "collections",
    ),
    *("shares", "extensions"),
)
NAME_BY_ACTION = {"create": "enquiries", "read": "customers"}


def main(url: str, notes_file: Path) -> None:
    """Plant everything and write the notes."""
    headers = {"Authorization": f"Bearer {os.environ['ADMIN_TOKEN']}"}
    with httpx.Client(base_url=url, headers=headers, timeout=120) as api:
        major = int(data(api.get("/server/info"))["version"].partition(".")[0])
        made = {"public": plant_collections(api)}
        made |= plant_roles(api, is_licensed=major < 12)
        people = plant_people(api, made)
        made |= plant_flows(api)
        made |= plant_shares(api, made)
        settings = {"auth_login_attempts": None, "public_registration": True, "public_registration_verify_email": False}
        sent(api.patch("/settings", json={**settings, "public_registration_role": made["support"]}))
        enrol(url, people["mara"])
    notes = {"url": url, "major": major, "ids": made, "people": people}
    notes_file.write_text(json.dumps(notes, indent=1), encoding="utf-8")


def sent(response: httpx.Response) -> httpx.Response:
    if response.is_error:
        raise SystemExit(
            f"{response.request.method} {response.request.url}: {response.status_code} {response.text[:300]}"
        )
    return response


def data(response: httpx.Response) -> Any:
    return sent(response).json()["data"]


def plant_collections(api: httpx.Client) -> str:
    for name, fields in (("customers", ("name", "iban")), ("enquiries", ("title", "body")), ("ledger", ("amount",))):
        key = {"field": "id", "type": "integer", "schema": {"is_primary_key": True, "has_auto_increment": True}}
        others = [{"field": field, "type": "string", "schema": {}, "meta": {}} for field in fields]
        sent(api.post("/collections", json={"collection": name, "schema": {}, "meta": {}, "fields": [key, *others]}))
    public = next(each["id"] for each in data(api.get("/policies")) if each["name"] == "$t:public_label")
    for action, collection in NAME_BY_ACTION.items():
        permit(api, public, collection, action)
    return str(public)


def permit(api: httpx.Client, policy: str, collection: str, action: str, **more: Any) -> None:
    row = {"policy": policy, "collection": collection, "action": action, "fields": ["*"], "permissions": {}, **more}
    sent(api.post("/permissions", json=row))


def plant_roles(api: httpx.Client, *, is_licensed: bool) -> dict[str, str]:
    """Roles with a policy each; and one below Administrator, which so administers without a policy of its own."""
    support = policy(api, "Support desk", app_access=True)
    permit(api, support, "directus_users", "update")  # weak: whoever helps people can also make administrators
    for action in ("read", "update"):
        permit(api, support, "enquiries", action)
    if is_licensed:
        permit(api, support, "customers", "read", fields=["name"], permissions={"name": {"_starts_with": "A"}})
    finance = policy(api, "Finance (strict)", app_access=True, enforce_tfa=True, ip_access=["10.0.0.0/8"])
    permit(api, finance, "ledger", "read")
    loader = policy(api, "Loader")
    permit(api, loader, "ledger", "create")
    reader, blind = policy(api, "Posture reader"), policy(api, "Posture reader, no flows")
    for collection in SYSTEM:
        permit(api, reader, f"directus_{collection}", "read")
        if collection not in ("flows", "operations"):
            permit(api, blind, f"directus_{collection}", "read")
    administrator = next(each["id"] for each in data(api.get("/roles")) if each["name"] == "Administrator")
    made = {"administrator": administrator, "leads": role(api, "Team leads", None, parent=administrator)}
    held = {"support": support, "finance": finance, "loader": loader, "reader": reader, "blind": blind}
    return made | {name: role(api, name.capitalize(), held_policy) for name, held_policy in held.items()}


def policy(api: httpx.Client, name: str, **settings: Any) -> str:
    return str(
        data(api.post("/policies", json={"name": name, "app_access": False, "admin_access": False, **settings}))["id"]
    )


def role(api: httpx.Client, name: str, held: str | None, **more: Any) -> str:
    made = str(data(api.post("/roles", json={"name": name, **more}))["id"])
    if held:
        sent(api.post("/access", json={"role": made, "policy": held}))
    return made


def plant_people(api: httpx.Client, roles: dict[str, str]) -> dict[str, dict[str, str]]:
    """One of each kind. Directus 12 without a licence allows three active people with access to its app."""
    people = {}
    for name, role_name, status, has_token in (
        ("mara", "support", "active", False),
        ("nell", "leads", "active", False),  # weak: administers by nesting
        ("loader", "loader", "active", True),  # a service; weak: its token never ends
        ("leaver", "support", "suspended", True),
        ("invited", "support", "invited", False),
        ("reader", "reader", "active", True),
        ("blind", "blind", "active", True),
    ):
        person = {
            "email": f"{name}@example.org",
            "first_name": name.capitalize(),
            "password": secrets.token_urlsafe(16),
        }
        person |= {"token": secrets.token_urlsafe(24)} if has_token else {}
        body = {**person, "role": roles[role_name], "status": status}
        people[name] = {**person, "id": data(api.post("/users", json=body))["id"]}
    return people


def plant_flows(api: httpx.Client) -> dict[str, str]:
    keep = {"collection": "enquiries", "permissions": "$full", "payload": {"title": "{{$trigger.body.title}}"}}
    signed = {"filter": {"$trigger": {"headers": {"x-signature": {"_eq": "{{$env.SIGNATURE}}"}}}}}
    call = {
        "url": "http://ledger.example.org/import",
        "method": "POST",
        "headers": [{"header": "Authorization", "value": f"Bearer {secrets.token_hex(20)}"}],
    }
    hook = {"trigger": "webhook", "options": {"method": "POST"}}
    return {
        "open_flow": flow(api, "Public intake", [("keep", "item-create", keep)], **hook),  # weak: anybody starts it
        "guarded_flow": flow(
            api, "Signed intake", [("check", "condition", signed), ("keep", "item-create", keep)], **hook
        ),
        "draft_flow": flow(api, "Draft intake", [("keep", "item-create", keep)], status="inactive", **hook),
        "nightly_flow": flow(  # weak: a secret in clear, sent in clear
            api, "Nightly export", [("send", "request", call)], trigger="schedule", options={"cron": "0 3 * * *"}
        ),
    }


def flow(api: httpx.Client, name: str, steps: list[tuple[str, str, dict[str, Any]]], **settings: Any) -> str:
    made = str(
        data(api.post("/flows", json={"name": name, "status": "active", "accountability": "all", **settings}))["id"]
    )
    following = None
    for key, kind, options in reversed(steps):
        step = {"flow": made, "key": key, "name": key, "type": kind, "options": options, "resolve": following}
        following = data(api.post("/operations", json={**step, "position_x": 20, "position_y": 1}))["id"]
    sent(api.patch(f"/flows/{made}", json={"operation": following}))
    return made


def plant_shares(api: httpx.Client, roles: dict[str, str]) -> dict[str, str]:
    item = str(data(api.post("/items/customers", json={"name": "Aster Ltd", "iban": "none"}))["id"])
    row = {"collection": "customers", "item": item, "role": roles["support"]}
    kept = {"password": secrets.token_urlsafe(12), "date_end": "2099-01-01T00:00:00"}
    return {
        "open_share": data(api.post("/shares", json={**row, "name": "For the auditor"}))[
            "id"
        ],  # weak: no password, no end
        "kept_share": data(api.post("/shares", json={**row, "name": "For the bank", **kept}))["id"],
    }


def enrol(url: str, person: dict[str, str]) -> None:
    """A real second factor for the one who has one."""
    with httpx.Client(base_url=url, timeout=120) as own:
        password = {"password": person["password"]}
        token = data(own.post("/auth/login", json={"email": person["email"], **password}))["access_token"]
        own.headers["Authorization"] = f"Bearer {token}"
        secret = data(own.post("/users/me/tfa/generate", json=password))["secret"]
        sent(own.post("/users/me/tfa/enable", json={"secret": secret, "otp": one_time_code(secret, int(time.time()))}))


def one_time_code(secret: str, now: int) -> str:
    """RFC 6238 with SHA-1, six digits, thirty seconds."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8), casefold=True)
    mac = hmac.new(key, struct.pack(">Q", now // 30), hashlib.sha1).digest()
    place = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[place : place + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
