"""Findings and exceptions, by the pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from tests.stories.keeper.reviewing_pages import Pages, day_in, sure_day_in
from tests.stories.keeper.seen import ExceptionSeen, FindingInFull, FindingSeen


class ExceptingPages(Pages):
    """Findings and exceptions."""

    def _list_findings(self, platform: str, status: str) -> None:
        self.browser.go("Findings")
        self.browser.choose_filter(Platform=platform, Status=status)

    def findings(self, platform: str, status: str) -> list[FindingSeen]:
        self._list_findings(platform, status)
        return [_finding(row) for row in self.browser.all_rows("Findings")]

    def _go_to_finding(self, seen: FindingSeen) -> None:
        """Wherever it is by now: one looks for it status by status."""
        for status in (seen.status, "open", "in progress", "accepted", "closed"):
            self._list_findings(seen.platform, status)
            shown = [_finding(row).name for row in self.browser.rows("Findings")]
            if seen.name in shown:
                row = self.browser.rows("Findings")[shown.index(seen.name)]
                self.browser.follow_in_row("What", What=row["What"])
                return
        raise AssertionError(f"no finding {seen.name}")

    def finding(self, seen: FindingSeen) -> FindingInFull:
        self._go_to_finding(seen)
        facts = self.browser.facts()
        steps = self.browser.rows("What happened to this finding")
        return FindingInFull(
            status=_status_in(self.browser.lead()),
            owner=facts["Owner"].partition(" (")[0].partition(":")[0],
            due_on=day_in(facts["Due"]),
            first_seen_on=sure_day_in(facts["First seen"]),
            age_from=sure_day_in(facts["Age"]),
            steps=tuple((step["What"], step["Who"], step["Why"]) for step in steps),
        )

    def take_on(self, findings: Sequence[FindingSeen], why: str) -> None:
        self._list_findings(findings[0].platform, findings[0].status)
        wanted = {each.name for each in findings}
        while wanted:
            shown = [_finding(row).name for row in self.browser.rows("Findings")]
            here = self.browser.driver.current_url
            at = [number for number, name in enumerate(shown) if name in wanted]
            if at:
                self.browser.tick(at)
                self.browser.press("Take on", Reason=why)
                wanted -= set(shown)
            if wanted:
                self.browser.driver.get(here)
                self.browser.follow("Next page")

    def ask_for_exception(self, finding: FindingSeen, why: str, last_day: date) -> None:
        self._go_to_finding(finding)
        self.browser.follow("Ask for an exception")
        self.browser.press("Ask", Reason=why, Last_day=last_day.isoformat())

    def exceptions(self) -> list[ExceptionSeen]:
        self.browser.go("Exceptions")
        count = len(self.browser.rows("Exceptions"))
        return [self._exception(number) for number in range(count)]

    def _exception(self, number: int) -> ExceptionSeen:
        self.browser.go("Exceptions")
        self.browser.follow_row(number)
        return self._read_exception()

    def _read_exception(self) -> ExceptionSeen:
        facts, state = self.browser.facts(), self.browser.lead()
        return ExceptionSeen(
            control=self.browser.heading().removeprefix("Exception from "),
            status=state.partition(" until ")[0],
            ends_on=sure_day_in(state),
            reason=facts["Reason"],
            owner=facts["Owner"],
            asked_by=facts["Asked for by"].partition(",")[0],
            decided_by=facts.get("Decided by", "").partition(",")[0],
            first_granted_on=day_in(facts.get("First granted", "")),
        )

    def decide_exception(self, control: str, *, is_approved: bool, why: str) -> None:
        self._go_to_exception(control)
        button = "Approve" if is_approved else "Refuse"
        if not self.browser.offers(button):
            here = self.browser.driver.current_url.removeprefix(self.browser.address)
            self.browser.send_anyway(f"{here}decide", decision=button.lower(), reason=why)
            raise AssertionError("a page that offers no decision took one")
        self.browser.press(button, Reason=why)

    def renew_exception(self, control: str, why: str, last_day: date) -> None:
        self._go_to_exception(control)
        self.browser.press("Ask for a renewal", Reason=why, New_end=last_day.isoformat())

    def _go_to_exception(self, control: str) -> None:
        self.browser.go("Exceptions")
        controls = [row["Control"] for row in self.browser.rows("Exceptions")]
        self.browser.follow_row(len(controls) - 1 - controls[::-1].index(control))


def _status_in(words: str) -> str:
    """Of `high open on Flows`."""
    return words.partition(" ")[2].rpartition(" on ")[0]


def _finding(row: dict[str, str]) -> FindingSeen:
    what, _, resource = row["What"].partition("\n")
    return FindingSeen(
        platform=row["Where"].splitlines()[0],
        control=what.split()[0],
        resource=resource,
        severity=row["Severity"],
        status=row["Status"],
        owner=row["Owner"],
        due_on=day_in(row["Due"]),
    )
