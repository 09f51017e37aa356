"""Fill a fresh Node-RED with flows that have planted weaknesses, through its own admin API.

usage: seed_nodered.py URL    (NODERED_ADMIN_PASSWORD in the environment)
"""

from __future__ import annotations

import os
import sys
from typing import Any

import httpx

PLANTED_SECRET = "pw-9f27c1-loading-dock"

FLOWS: list[dict[str, Any]] = [
    {"id": "stock", "type": "tab", "label": "Stock requests", "disabled": False, "info": ""},
    {"id": "night", "type": "tab", "label": "Night export", "disabled": False, "info": ""},
    {"id": "parked", "type": "tab", "label": "Parked idea", "disabled": True, "info": ""},
    {"id": "tls", "type": "tls-config", "name": "unchecked", "verifyservercert": False},
    {
        "id": "broker",
        "type": "mqtt-broker",
        "name": "shelf sensors",
        "broker": "sensors.example",
        "port": "1883",
        "usetls": False,
        "autoConnect": False,
    },
    {
        "id": "ask",
        "type": "http in",
        "z": "stock",
        "name": "ask for stock",
        "url": "/stock",
        "method": "post",
        "x": 100,
        "y": 60,
        "wires": [["label"]],
    },
    {
        "id": "label",
        "type": "exec",
        "z": "stock",
        "name": "print label",
        "command": "true",
        "addpay": "payload",
        "append": "",
        "useSpawn": "false",
        "timer": "",
        "x": 300,
        "y": 60,
        "wires": [["asked"], [], []],
    },
    {
        "id": "asked",
        "type": "http response",
        "z": "stock",
        "name": "",
        "statusCode": "202",
        "x": 500,
        "y": 60,
        "wires": [],
    },
    {
        "id": "send",
        "type": "http request",
        "z": "night",
        "name": "send export",
        "method": "POST",
        "url": "https://warehouse.example/import",
        "tls": "tls",
        "authType": "basic",
        "x": 100,
        "y": 60,
        "wires": [[]],
        "credentials": {"user": "exporter", "password": PLANTED_SECRET},
    },
    {
        "id": "sensor",
        "type": "mqtt in",
        "z": "night",
        "name": "",
        "topic": "shelf/#",
        "qos": "0",
        "datatype": "auto-detect",
        "broker": "broker",
        "x": 100,
        "y": 120,
        "wires": [["code"]],
    },
    {
        "id": "code",
        "type": "function",
        "z": "night",
        "name": "count",
        "func": f'const password = "{PLANTED_SECRET}";\nreturn msg;',
        "outputs": 1,
        "libs": [],
        "x": 300,
        "y": 120,
        "wires": [[]],
    },
    {
        "id": "parked-in",
        "type": "http in",
        "z": "parked",
        "name": "switched off",
        "url": "/parked",
        "method": "get",
        "x": 100,
        "y": 60,
        "wires": [[]],
    },
]


def token(client: httpx.Client, user: str, password: str) -> str:
    """A bearer token of that user."""
    answer = client.post(
        "/auth/token",
        data={
            "client_id": "node-red-admin",
            "grant_type": "password",
            "scope": "read" if user == "auditor" else "*",
            "username": user,
            "password": password,
        },
    )
    answer.raise_for_status()
    return str(answer.json()["access_token"])


def deploy(url: str, password: str, flows: list[dict[str, Any]]) -> None:
    """Replace everything that is deployed."""
    with httpx.Client(base_url=url, timeout=60) as client:
        headers = {
            "Authorization": f"Bearer {token(client, 'admin', password)}",
            "Node-RED-API-Version": "v2",
            "Node-RED-Deployment-Type": "full",
        }
        client.post("/flows", headers=headers, json={"flows": flows}).raise_for_status()


if __name__ == "__main__":
    deploy(sys.argv[1], os.environ["NODERED_ADMIN_PASSWORD"], FLOWS)
