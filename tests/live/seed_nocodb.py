"""Plants weaknesses in a fresh NocoDB, through its own API, and negative cases beside them.

usage: seed_nocodb.py URL NOTES_FILE

NC_ADMIN_EMAIL and NC_ADMIN_PASSWORD are those the server was started with. The notes hold the secrets made here and the
ids of what was planted.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from pathlib import Path
from typing import Any

import httpx

FORM, GRID = 1, 3


def main(url: str, notes_file: Path) -> None:
    """Plant everything and write the notes."""
    kept = {"view": secrets.token_urlsafe(12), "hook": secrets.token_hex(20), "database": secrets.token_urlsafe(16)}
    with httpx.Client(base_url=url, timeout=120) as api:
        sign_in(api, os.environ["NC_ADMIN_EMAIL"], os.environ["NC_ADMIN_PASSWORD"])
        made = plant_bases(api)
        made |= plant_links(api, made, kept["view"])
        made |= plant_hooks(api, made, kept["hook"])
        people = plant_people(url, api, made)
        token = sent(api.post("/api/v1/tokens", json={"description": "loader, for ever"}))["token"]  # weak: no end
        connection = {"host": "ledger.example.org", "port": 5432, "user": "loader", "password": kept["database"]}
        config = {"client": "pg", "connection": {**connection, "database": "ledger"}}
        database = {"title": "Ledger database", "type": "database", "sub_type": "pg", "config": config}
        sent(api.post("/api/v2/meta/integrations", json=database))  # weak: no base uses it
    notes = {"url": url, "ids": made, "people": people, "token": token, "secrets": [*kept.values(), token]}
    notes_file.write_text(json.dumps(notes, indent=1), encoding="utf-8")


def sent(response: httpx.Response) -> Any:
    if response.is_error:
        raise SystemExit(
            f"{response.request.method} {response.request.url}: {response.status_code} {response.text[:300]}"
        )
    return response.json()


def sign_in(api: httpx.Client, email: str, password: str) -> None:
    answer = sent(api.post("/api/v1/auth/user/signin", json={"email": email, "password": password}))
    api.headers["xc-auth"] = answer["token"]


def plant_bases(api: httpx.Client) -> dict[str, str]:
    made = {}
    for base, tables in (("Sales", ("Customers", "Enquiries")), ("Finance", ("Ledger",)), ("Events", ("Dates",))):
        base_id = sent(api.post("/api/v2/meta/bases", json={"title": base}))["id"]
        made[base.lower()] = base_id
        for table in tables:
            columns = [
                {"column_name": "id", "title": "Id", "uidt": "ID", "pk": True, "ai": True},
                {"column_name": "title", "title": "Title", "uidt": "SingleLineText"},
            ]
            body = {"table_name": table.lower(), "title": table, "columns": columns}
            made[table.lower()] = sent(api.post(f"/api/v2/meta/bases/{base_id}/tables", json=body))["id"]
    return made


def plant_links(api: httpx.Client, made: dict[str, str], password: str) -> dict[str, str]:
    def shared(view_id: str) -> str:
        sent(api.post(f"/api/v2/meta/views/{view_id}/share"))
        return view_id

    def added(kind: str, title: str, number: int) -> str:
        body = {"title": title, "type": number}
        return str(sent(api.post(f"/api/v2/meta/tables/{made['customers']}/{kind}", json=body))["id"])

    first = sent(api.get(f"/api/v2/meta/tables/{made['customers']}/views"))["list"][0]["id"]
    links = {
        "open_view": shared(first),  # weak: no password
        "kept_view": shared(added("grids", "For the bank", GRID)),
        "private_view": added("grids", "Ours alone", GRID),
        "open_form": shared(added("forms", "Sign up", FORM)),  # weak: anybody fills it in
    }
    sent(api.patch(f"/api/v2/meta/views/{links['kept_view']}/share", json={"password": password}))
    # weak: a whole base, for whoever has the link
    sent(api.post(f"/api/v2/meta/bases/{made['events']}/shared", json={"roles": "viewer"}))
    return links


def plant_hooks(api: httpx.Client, made: dict[str, str], secret: str) -> dict[str, str]:
    def hook(title: str, path: str, headers: list[dict[str, Any]]) -> str:
        payload = {"method": "POST", "path": path, "body": "{{ json event }}", "headers": headers}
        body = {
            "title": title,
            "event": "after",
            "operation": ["insert"],
            "active": True,
            "version": "v3",
            "notification": {"type": "URL", "payload": payload},
        }
        return str(sent(api.post(f"/api/v2/meta/tables/{made['enquiries']}/hooks", json=body))["id"])

    authorization = [{"enabled": True, "name": "Authorization", "value": f"Bearer {secret}"}]
    return {
        "clear_hook": hook(
            "Tell the desk", "http://desk.example.org/in", authorization
        ),  # weak: clear text, and a secret
        "good_hook": hook("Tell the board", "https://board.example.org/in", []),
    }


def plant_people(url: str, api: httpx.Client, made: dict[str, str]) -> dict[str, dict[str, str]]:
    """Two who signed up by themselves (weak: nobody invited them), one of them a member of a base; one invited."""
    people = {}
    for name in ("maker", "stranger"):
        people[name] = {"email": f"{name}@example.org", "password": secrets.token_urlsafe(16)}
        with httpx.Client(base_url=url, timeout=120) as own:
            sent(own.post("/api/v1/auth/user/signup", json=people[name]))
    sent(api.post("/api/v1/users", json={"email": "invited@example.org", "roles": "org-level-viewer"}))
    member = {"email": people["stranger"]["email"], "roles": "viewer"}
    sent(api.post(f"/api/v2/meta/bases/{made['sales']}/users", json=member))
    return people


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
