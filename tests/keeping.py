"""A keeper for tests: a real PostgreSQL of its own, migrated once a process, and people to act with.

Fixtures: `keeper_process` (once a process), `db` (each test in a transaction that is undone), `durable_db` (tables
emptied afterwards, for tests with threads, servers or workers).
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import django
import psycopg
import pytest

# Models can be imported once Django is set up; which database it is to be is decided by the first test that needs one.
HOME = Path(tempfile.mkdtemp(prefix="keeper-"))
# The embedded server may run as another user, which must be able to reach its folder.
HOME.chmod(0o711)
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
_GIVEN = os.environ.get("PASSMUSTER_TEST_DATABASE_URL")
os.environ["PASSMUSTER_HOME"] = str(HOME)
os.environ["PASSMUSTER_DATABASE_URL"] = _GIVEN or "postgresql:///not-started-yet"
os.environ["DJANGO_SETTINGS_MODULE"] = "passmuster.records.settings"
django.setup()

from django.conf import settings  # noqa: E402 - after the set-up
from django.contrib.auth.hashers import Argon2PasswordHasher  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, connections, transaction  # noqa: E402
from django.test.utils import setup_test_environment, teardown_test_environment  # noqa: E402
from django.utils.text import slugify  # noqa: E402

from passmuster.application.access import Actor  # noqa: E402
from passmuster.application.acting import actor_of  # noqa: E402
from passmuster.controls.catalogue import shipped_folder  # noqa: E402
from passmuster.records.database import django_database, start_embedded  # noqa: E402
from passmuster.records.models import Duty, Person, Platform  # noqa: E402

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


class QuickHasher(Argon2PasswordHasher):
    """The hasher that ships, with as little work as it can be told to do: tests make people by the thousand."""

    time_cost, memory_cost, parallelism = 1, 8, 1


SHIPPED_HASHERS = settings.PASSWORD_HASHERS
settings.PASSWORD_HASHERS = [f"{QuickHasher.__module__}.{QuickHasher.__qualname__}"]


# Each folder of tests has its own name for the fixture, so one run may start it several times.
_USERS: list[Path] = []


@pytest.fixture(scope="session")
def keeper_process() -> Iterator[Path]:
    """The keeper's folder, with a database of this process's own; `PASSMUSTER_TEST_DATABASE_URL` names a server."""
    if not _USERS:
        _start()
    _USERS.append(HOME)
    yield HOME
    _USERS.pop()
    if not _USERS:
        connections.close_all()
        connection.creation.destroy_test_db("postgres", verbosity=0)
        teardown_test_environment()


def _start() -> None:
    url = _GIVEN or _without_syncing(start_embedded(HOME / "postgres"))
    os.environ["PASSMUSTER_DATABASE_URL"] = url
    connection.settings_dict.update(django_database(url))
    setup_test_environment()
    # Other processes may test on the same server.
    connection.settings_dict["TEST"]["NAME"] = f"test_passmuster_{os.getpid()}"
    connection.creation.create_test_db(verbosity=0, serialize=False)


def _without_syncing(url: str) -> str:
    """The server, told not to wait for the disk: what a test wrote need not outlive the machine's own fall."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    return url


@pytest.fixture
def db(keeper_process: Path) -> Iterator[Path]:
    """The keeper's folder; whatever the test writes to the database is undone."""
    with transaction.atomic():
        yield keeper_process
        transaction.set_rollback(True)
    _empty_home()


@pytest.fixture
def durable_db(keeper_process: Path) -> Iterator[Path]:
    """As `db`, but what is written is really there, for other threads and processes too; emptied afterwards."""
    yield keeper_process
    empty_keeper()


# What a process makes once, and what its server lives in; all else in the home is of the test that wrote it.
_STAYS = ("postgres", ".postgres", "secret_key", "signing_key")


def _empty_home() -> None:
    for each in HOME.iterdir():
        if not each.name.startswith(_STAYS):
            shutil.rmtree(each) if each.is_dir() else each.unlink()


def forget_copies() -> None:
    """Take away the copies of checkpoints in the home, as whoever holds the machine can."""
    shutil.rmtree(HOME / "checkpoints", ignore_errors=True)


def empty_keeper() -> None:
    """Take everything out of the database, the record too, and what the home has of it."""
    _empty_home()
    connections.close_all()
    with past_can_change():
        call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)
    # The queue's tables and the cache are no models, so flushing leaves them.
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers, procrastinate_periodic_defers CASCADE")
        cursor.execute("TRUNCATE passmuster_cache")


_GUARDED = ("records_auditevent", "records_audithead", "records_checkpoint", "records_evidence")


@contextmanager
def past_can_change() -> Iterator[None]:
    """Take the triggers away that keep the record as it is, as whoever owns the database could."""
    with connection.cursor() as cursor:
        # A table with checks that wait for the end of the transaction cannot be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in _GUARDED:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        for table in _GUARDED:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def make_person(name: str, *duties: str, platform: Platform | None = None, **more: object) -> Person:
    """Somebody with these duties (on the platform, or everywhere); the password is `correct horse NAME`."""
    person = Person.objects.create_user(
        f"{name}@example.org", f"correct horse {name}", name=name.title(), created_at=NOW, **more
    )
    for role in duties:
        Duty.objects.create(person=person, role=role, platform=platform, created_at=NOW)
    return person


def actor(person: Person, *, by: str = "page", now: datetime = NOW) -> Actor:
    """The person as an actor."""
    return actor_of(person, by=by, now=now)


def make_platform(name: str = "Automations", *, kind: str = "n8n", **more: object) -> Platform:
    """A platform, read from the example that ships unless said otherwise."""
    more.setdefault("export_path", str(shipped_folder("examples") / kind))
    return Platform.objects.create(name=name, slug=slugify(name), kind=kind, created_at=NOW, **more)
