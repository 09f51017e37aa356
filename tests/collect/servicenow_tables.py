"""ServiceNow's tables in the ways it hands them out, made from its documentation, and an instance that serves them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from passmuster.collect.connectors.servicenow.connector import ServiceNow
from passmuster.collect.http import Clock, Patience
from passmuster.collect.interface import Target
from passmuster.snapshot.gathered import CollectionResult
from tests.collect.answering import Asked, Reply, Server, answering

EXAMPLE = Path(__file__).parents[2] / "examples" / "servicenow"
CANARIES = (
    "EXAMPLE-not-a-real-secret",
    "EXAMPLE-client-secret",
    "EXAMPLE-api-key",
    "EXAMPLE-basic",
    "9f8Xk2LmQ7pR4s",
    "hash-canary",
)
SECRETS = {"PASSMUSTER_SERVICENOW_USER": "reader", "PASSMUSTER_SERVICENOW_PASSWORD": "word-canary"}
ID = "62826bf03710200044e0bfc8bcbe5df1"
LINK = "https://house.service-now.com/api/now/table/"
PROPERTY = {"sys_id": "p1", "name": "glide.ui.session_timeout", "value": "30", "type": "integer", "suffix": "x"}
USER = {"sys_id": ID, "user_name": "abel.tuter", "name": "Abel Tuter", "active": "true", "manager": ""}
Rows = Sequence[Mapping[str, Any]]


def put(folder: Path, name: str, content: Any) -> Path:
    """A file of an export: text as it is, everything else as JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def collect(path: Path, **more: Any) -> CollectionResult:
    """What the connector makes of a file or folder."""
    return ServiceNow().collect(Target(path=path, **more))


def rows_by(result: CollectionResult, table: str, column: str) -> dict[Any, Mapping[str, Any]]:
    """Rows of a table by one of its columns."""
    return {row.get(column): row for row in result.tables[table].rows}


def status(result: CollectionResult, table: str) -> str:
    """The status of a table."""
    return result.tables[table].status.value


def tables_of_example() -> dict[str, list[dict[str, Any]]]:
    """The example's JSON tables as the Table API would give them: values alone, no links."""
    found = {}
    for path in EXAMPLE.glob("*.json"):
        document = json.loads(path.read_text(encoding="utf-8"))
        found[path.stem] = [
            {name: cell["value"] if isinstance(cell, dict) else cell for name, cell in record.items()}
            for record in document.get("result", document.get("records"))
        ]
    return found


class Instance:
    """An instance that serves tables as the documentation of the Table API describes, and may be told to misbehave."""

    def __init__(self, tables: Mapping[str, Rows] | None = None, **odd: Reply) -> None:
        """Tables by name; replies in `odd` are given for that table instead."""
        self.tables = tables_of_example() if tables is None else tables
        self.odd = odd
        self.hidden: dict[str, set[int]] = {}

    def reply(self, asked: Asked) -> Reply:
        """The page that was asked for, with the count of all records; rows that are hidden leave a gap."""
        table = asked.path.rpartition("/")[2]
        if table in self.odd:
            return self.odd[table]
        if table not in self.tables:
            message = {"message": f"Invalid table {table}", "detail": None}
            return Reply(400, {"error": message, "status": "failure"})
        start, limit = int(asked.params["sysparm_offset"]), int(asked.params["sysparm_limit"])
        fields = asked.params["sysparm_fields"].split(",")
        hidden = self.hidden.get(table, set())
        window = [
            {name: row.get(name, "") for name in fields if name in row}
            for number, row in enumerate(self.tables[table])
            if start <= number < start + limit and number not in hidden
        ]
        return Reply(200, {"result": window}, {"x-total-count": str(len(self.tables[table]))})


def live(instance: Instance, secrets: Mapping[str, str] = SECRETS, **more: Any) -> tuple[CollectionResult, Server]:
    """What the connector makes of an instance that is served on loopback, without waiting."""
    clock = Clock(sleep=lambda _seconds: None)
    with answering(instance.reply) as server:
        target = Target(url=server.url + more.pop("path", ""), secrets=secrets, **more)
        return ServiceNow(patience=Patience(attempts=2), clock=clock).collect(target), server
