from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import stat
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from passmuster.records.embedded import join_server, leave_server
from tests.records.servers import postgres_15

_FILL = """
from datetime import UTC, datetime
from passmuster.records.database import set_up_django
set_up_django()
from passmuster.application.acting import actor_of, keeper
from passmuster.application.record.checkpoints import make_checkpoint
from passmuster.application.evidence.evidence import add_evidence
from passmuster.model.evidence import EvidenceFacts, EvidenceKind
from passmuster.records.models import Duty, Person, Platform, Review
from django.contrib.sessions.backends.db import SessionStore
now = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
person = Person.objects.create_user("ada@example.org", "correct horse ada", name="Ada \\t \\\\ ünï", created_at=now)
Duty.objects.create(person=person, role="reviewer", platform=None, created_at=now)
session = SessionStore()
session["who"] = "ada"
session.create()
who = actor_of(person, by="command", now=now)
platform = Platform.objects.create(name="Automations", slug="automations", kind="n8n", created_at=now)
review = Review.objects.create(
    platform=platform, occurrence="2026-Q2", because="due", due_on=now.date(), opened_at=now, status="open"
)
for number in range(3):
    facts = EvidenceFacts(f"proof {number}", EvidenceKind.LOG, platform=platform.pk, reviews=(review.pk,))
    add_evidence(who, [b"line %d\\n" % number], name="proof.txt", facts=facts)
make_checkpoint(keeper(now))
"""


@pytest.fixture
def homes() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="homes-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class _Kept:
    """A keeper with a record, evidence and a backup of it; its server runs."""

    home: Path
    url: str
    backup: Path

    def ask(self, text: str) -> Any:
        with psycopg.connect(self.url) as connection:
            return connection.execute(text).fetchall()


@pytest.fixture(scope="module")
def kept() -> Iterator[_Kept]:
    folder = Path(tempfile.mkdtemp(prefix="kept-"))
    folder.chmod(0o711)
    home, backup = folder / "home", folder / "backup.tar.gz"
    url = join_server(home / "postgres")
    try:
        _run(home, "db", "migrate")
        _fill(home)
        _run(home, "db", "backup", str(backup))
        yield _Kept(home, url, backup)
    finally:
        leave_server(home / "postgres")
        shutil.rmtree(folder, ignore_errors=True)


def _environment(home: Path, url: str = "") -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PASSMUSTER_", "DJANGO_"))}
    return {**kept, "PASSMUSTER_HOME": str(home), "PASSMUSTER_DATABASE_URL": url}


def _run(home: Path, *given: str, url: str = "", feeds: str = "", expected: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "passmuster.cli.main", *given],
        env={**_environment(home, url), "PASSMUSTER_FEEDS": feeds},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == expected, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def _fill(home: Path, url: str = "") -> None:
    subprocess.run([sys.executable, "-c", _FILL], env=_environment(home, url), check=True)


def test_a_backup_of_the_embedded_database_restores_into_a_new_home_and_into_a_server_of_version_15(
    homes: Path, kept: _Kept
) -> None:
    old, new, served, backup = kept.home, homes / "new", homes / "served", kept.backup
    assert "PostgreSQL 18" in _run(old, "db", "check")
    assert "is there already" in _run(old, "db", "backup", str(backup), expected=2)
    people = kept.ask("SELECT email, name, password FROM records_person")
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    intact = "intact: 5 event(s), 1 signed checkpoint(s), 3 piece(s) of evidence"
    assert "run `passmuster db migrate`" in _run(new, "audit", "verify", expected=2)
    assert intact in _run(new, "db", "restore", str(backup))
    assert "not empty" in _run(new, "db", "restore", str(backup), expected=2)
    assert (new / "signing_key").read_text() == (old / "signing_key").read_text()
    assert not (new / "secret_key").exists() or (new / "secret_key").read_text() != (old / "secret_key").read_text()
    with postgres_15() as superuser:
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute("CREATE ROLE keeper LOGIN")
            connection.execute("CREATE DATABASE kept OWNER keeper")
        server = superuser.replace("postgres@/postgres", "keeper@/kept")
        assert intact in _run(served, "db", "restore", str(backup), url=server)
        assert "PostgreSQL 15" in _run(served, "db", "check", url=server)
        with psycopg.connect(server) as connection:
            assert connection.execute("SELECT email, name, password FROM records_person").fetchall() == people
            assert connection.execute("SELECT count(*) FROM django_session").fetchone() == (0,)
            with pytest.raises(psycopg.Error, match="what is recorded stays"):
                connection.execute("DELETE FROM records_auditevent")
        again, third = homes / "again.tar.gz", homes / "third"
        _run(served, "db", "backup", str(again), url=server)
        assert not list(homes.glob(".passmuster-*"))
        victim = next(path for path in (served / "files").rglob("*") if path.is_file())
        victim.chmod(0o600)
        victim.write_bytes(victim.read_bytes() + b"!")
        assert "was changed" in _run(served, "audit", "verify", url=server, expected=1)
    # Restoring and making the backup are events of their own.
    assert "intact: 7 event(s)" in _run(third, "db", "restore", str(again))


def test_the_record_and_the_evidence_are_handed_on_and_verified_where_there_is_no_keeper(
    homes: Path, kept: _Kept
) -> None:
    home, elsewhere, folder = kept.home, homes / "elsewhere", homes / "folder"
    key = _run(home, "audit", "key").strip()
    export, bundle = homes / "record.jsonl", homes / "bundle.tar"
    _run(home, "audit", "export", str(export))
    count = kept.ask("SELECT count(*) FROM records_auditevent")[0][0]
    assert "written to" in _run(home, "audit", "checkpoint", "--to", str(folder))
    told = _run(home, "audit", "verify", "--strict", expected=3)
    assert "note: nothing kept elsewhere was compared" in told
    assert "note: the last 1 event(s) are not signed yet" in told
    assert "there is nothing to accept" in _run(home, "audit", "accept-older", "--why", "to see", expected=2)
    checkpoint = str(next(folder.iterdir()))
    assert f"intact: {count + 2} event(s), 3 signed" in _run(home, "audit", "verify", "--checkpoint", checkpoint)
    assert "3 piece(s)" in _run(home, "evidence", "bundle", "--review", "1", "--out", str(bundle))
    assert "there is no review 7" in _run(home, "evidence", "bundle", "--review", "7", "--out", "x", expected=2)
    public = homes / "key.pub"
    public.write_text(key + "\n")
    given = ("--public-key", str(public))
    # The server is not started for any of it, and no home is set up.
    told = _run(elsewhere, "audit", "verify", "--export", str(export), *given)
    assert told.startswith(f"intact: {count} event(s), 1 signed checkpoint(s)")
    assert "intact: 3 file(s) of review 1 of automations" in _run(elsewhere, "evidence", "verify", str(bundle), *given)
    assert "held against the key in the bundle itself" in _run(elsewhere, "evidence", "verify", str(bundle))
    export.write_text(export.read_text().replace("proof 1", "proof 8"))
    assert "NOT intact: event 2 was changed" in _run(elsewhere, "audit", "verify", "--export", str(export), expected=1)
    bundle.write_bytes(bundle.read_bytes().replace(b"line 1", b"line 8"))
    assert "NOT intact: the file" in _run(elsewhere, "evidence", "verify", str(bundle), *given, expected=1)
    assert "is no public key" in _run(elsewhere, "evidence", "verify", str(bundle), "--public-key", "abc", expected=2)
    assert "cannot be read" in _run(elsewhere, "evidence", "verify", str(homes / "none"), expected=2)
    assert not elsewhere.exists()


def test_files_that_lie_on_another_disk_are_in_the_backup_and_what_is_not_there_is_told(
    homes: Path, kept: _Kept
) -> None:
    files, elsewhere, backup = kept.home / "files", homes / "bigger-disk", homes / "linked.tar.gz"
    with psycopg.connect(kept.url) as connection:
        digest = connection.execute("SELECT sha256 FROM records_evidence ORDER BY id LIMIT 1").fetchone()
    assert digest is not None
    shutil.move(files, elsewhere)
    try:
        files.symlink_to(elsewhere)
        _run(kept.home, "db", "backup", str(backup))
        assert f"home/files/sha256/{digest[0][:2]}/{digest[0]}" in {entry.name for entry, _ in _members(backup)}
        lost = elsewhere / "sha256" / digest[0][:2] / digest[0]
        lost.rename(homes / "lost")
        told = _run(kept.home, "db", "backup", str(homes / "lacking.tar.gz"), expected=1)
        assert "NOT whole: the file of evidence 1 is not in it" in told
        (homes / "lost").rename(lost)
        elsewhere.rename(homes / "unplugged")
        told = _run(kept.home, "db", "backup", str(homes / "none.tar.gz"), expected=2)
        assert f"{files}: is a link that leads nowhere" in told
        assert not (homes / "none.tar.gz").exists()
        assert "is no folder" in _run(kept.home, "db", "backup", str(homes / "no" / "b.tar.gz"), expected=2)
        assert not (homes / "no").exists()
        (homes / "unplugged").rename(elsewhere)
    finally:
        files.unlink(missing_ok=True)
        shutil.move(elsewhere, files)


def _members(path: Path) -> list[tuple[tarfile.TarInfo, bytes]]:
    with tarfile.open(path) as archive:
        return [(entry, (archive.extractfile(entry) or io.BytesIO()).read()) for entry in archive]


def _write(path: Path, members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for entry, body in members:
            entry.size = len(body)
            archive.addfile(entry, io.BytesIO(body))


def test_a_backup_that_was_changed_cut_short_or_is_too_new_or_too_old_is_refused_and_leaves_nothing(
    homes: Path, kept: _Kept
) -> None:
    new, bad = homes / "new", homes / "bad.tar.gz"
    members = _members(kept.backup)
    assert [entry.name for entry, _ in members][:2] == ["manifest.json", "database.sql"]
    changed = [(entry, body.replace(b"line 1", b"line 9")) for entry, body in members]
    manifest = json.loads(members[0][1])
    manifest["migrations"].append("records.9999_later")
    newer = [(members[0][0], json.dumps(manifest).encode()), *members[1:]]
    manifest["migrations"] = [name for name in json.loads(members[0][1])["migrations"] if not name.endswith("_tickets")]
    older = [(members[0][0], json.dumps(manifest).encode()), *members[1:]]
    outside = json.loads(members[0][1])
    outside["files"]["home/../../evil"] = outside["files"]["database.sql"]
    url = join_server(new / "postgres")
    try:
        for wrong, words in (
            (changed, "was changed"),
            (members[:-1], "is missing"),
            (newer, "was made by a newer Passmuster"),
            (older, "was made by an older Passmuster, before 0016_tickets"),
            ([(members[0][0], json.dumps(outside).encode()), *members[1:]], "is no place in a backup"),
        ):
            _write(bad, wrong)
            assert words in _run(new, "db", "restore", str(bad), expected=2)
        data = kept.backup.read_bytes()
        for broken in (data[: len(data) // 2], gzip.compress(b"no tar")):
            bad.write_bytes(broken)
            assert "cannot be read as a backup" in _run(new, "db", "restore", str(bad), expected=2)
        assert {path.name for path in new.iterdir() if not path.name.startswith(".")} <= {"postgres", "secret_key"}
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
    finally:
        leave_server(new / "postgres")


def test_a_half_migrated_or_newer_database_is_not_worked_on(kept: _Kept) -> None:
    with psycopg.connect(kept.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE held AS SELECT * FROM django_migrations")
        try:
            connection.execute("DELETE FROM django_migrations WHERE app = 'records' AND name > '0014'")
            assert "lacks its 0018_when_carried_out" in _run(kept.home, "db", "migrate", expected=2)
            connection.execute("DELETE FROM django_migrations WHERE app = 'records'")
            assert "not migrated to this version" in _run(kept.home, "db", "check", expected=2)
            connection.execute(
                "INSERT INTO django_migrations (app, name, applied) VALUES ('records', '9999_later', now())"
            )
            assert "migrated by a newer Passmuster (9999_later)" in _run(kept.home, "serve", expected=2)
            told = _run(kept.home, "db", "migrate", expected=2)
            assert "migrated by a newer Passmuster (9999_later)" in told
            assert "up to date" not in told
        finally:
            connection.execute("DELETE FROM django_migrations")
            connection.execute("INSERT INTO django_migrations OVERRIDING SYSTEM VALUE SELECT * FROM held")
            connection.execute("DROP TABLE held")


def test_a_single_run_of_the_worker_tells_what_went_wrong_and_a_list_of_feeds_that_is_not_there(kept: _Kept) -> None:
    feeds = "schema: passmuster/sync@1\nfeeds:\n  - {name: kev, url: 'http://127.0.0.1:9/kev.json'}\n"
    (kept.home / "feeds.yaml").write_text(feeds)
    told = _run(kept.home, "worker", "--once", expected=1)
    assert "went wrong: Fetch the feeds of advisories: kev: " in told
    assert "(is tried again)" in told
    told = _run(kept.home, "worker", "--once", feeds="/nope.yaml", expected=2)
    assert "PASSMUSTER_FEEDS: /nope.yaml is no file" in told
    assert "the worker runs" not in told
