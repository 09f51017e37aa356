"""What people do with the keeper, in the words of the field; by the pages and by the API the same.

A story is written once against `Face` and run with both. Whoever needs more verbs writes a module of pages and one of
calls beside these, and a protocol of their own that extends this one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path
from typing import Protocol

from tests.stories.keeper.excepting_calls import ExceptingCalls
from tests.stories.keeper.excepting_pages import ExceptingPages
from tests.stories.keeper.people import Somebody
from tests.stories.keeper.reviewing_calls import ReviewingCalls
from tests.stories.keeper.reviewing_pages import ReviewingPages
from tests.stories.keeper.seen import Dated, ExceptionSeen, FindingInFull, FindingSeen, Line, ReviewSeen


class Face(Protocol):
    """Whatever is refused raises `Refused` with the words that the person is told."""

    def sign_in(self, who: Somebody) -> None:
        """From now on this person acts; they sign in if they are not signed in, or no longer."""

    # What is shown to everybody

    def messages(self) -> list[str]:
        """One's own messages, newest first."""

    def calendar(self, month: date) -> list[Dated]:
        """What stands in the calendar in that month, by day."""

    def next_review(self, platform: str) -> date | None:
        """The day on which the platform's next review opens."""

    def have_record_verified(self) -> None:
        """Ask for it; a worker does it."""

    def record_holds(self) -> bool:
        """What came of it last time."""

    # Reviews

    def have_looked_at(self, platform: str) -> None:
        """Ask for a look now; a worker takes it."""

    def open_review(self, platform: str, because: str) -> None:
        """Ask for it; a worker opens it."""

    def reviews(self) -> list[ReviewSeen]:
        """The list: without signatures and the like."""

    def review(self, because: str) -> ReviewSeen:
        """The newest review that was opened because of that, in full."""

    def checklist(self, because: str) -> list[Line]: ...

    def answer(self, because: str, lines: Collection[Line], decision: str, why: str, *, seen: str = "") -> None:
        """One answer for these lines: done, met, not met, not applicable, or open again."""

    def hand_over(self, because: str, lines: Collection[Line], to: Somebody, why: str) -> None: ...

    def leave_out(self, because: str, what: str, why: str) -> None: ...

    def sign(self, because: str, statement: str) -> None: ...

    def seal(self, because: str) -> None:
        """Ask for it; a worker does it."""

    def seal_holds(self, because: str) -> bool: ...

    def report(self, because: str, name: str) -> bytes:
        """A file of the sealed report."""

    def make_report_again(self, because: str) -> list[str]:
        """Have the report made from what the seal keeps; the names of files that differ."""

    def hand_in(self, platform: str, kind: str, title: str, file: Path, expires_on: date) -> None:
        """Hand in evidence."""

    def evidence(self) -> list[tuple[str, str, date | None]]:
        """What is kept: title, kind, expiry."""

    # Findings and exceptions

    def findings(self, platform: str, status: str) -> list[FindingSeen]: ...

    def finding(self, seen: FindingSeen) -> FindingInFull: ...

    def take_on(self, findings: Sequence[FindingSeen], why: str) -> None:
        """Mark findings of one list as being worked on."""

    def ask_for_exception(self, finding: FindingSeen, why: str, last_day: date) -> None: ...

    def exceptions(self) -> list[ExceptionSeen]:
        """All exceptions one sees; those that end first come first."""

    def decide_exception(self, control: str, *, is_approved: bool, why: str) -> None:
        """On the exception from that control that ends last."""

    def renew_exception(self, control: str, why: str, last_day: date) -> None: ...


class PagesFace(ReviewingPages, ExceptingPages):
    """By the pages, in a browser."""


class ApiFace(ReviewingCalls, ExceptingCalls):
    """By the API, from a program."""
