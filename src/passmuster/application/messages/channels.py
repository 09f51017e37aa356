"""The ways out, as the environment sets them up: a mail server, chats by name, webhooks by name."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import urlsplit

import apprise
import httpx

from passmuster.application.messages.message_choices import Way
from passmuster.application.messages.wording import Letter
from passmuster.errors import PassmusterError, UsageError

_CHAT, _WEBHOOK = "PASSMUSTER_CHAT_", "PASSMUSTER_WEBHOOK_"
_SECONDS = 20.0
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class NotSent(PassmusterError):
    """A message did not go out; it is tried again later."""


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in. `security` is tls, starttls or none (this machine only)."""

    host: str
    port: int
    sender: str
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Channels:
    """What an administrator set up; chats and webhooks by their names in capitals, addresses never shown."""

    mail: MailServer | None = None
    chats: Mapping[str, str] = field(default_factory=dict, repr=False)
    webhooks: Mapping[str, tuple[str, str]] = field(default_factory=dict, repr=False)

    @property
    def ways(self) -> frozenset[Way]:
        """The ways that are set up at all."""
        found = {Way.MAIL: self.mail, Way.CHAT: self.chats, Way.WEBHOOK: self.webhooks}
        return frozenset(way for way, there in found.items() if there)


def read_channels(environ: Mapping[str, str]) -> Channels:
    """The ways the environment sets up; raises UsageError naming every variable that is wrong, never its value."""
    complaints: list[str] = []
    mail = _mail(environ, complaints)
    chats = dict(_named(environ, _CHAT, ""))
    webhooks = {}
    for name, url in _named(environ, _WEBHOOK, "_URL"):
        secret = environ.get(f"{_WEBHOOK}{name}_SECRET", "")
        variable = f"{_WEBHOOK}{name}"
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            complaints.append(f"{variable}_URL: must begin with https://")
        if _key(secret) is None:
            complaints.append(f"{variable}_SECRET: must be whsec_ and at least 24 random bytes in base64")
        webhooks[name] = (url, secret)
    if complaints:
        raise UsageError("; ".join(complaints))
    return Channels(mail, chats, webhooks)


def require_mail_address(text: str) -> None:
    """Raise UsageError where it is none."""
    if "@" not in text or any(not letter.isprintable() or letter in " <>," for letter in text):
        raise UsageError(f"{text!r} is no mail address")


def _named(environ: Mapping[str, str], prefix: str, suffix: str) -> list[tuple[str, str]]:
    return [
        (variable[len(prefix) : len(variable) - len(suffix)], text.strip())
        for variable, text in sorted(environ.items())
        if variable.startswith(prefix) and variable.endswith(suffix) and text.strip()
    ]


def _mail(environ: Mapping[str, str], complaints: list[str]) -> MailServer | None:
    host = environ.get("PASSMUSTER_SMTP_HOST", "").strip()
    if not host:
        return None
    security = environ.get("PASSMUSTER_SMTP_SECURITY", "starttls").strip()
    port = environ.get("PASSMUSTER_SMTP_PORT", {"tls": "465"}.get(security, "587")).strip()
    sender = environ.get("PASSMUSTER_MAIL_FROM", "").strip()
    if security not in ("tls", "starttls", "none"):
        complaints.append("PASSMUSTER_SMTP_SECURITY: tls, starttls or none")
    if security == "none" and host not in _LOOPBACK:
        complaints.append("PASSMUSTER_SMTP_SECURITY: none is for a mail server on this machine only")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        complaints.append("PASSMUSTER_SMTP_PORT: a port number")
        port = "0"
    if "@" not in sender or any(letter in sender for letter in "\r\n<>"):
        complaints.append("PASSMUSTER_MAIL_FROM: the address mail is sent from")
    user, password = environ.get("PASSMUSTER_SMTP_USER", ""), environ.get("PASSMUSTER_SMTP_PASSWORD", "")
    return MailServer(host, int(port), sender, security, user, password)


def send_mail(server: MailServer, to: str, letter: Letter, *, identity: str, now: datetime) -> None:
    """Hand a mail in; `identity` is the same each time it is tried, so that a mailbox keeps one. Raises NotSent."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = server.sender, to, letter.subject
    mail["Date"] = format_datetime(now.astimezone(UTC))
    mail["Message-ID"] = f"<{identity}@{server.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.text)
    try:
        with _connect(server) as client:
            client.send_message(mail)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        code = f" {error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else ""
        raise NotSent(f"the mail server did not take it ({type(error).__name__}{code})") from None


def _connect(server: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.security == "tls":
        client: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=_SECONDS, context=context)
    else:
        client = smtplib.SMTP(server.host, server.port, timeout=_SECONDS)
    try:
        if server.security == "starttls":
            client.starttls(context=context)
        if server.user:
            client.login(server.user, server.password)
    except BaseException:
        client.close()
        raise
    return client


def send_chat(url: str, letter: Letter) -> None:
    """Post to the chat an Apprise address names; raises NotSent."""
    chat = apprise.Apprise()
    if not chat.add(url):
        raise NotSent("the chat's address is none that Apprise knows")
    if not chat.notify(title=letter.subject, body=letter.text, body_format=apprise.NotifyFormat.TEXT):
        raise NotSent("the chat did not take it")


def send_webhook(url: str, secret: str, letter: Letter, *, identity: str, now: datetime) -> None:
    """Post signed JSON, following no redirect; headers as in Standard Webhooks. Raises NotSent."""
    body = letter.json.encode()
    seconds = int(now.timestamp())
    headers = {
        "content-type": "application/json",
        "webhook-id": identity,
        "webhook-timestamp": str(seconds),
        "webhook-signature": sign(secret, identity, seconds, body),
    }
    try:
        answer = httpx.post(url, content=body, headers=headers, timeout=_SECONDS, follow_redirects=False)
    except httpx.HTTPError as error:
        raise NotSent(f"the webhook did not answer ({type(error).__name__})") from None
    if not answer.is_success:
        raise NotSent(f"the webhook answered HTTP {answer.status_code}")


def sign(secret: str, identity: str, seconds: int, body: bytes) -> str:
    """The `webhook-signature` of Standard Webhooks: HMAC-SHA256 over id, time and body."""
    key = _key(secret)
    if key is None:
        raise UsageError("the webhook's secret is none; write whsec_ and random bytes in base64")
    digest = hmac.new(key, f"{identity}.{seconds}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def _key(secret: str) -> bytes | None:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if secret.startswith("whsec_") and len(key) >= 24 else None
