"""The text of a mail that may be anything: several parts, odd encodings, HTML alone, forged headers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime
from html import unescape

_MOST_CHARACTERS = 200_000
_MOST_HEADER = 2_000
_MOST_PARTS = 200
_BREAKS = frozenset("p br div tr li h1 h2 h3 h4 h5 h6 table ul ol hr blockquote pre".split())
_TAG = re.compile(r"</?([a-z][a-z0-9]{0,20})")
_ANGLED = re.compile(r"<([^<>\s]{1,256}@[^<>\s]{1,256})>")
_SILENT = frozenset("script style head title template noscript".split())


@dataclass(frozen=True)
class Mail:
    """What is read of a mail. `received_at` is by our own server's word, None where it says nothing."""

    headers: dict[str, str]
    sender: str
    body: str
    sent_at: datetime | None
    received_at: datetime | None

    @property
    def lines(self) -> list[str]:
        """The body's lines without blanks around, bullets and marks of quotation before them."""
        return [line.strip(" \t>*•·-–|").strip() for line in self.body.splitlines()]


def read_mail(text: str) -> Mail:
    """A mail's headers and readable text; attachments are not looked at. Nothing in it raises."""
    message = message_from_bytes(text.encode("utf-8", "surrogateescape"), policy=policy.default)
    names = ("subject", "from", "date", "message-id", "reply-to", "list-id", "auto-submitted")
    headers = {name: _header(message, name) for name in names}
    received = _header(message, "received").rpartition(";")[2]
    return Mail(
        headers=headers,
        sender=_sender(_raw(message, "from") or headers["from"]),
        body=_body(message),
        sent_at=_time(headers["date"]),
        received_at=_time(received),
    )


def _raw(message: EmailMessage, name: str) -> str:
    """The first header of a name as it was sent: the library drops what it cannot make sense of."""
    return next((str(raw) for key, raw in message.raw_items() if key.lower() == name), "")


def _sender(text: str) -> str:
    """The address of a From header: the one in angle brackets, whatever address stands as the name before it."""
    angled = _ANGLED.findall(text)
    return str(angled[-1] if angled else parseaddr(text)[1]).lower()


def _header(message: EmailMessage, name: str) -> str:
    """The first header of a name on one line, decoded; "" where there is none or it cannot be read."""
    try:
        value = message.get(name)
    except (ValueError, IndexError, AttributeError, TypeError, LookupError, MessageError):
        value = _raw(message, name)
    return " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", str(value or ""))[:_MOST_HEADER].split())


def _time(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text.strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _body(message: EmailMessage) -> str:
    """The plain parts together, or the HTML parts without their markup where there are none."""
    plain: list[str] = []
    html: list[str] = []
    for part in _parts(message):
        kind = part.get_content_type()
        if kind in ("text/plain", "text/html") and part.get_content_disposition() != "attachment":
            (plain if kind == "text/plain" else html).append(_content(part))
    joined = "\n".join(each for each in plain if each.strip())
    text = joined or "\n".join(strip_tags(each) for each in html)
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", " ", text.replace("\r\n", "\n").replace("\xa0", " "))[:_MOST_CHARACTERS]


def _parts(message: EmailMessage) -> Iterator[EmailMessage]:
    for number, part in enumerate(message.walk()):
        if number >= _MOST_PARTS:
            return
        if isinstance(part, EmailMessage) and not part.is_multipart():
            yield part


def _content(part: EmailMessage) -> str:
    payload = part.get_payload(decode=True)
    data = payload[: _MOST_CHARACTERS * 4] if isinstance(payload, bytes) else b""
    for charset in (part.get_content_charset() or "utf-8", "utf-8"):
        try:
            return data.decode(charset)[:_MOST_CHARACTERS]
        except (LookupError, UnicodeDecodeError):
            continue
    return data.decode("latin-1")[:_MOST_CHARACTERS]


def strip_tags(html: str) -> str:
    """The text that HTML shows, a line for each block; scripts, styles and comments left out.

    Each character is looked at a fixed number of times: the parser of the standard library takes minutes for a mail
    that is made to be slow.
    """
    html = html[:_MOST_CHARACTERS]
    lowered = html.lower()
    pieces: list[str] = []
    place = 0
    while (start := html.find("<", place)) >= 0:
        pieces.append(re.sub(r"\s+", " ", html[place:start]))
        if lowered.startswith("<!--", start):
            place = _behind(html, "-->", start)
            continue
        place = _behind(html, ">", start)
        name = _TAG.match(lowered, start)
        if name is None:
            continue
        if name[1] in _SILENT and not lowered.startswith("</", start):
            place = _behind(lowered, f"</{name[1]}", place)
            place = _behind(html, ">", place)
        pieces.append("\n" if name[1] in _BREAKS else " " if name[1] in ("td", "th") else "")
    pieces.append(re.sub(r"\s+", " ", html[place:]))
    return re.sub(r"[ \t]*\n[ \t\n]*", "\n", unescape("".join(pieces))).strip()


def _behind(text: str, mark: str, start: int) -> int:
    """The place behind the next mark; the end where there is none, so that nobody looks again."""
    found = text.find(mark, start)
    return found + len(mark) if found >= 0 else len(text)
