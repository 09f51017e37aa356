"""The keeper of `passmuster demo --serve`: a home of its own, the example organisation, the pages."""

from __future__ import annotations

import os
import secrets
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from passmuster.cli.beside import worker_beside
from passmuster.controls.catalogue import shipped_folder
from passmuster.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

HOST = "127.0.0.1"
_OURS = "PASSMUSTER_"
_MOST_CODES = 3


def require_place(home: Path, port: int) -> None:
    """Raise UsageError where the folder is there or the port is taken, before anything is made."""
    if home.exists():
        raise UsageError(f"{home}: is there already; name another folder with --out, or remove it")
    from passmuster.web.serving import require_free  # noqa: PLC0415 - only keepers pay for it

    require_free(HOST, port)


def serve_example(home: Path, port: int) -> None:
    """Make the example organisation in the new folder `home`, tell how to sign in, and serve until it is stopped."""
    put_settings_aside(home, port)
    from passmuster.web.serving import serve  # noqa: PLC0415 - only keepers pay for it

    click.echo(f"A keeper with an example organisation is made in {home}; this takes about a minute.", err=True)
    codes, password = _make()
    click.echo(_welcome(port, password, codes))
    with worker_beside():
        serve(HOST, port, 1)


def put_settings_aside(home: Path, port: int) -> None:
    """Leave only the example's settings in the environment: a keeper of the user's own is not touched."""
    for name in [each for each in os.environ if each.startswith(_OURS)]:
        del os.environ[name]
    os.environ["PASSMUSTER_HOME"] = str(home.absolute())
    os.environ["PASSMUSTER_BASE_URL"] = f"http://{HOST}:{port}"


def _make() -> tuple[Mapping[str, list[str]], str]:
    from passmuster.cli.keeping import open_keeper  # noqa: PLC0415 - after the environment is set

    open_keeper(is_ready_needed=False)
    from passmuster.application.example.way_in import open_doors  # noqa: PLC0415
    from passmuster.application.example.year import live_a_year  # noqa: PLC0415
    from passmuster.application.record.databases import migrate_database  # noqa: PLC0415 - needs Django

    migrate_database()
    now = datetime.now(UTC)
    password = "-".join(secrets.token_hex(3) for _ in range(3))
    with tempfile.TemporaryDirectory() as scratch:
        made = live_a_year(
            shipped_folder("examples"), Path(scratch), now, lambda text: click.echo(f"  {text}", err=True)
        )
    return open_doors(made.people, password, now), password


def _welcome(port: int, password: str, codes: Mapping[str, list[str]]) -> str:
    who = "\n".join(f"  {address:20} {'  '.join(each[:_MOST_CODES])}" for address, each in codes.items())
    return (
        f"\nPages: http://{HOST}:{port}\n\n"
        f"Sign in as one of these, all with the password  {password}\n"
        "The second step asks for a code; each of a person's codes counts once:\n\n"
        f"{who}\n\n"
        "Rita is in the middle of a review; Anna has two exceptions and a patch to decide; Dana administers.\n"
        "Stop it with Ctrl-C."
    )
