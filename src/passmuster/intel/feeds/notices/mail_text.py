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
from html.parser import HTMLParser

_MOST_CHARACTERS = 200_000
_MOST_HEADER = 2_000
_MOST_PARTS = 200
_BREAKS = frozenset("p br div tr li h1 h2 h3 h4 h5 h6 table ul ol hr blockquote pre".split())
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
        sender=parseaddr(headers["from"])[1].lower(),
        body=_body(message),
        sent_at=_time(headers["date"]),
        received_at=_time(received),
    )


def _header(message: EmailMessage, name: str) -> str:
    """The first header of a name on one line, decoded; "" where there is none or it cannot be read."""
    try:
        value = message.get(name)
    except (ValueError, IndexError, AttributeError, TypeError, LookupError, MessageError):
        value = next((str(raw) for key, raw in message.raw_items() if key.lower() == name), "")
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


class _Text(HTMLParser):
    """Collects the text of HTML, a line for each block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line, or what is not shown."""
        self._silent += tag in _SILENT
        if tag in _BREAKS:
            self.pieces.append("\n")
        elif tag in ("td", "th"):
            self.pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """End a line, or what is not shown."""
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        if tag in _BREAKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep text that is shown; its own line ends are blanks."""
        if not self._silent:
            self.pieces.append(re.sub(r"\s+", " ", data))


def strip_tags(html: str) -> str:
    """The text that HTML shows, scripts and styles left out."""
    parser = _Text()
    parser.feed(html[:_MOST_CHARACTERS])
    parser.close()
    return re.sub(r"\n\s*\n+", "\n", "".join(parser.pieces)).strip()
