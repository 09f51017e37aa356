"""How a delivery reads: subject, text, and the JSON of a webhook. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_LONGEST_SUBJECT = 120


@dataclass(frozen=True)
class Line:
    """A message as it is quoted."""

    text: str
    link: str
    kind: str
    due_at: datetime | None


@dataclass(frozen=True)
class Letter:
    """What goes out: `more` messages are only counted."""

    subject: str
    text: str
    json: str


def compose(lines: Sequence[Line], *, more: int, base_url: str, zone: ZoneInfo) -> Letter:
    """The letter for these messages, times in the reader's zone, links absolute."""
    subject = _subject(lines, more)
    blocks = ["\n".join(_block(line, base_url, zone)) for line in lines]
    if more:
        rest = f"... and {more} more: look through them." if lines else f"{more} more messages wait for you today."
        blocks.append(f"{rest}\n{base_url}/messages/")
    blocks.append(f"What you are told, how often and which way is your choice:\n{base_url}/messages/choices/")
    return Letter(subject, "\n\n".join(blocks) + "\n", _json(lines, more, base_url))


def _subject(lines: Sequence[Line], more: int) -> str:
    if len(lines) == 1 and not more:
        text = f"Passmuster: {' '.join(lines[0].text.split())}"
        return text if len(text) <= _LONGEST_SUBJECT else f"{text[: _LONGEST_SUBJECT - 3]}..."
    total, due = len(lines) + more, sum(line.due_at is not None for line in lines)
    what = f"{total} message{'s' if total != 1 else ''}"
    if not lines:
        return f"Passmuster: and {what.replace(' ', ' more ', 1)}"
    return f"Passmuster: {what}" + (f", {due} with a deadline" if due else "")


def _block(line: Line, base_url: str, zone: ZoneInfo) -> list[str]:
    due = [f"Due {line.due_at.astimezone(zone):%Y-%m-%d %H:%M} ({zone.key})"] if line.due_at else []
    return [line.text, *due, f"{base_url}{line.link}"]


def _json(lines: Sequence[Line], more: int, base_url: str) -> str:
    told = [
        {
            "kind": line.kind,
            "text": line.text,
            "url": f"{base_url}{line.link}",
            "due_at": f"{line.due_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if line.due_at else None,
        }
        for line in lines
    ]
    document = {"schema": "passmuster/messages@1", "messages": told, "more": more, "url": f"{base_url}/messages/"}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
