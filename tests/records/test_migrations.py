"""The steps that make the database, against the models, against each other, and on databases of before 0.1.0."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from psycopg.conninfo import make_conninfo

from passmuster.application.readiness import require_ready, steps_between
from passmuster.application.record.databases import migrate_database
from passmuster.errors import UsageError
from passmuster.records.dumping import dump_program

_BEFORE = Path(__file__).with_name("before_0_1_0.sql").read_text(encoding="utf-8")
_TODAY = {name: step for (app, name), step in MigrationLoader(None).disk_migrations.items() if app == "records"}
_OLDER = sorted({older for step in _TODAY.values() for older in step.replaces})
_REWRITTEN = sorted(name for name, step in _TODAY.items() if step.replaces)


@contextmanager
def _database() -> Iterator[str]:
    """An empty database beside that of the tests, where Django works while the block lasts; its address."""
    server, name = os.environ["PASSMUSTER_DATABASE_URL"], f"steps_{os.getpid()}"
    before = connection.settings_dict["NAME"]
    connection.close()
    with psycopg.connect(server, autocommit=True) as keeper:
        keeper.execute(f"CREATE DATABASE {name}")
        connection.settings_dict["NAME"] = name
        try:
            yield make_conninfo(server, dbname=name)
        finally:
            connection.close()
            connection.settings_dict["NAME"] = before
            # Django remembers the numbers that this database gave to kinds of rows.
            ContentType.objects.clear_cache()
            keeper.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _schema(url: str) -> list[str]:
    """All that is in the database but its rows, as text: columns in their order, indexes, constraints, functions."""
    program = dump_program(connection.pg_version // 10_000)
    command = [str(program), "--schema-only", "--no-owner", f"--dbname={url}"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    # The last two are new words at every dump.
    return [line for line in told.splitlines() if line and not line.startswith(("--", "\\"))]


def _run(url: str, text: str) -> None:
    with psycopg.connect(url, autocommit=True) as given:
        given.execute(text)


def _applied(url: str) -> set[str]:
    with psycopg.connect(url) as given:
        return {name for (name,) in given.execute("SELECT name FROM django_migrations WHERE app = 'records'")}


@pytest.fixture(scope="module")
def fresh(keeper_process: Path) -> list[str]:
    """The schema of a database made from nothing."""
    with _database() as url:
        assert {f"records.{name}" for name in _TODAY} <= set(migrate_database())
        return _schema(url)


def test_the_steps_make_what_the_models_say(fresh: list[str]) -> None:
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)


def test_a_database_of_before_goes_on_and_is_in_all_as_one_made_today(fresh: list[str]) -> None:
    with _database() as url:
        _run(url, _BEFORE)
        _run(url, "INSERT INTO records_vendor (name, catalogue_id, notes, created_at) VALUES ('Acme', '', '', now())")
        assert _applied(url) == {name for _, name in _OLDER}
        steps = migrate_database()
        assert [name for name in steps if name.removeprefix("records.") in _REWRITTEN] == []
        require_ready()
        assert _schema(url) == fresh
        assert set(_TODAY) <= _applied(url)
        assert migrate_database() == []


def test_what_the_steps_made_they_take_away_and_make_again(fresh: list[str]) -> None:
    with _database() as url:
        migrate_database()
        call_command("migrate", "records", "zero", verbosity=0, interactive=False)
        left = [line for line in _schema(url) if "records_" in line or "passmuster_" in line]
        assert left == []
        migrate_database()
        assert _schema(url) == fresh


@pytest.mark.parametrize("last", _REWRITTEN[:-1])
def test_a_run_that_ended_between_two_steps_is_taken_up_where_it_ended(fresh: list[str], last: str) -> None:
    with _database() as url:
        MigrationExecutor(connection).migrate([("records", last)])
        # Today's names are written down when a run is over; those of before with each step.
        names = ", ".join(f"'{name}'" for name in _TODAY)
        _run(url, f"DELETE FROM django_migrations WHERE app = 'records' AND name IN ({names})")
        with pytest.raises(UsageError, match="not migrated to this version"):
            require_ready()
        migrate_database()
        require_ready()
        assert _schema(url) == fresh


@pytest.mark.parametrize("applied", range(1, len(_OLDER)))
def test_wherever_a_database_of_before_stopped_on_the_way_it_is_noticed(applied: int) -> None:
    steps = {("records", name): step for name, step in _TODAY.items()}
    missing = steps_between(steps, _OLDER[:applied])
    assert missing[-1] == _OLDER[-1][1]
    assert not set(missing) & {name for _, name in _OLDER[:applied]}


def test_a_database_that_has_all_or_none_of_the_older_steps_lacks_nothing() -> None:
    steps = {("records", name): step for name, step in _TODAY.items()}
    assert len(_OLDER) == sum(len(step.replaces) for step in _TODAY.values())
    done: list[tuple[str, str]] = []
    for name in sorted(_TODAY):
        assert steps_between(steps, done) == []
        done.extend(_TODAY[name].replaces)
    assert steps_between(steps, done) == []


def test_one_that_stopped_on_the_way_is_left_as_it_is_and_told_what_to_do(fresh: list[str]) -> None:
    with _database() as url:
        _run(url, _BEFORE)
        _run(url, "DELETE FROM django_migrations WHERE name > '0014'")
        before = _schema(url)
        for refused in (require_ready, migrate_database):
            with pytest.raises(UsageError, match="lacks its 0018_when_carried_out; run `passmuster db migrate` of the"):
                refused()
        assert _schema(url) == before
