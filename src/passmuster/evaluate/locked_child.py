"""The locked process: takes limits upon itself, opens the tables read-only, and runs SQL that was parsed and walked.

Reads one JSON document from standard input, writes `ready` and then one JSON line a look to standard output.
"""

from __future__ import annotations

import json
import resource
import sys
from datetime import datetime
from typing import Any

import duckdb

from passmuster.evaluate.allow import refusals
from passmuster.evaluate.sql_look import BrokenControlError, look_by_sql
from passmuster.model.control import SqlLook

_GIB = 1024**3
_CPU_SECONDS = 120
_MEMORY_BYTES = 4 * _GIB


def main() -> None:
    """Run every job; ends by itself at the limits the operating system enforces."""
    document = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    connection = duckdb.connect(document["database"], read_only=True, config={"threads": 1, "memory_limit": "1GB"})
    for statement in (
        "SET temp_directory = ''",
        "SET enable_external_access = false",
        "SET autoinstall_known_extensions = false",
        "SET autoload_known_extensions = false",
        "SET lock_configuration = true",
    ):
        connection.execute(statement)
    values = dict(document["values"])
    values["as_of"] = datetime.fromisoformat(values["as_of"])
    _say({"ready": True})
    for job in document["jobs"]:
        look = SqlLook(
            tuple(job["needs"]),
            job["population"],
            job["violations"],
            tuple(job["must_know"]),
            tuple(job["must_decide"]),
        )
        _say(_answer(connection, look, values))


def _answer(connection: duckdb.DuckDBPyConnection, look: SqlLook, values: dict[str, Any]) -> dict[str, Any]:
    try:
        refused = refusals(connection, look)
        if refused:
            return {"error": "refused: " + "; ".join(refused)}
        looked = look_by_sql(connection, look, values)
        cells = (column.to_pylist() for column in looked.violations.columns)
        return {**vars(looked), "violations": list(zip(*cells, strict=True))}
    except (duckdb.Error, BrokenControlError) as error:
        return {"error": str(error).splitlines()[0] if str(error) else type(error).__name__}
    except MemoryError:
        return {"error": "stopped: it used more memory than a control may"}


def _say(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
