"""One PostgreSQL: the embedded one by default, or the server that PASSMUSTER_DATABASE_URL names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from passmuster.errors import UsageError
from passmuster.records.embedded import join_server, uses_server
from passmuster.records.home import home_of

URL = "PASSMUSTER_DATABASE_URL"
# A process that was paused in the middle of a transaction must not keep everybody else waiting for its locks.
_OPTIONS = "-c idle_in_transaction_session_timeout=120000"
_DRIVER = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def database_url(environ: Mapping[str, str], home: Path) -> str:
    """The address to connect to; starts the embedded server where none is named. It stops with its last user."""
    given = environ.get(URL, "").strip()
    return given or start_embedded(home / "postgres")


def start_embedded(folder: Path) -> str:
    """Start PostgreSQL on a unix socket of its own, or join the one that runs; returns its address."""
    try:
        return join_server(folder)
    except (RuntimeError, OSError) as error:
        raise UsageError(
            f"{folder}: the embedded PostgreSQL does not start ({error}); see {folder / 'log'}, "
            f"or name a server in {URL}"
        ) from error


def revive_embedded(folder: Path) -> bool:
    """Start the embedded server again where this process uses it and it ended; False where it uses another.

    Raises UsageError while what is left of the old one still ends; try again then.
    """
    if not uses_server(folder):
        return False
    start_embedded(folder)
    return True


def django_database(url: str) -> dict[str, Any]:
    """The address as Django's settings; raises UsageError, which never repeats a password."""
    try:
        told = conninfo_to_dict(url)
    except ProgrammingError:
        raise UsageError(f"{URL} is no PostgreSQL address; write postgresql://user:password@host:5432/name") from None
    known = {_DRIVER[name]: str(value) for name, value in told.items() if name in _DRIVER}
    options = {"options": _OPTIONS, **{name: value for name, value in told.items() if name not in _DRIVER}}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
        **known,
    }


def set_up_django(environ: Mapping[str, str] | None = None) -> None:
    """Make the records usable in this process: database, settings, apps. Does nothing the second time."""

    if apps.ready:
        return
    given = os.environ if environ is None else environ
    home = home_of(given)
    os.environ["PASSMUSTER_HOME"] = str(home)
    os.environ[URL] = database_url(given, home)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "passmuster.records.settings")
    django.setup()
