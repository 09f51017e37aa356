from __future__ import annotations

import subprocess
from base64 import b64decode
from datetime import UTC, datetime

import pytest

from passmuster.application.messages.channels import (
    Channels,
    MailServer,
    NotSent,
    read_channels,
    send_chat,
    send_mail,
    send_webhook,
    sign,
)
from passmuster.application.messages.message_choices import Way
from passmuster.application.messages.wording import Letter
from passmuster.errors import UsageError
from tests.application.receiving import http_server

_NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
_LETTER = Letter("Passmuster: Prüfe €", "Do it.\n\nhttps://x.example/\n", '{"schema":"passmuster/messages@1"}')
_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_nothing_is_set_up_where_nothing_is_named() -> None:
    assert read_channels({"PATH": "/bin"}) == Channels()
    assert Channels().ways == frozenset()


def test_the_environment_names_the_ways() -> None:
    channels = read_channels(
        {
            "PASSMUSTER_SMTP_HOST": "mail.example.org",
            "PASSMUSTER_SMTP_SECURITY": "tls",
            "PASSMUSTER_MAIL_FROM": "review@example.org",
            "PASSMUSTER_CHAT_OPS": "slack://a/b/c",
            "PASSMUSTER_WEBHOOK_SIEM_URL": "https://siem.example.org/in",
            "PASSMUSTER_WEBHOOK_SIEM_SECRET": _SECRET,
        }
    )
    assert channels.mail == MailServer("mail.example.org", 465, "review@example.org", "tls")
    assert channels.chats == {"OPS": "slack://a/b/c"}
    assert channels.webhooks == {"SIEM": ("https://siem.example.org/in", _SECRET)}
    assert channels.ways == frozenset(Way)
    assert "whsec" not in repr(channels)
    assert "slack" not in repr(channels)


def test_every_wrong_variable_is_named_and_no_value_repeated() -> None:
    with pytest.raises(UsageError) as caught:
        read_channels(
            {
                "PASSMUSTER_SMTP_HOST": "mail.example.org",
                "PASSMUSTER_SMTP_PORT": "99999",
                "PASSMUSTER_SMTP_SECURITY": "none",
                "PASSMUSTER_MAIL_FROM": "nobody",
                "PASSMUSTER_WEBHOOK_A_URL": "http://siem.example.org/token-in-path",
                "PASSMUSTER_WEBHOOK_A_SECRET": "whsec_c2hvcnQ=",
            }
        )
    told = str(caught.value)
    for name in ("SMTP_PORT", "SMTP_SECURITY", "MAIL_FROM", "WEBHOOK_A_URL", "WEBHOOK_A_SECRET"):
        assert f"PASSMUSTER_{name}:" in told
    assert "token-in-path" not in told
    assert "c2hvcnQ" not in told


def test_the_signature_is_what_the_reference_library_of_standard_webhooks_makes() -> None:
    # Made with its Python library, 1.0.
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert sign(_SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}') == expected


def test_a_webhook_gets_signed_json_that_openssl_verifies() -> None:
    with http_server() as received:
        send_webhook(f"http://127.0.0.1:{received.port}/in", _SECRET, _LETTER, identity="passmuster-7", now=_NOW)
    headers, body = received.requests[0]
    assert body.decode() == _LETTER.json
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("passmuster-7", str(int(_NOW.timestamp())))
    key = b64decode(_SECRET.removeprefix("whsec_")).hex()
    signed = f"passmuster-7.{headers['webhook-timestamp']}.".encode() + body
    command = ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{key}"]
    digest = subprocess.run(command, input=signed, capture_output=True, check=True).stdout.split()[-1].decode()
    assert b64decode(headers["webhook-signature"].removeprefix("v1,")).hex() == digest


@pytest.mark.parametrize(("status", "told"), [(500, "HTTP 500"), (302, "HTTP 302")])
def test_a_webhook_that_refuses_or_sends_elsewhere_is_told_and_not_followed(status: int, told: str) -> None:
    with http_server() as received:
        received.status = status
        with pytest.raises(NotSent, match=told):
            send_webhook(f"http://127.0.0.1:{received.port}/in", _SECRET, _LETTER, identity="x", now=_NOW)
    assert len(received.requests) == 1


def test_a_chat_is_posted_through_apprise() -> None:
    with http_server() as received:
        send_chat(f"json://127.0.0.1:{received.port}/", _LETTER)
    assert received.json()["title"] == _LETTER.subject
    assert "https://x.example/" in received.json()["message"]
    with pytest.raises(NotSent, match="none that Apprise knows"):
        send_chat("nonsense", _LETTER)
    with pytest.raises(NotSent, match="did not take it"):
        send_chat(f"json://127.0.0.1:{received.port}/", _LETTER)


def test_a_mail_server_that_is_not_there_is_told_without_a_password() -> None:
    server = MailServer("127.0.0.1", 9, "review@example.org", "none", "user", "hunter2")
    with pytest.raises(NotSent, match="ConnectionRefusedError") as caught:
        send_mail(server, "ada@example.org", _LETTER, identity="passmuster-1", now=_NOW)
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(server)
