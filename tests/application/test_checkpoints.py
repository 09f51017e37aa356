from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from passmuster.application.access import Action
from passmuster.application.acting import acting, keeper
from passmuster.application.record.auditing import keeper_signer, verify_record
from passmuster.application.record.checkpoints import make_checkpoint, places_of
from passmuster.errors import UnreadableInput, UsageError
from passmuster.records.chain_check import read_checkpoint
from passmuster.records.models import Checkpoint
from tests.keeping import NOW, actor, forget_copies, make_person, past_can_change


class _Mailbox(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) as handing in one mail needs."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        held: list[bytes] | None = None
        for line in self.rfile:
            if held is not None:
                if line == b".\r\n":
                    self.server.received.append(b"".join(held))  # type: ignore[attr-defined]
                    held = None
                    self.wfile.write(b"250 kept\r\n")
                else:
                    held.append(line.removeprefix(b"."))
                continue
            word = line[:4].upper()
            if word == b"DATA":
                held = []
                self.wfile.write(b"354 go on\r\n")
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 fine\r\n")


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mailbox) as server:
        server.received = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PASSMUSTER_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("PASSMUSTER_SMTP_PORT", str(server.server_address[1]))
        monkeypatch.setenv("PASSMUSTER_SMTP_SECURITY", "none")
        monkeypatch.setenv("PASSMUSTER_MAIL_FROM", "keeper@example.org")
        yield server.received  # type: ignore[attr-defined]
        server.shutdown()


def _fill(count: int) -> None:
    who = actor(make_person(f"ada{count}", "administrator"))
    for _ in range(count):
        with acting(who, Action.MANAGE_PROGRAMME, "vendor"):
            pass


def _cut_to(number: int) -> None:
    """What whoever holds the database can do: cut the end off and make all look well."""
    with past_can_change(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM records_auditevent WHERE number > %s", [number])
        cursor.execute("DELETE FROM records_checkpoint")
        cursor.execute(
            "UPDATE records_audithead head SET number = event.number, digest = event.digest "
            "FROM records_auditevent event WHERE event.number = %s",
            [number],
        )


@pytest.mark.usefixtures("db")
def test_a_checkpoint_kept_elsewhere_tells_what_was_cut_off_here(tmp_path: Path) -> None:
    assert make_checkpoint(keeper(NOW)) == "the record is empty: there is nothing to sign"
    _fill(5)
    key = keeper_signer().public_key
    assert make_checkpoint(keeper(NOW), to=tmp_path).startswith("signed 6 event(s); written to")
    assert make_checkpoint(keeper(NOW), to=tmp_path).startswith("nothing new since 6 event(s)")
    kept = tmp_path / "checkpoint-000000000006.json"
    assert places_of(Checkpoint.objects.get()) == [str(kept)]
    assert verify_record(public_key=key, kept=[kept]).checkpoints == 2
    _cut_to(3)
    forget_copies()
    assert verify_record(public_key=key).holds
    broken = verify_record(public_key=key, kept=[kept]).broken
    assert broken.startswith("events after 3 are gone: a checkpoint was signed over 6 events. In itself")


@pytest.mark.usefixtures("db")
def test_a_mailed_checkpoint_can_be_held_against_the_record(tmp_path: Path, mailbox: list[bytes]) -> None:
    _fill(4)
    assert (
        make_checkpoint(keeper(NOW), mail_to="auditor@example.com")
        == "signed 5 event(s); mailed to auditor@example.com"
    )
    letter = email.message_from_bytes(mailbox[0], policy=email.policy.default)
    assert letter["To"] == "auditor@example.com"
    text = letter.get_content()
    key = keeper_signer().public_key
    assert key in text
    kept = tmp_path / "mailed.json"
    kept.write_text(text[text.index("{") : text.rindex("}") + 1])
    assert read_checkpoint(kept, public_key=key)["number"] == 5
    _cut_to(2)
    assert "are gone" in verify_record(public_key=key, kept=[kept]).broken
    forget_copies()
    with pytest.raises(UsageError, match="is no mail address"):
        make_checkpoint(keeper(NOW), mail_to="auditor@example.com\nBcc: x@example.org")


@pytest.mark.usefixtures("db")
def test_what_is_no_checkpoint_of_ours_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill(1)
    make_checkpoint(keeper(NOW), to=tmp_path)
    kept = next(tmp_path.iterdir())
    kept.write_text(kept.read_text().replace('"keyid": "', '"keyid": "0'))
    for wrong in (kept.read_text(), "[]", '{"payload": 1}'):
        kept.write_text(wrong)
        with pytest.raises(UnreadableInput, match="no checkpoint signed by this keeper"):
            verify_record(public_key=keeper_signer().public_key, kept=[kept])
    monkeypatch.delenv("PASSMUSTER_SMTP_HOST", raising=False)
    with pytest.raises(UsageError, match="PASSMUSTER_SMTP_HOST"):
        make_checkpoint(keeper(NOW), mail_to="a@example.org")
