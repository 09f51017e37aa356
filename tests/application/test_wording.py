from __future__ import annotations

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from passmuster.application.messages.wording import Line, compose

_DUE = datetime(2026, 6, 3, 22, 30, tzinfo=UTC)
_LINE = Line("Sign the review\nof Automations", "/reviews/7", "review_due", _DUE)


def _letter(*lines: Line, more: int = 0):  # type: ignore[no-untyped-def]
    zone = ZoneInfo("Europe/Berlin")
    return compose(lines, more=more, base_url="https://review.example.org", zone=zone)


def test_a_message_says_what_to_do_by_when_and_where() -> None:
    letter = _letter(_LINE)
    assert letter.subject == "Passmuster: Sign the review of Automations"
    assert "Due 2026-06-04 00:30 (Europe/Berlin)" in letter.text
    assert "https://review.example.org/reviews/7" in letter.text
    assert "https://review.example.org/messages/choices/" in letter.text


def test_a_digest_counts_and_says_how_many_have_a_deadline() -> None:
    letter = _letter(_LINE, Line("Look", "/x", "drift", None), more=37)
    assert letter.subject == "Passmuster: 39 messages, 1 with a deadline"
    assert "... and 37 more" in letter.text
    assert _letter(more=37).subject == "Passmuster: and 37 more messages"


def test_programs_get_the_same_as_json() -> None:
    told = json.loads(_letter(_LINE).json)
    assert told["messages"] == [
        {
            "kind": "review_due",
            "text": "Sign the review\nof Automations",
            "url": "https://review.example.org/reviews/7",
            "due_at": "2026-06-03T22:30:00Z",
        }
    ]
