"""Having the whole record verified: somebody asks for it, a worker does it, and the result is read."""

from __future__ import annotations

from typing import Protocol

from tests.stories.keeper.browser import Browser
from tests.stories.keeper.house import House
from tests.stories.keeper.program import Program


class Verifying(Protocol):
    """By the pages and by the API."""

    def have_record_verified(self) -> None:
        """Ask for it; a worker must come by."""

    def record_was_whole(self) -> bool:
        """What the newest verification found."""


class VerifyingPages:
    """By the pages."""

    browser: Browser

    def have_record_verified(self) -> None:
        self.browser.go("Record")
        self.browser.press("Verify now")

    def record_was_whole(self) -> bool:
        self.browser.go("Record")
        return "the record holds" in self.browser.words().lower()


class VerifyingCalls:
    """By the API."""

    program: Program
    _asked: int = 0

    def have_record_verified(self) -> None:
        self._asked = self.program.post("/record/verify")["id"]

    def record_was_whole(self) -> bool:
        return bool(self.program.get(f"/work/{self._asked}")["result"]["holds"])


def the_record_holds(face: Verifying, house: House) -> bool:
    """As whoever is signed in, who must be allowed to read the record."""
    face.have_record_verified()
    house.work()
    return face.record_was_whole()
