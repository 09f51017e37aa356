"""Plans, changes and vulnerabilities, by the pages."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from tests.stories.keeper.browser import Browser
from tests.stories.keeper.patching_seen import GATES, ChangeSeen, GateSeen, PlanSeen, Statement, VulnerabilitySeen
from tests.stories.keeper.people import Refused
from tests.stories.keeper.reviewing_pages import ReviewingPages, day_in, leading

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}")
_STATUS = re.compile(r"^(planned|approved|deployed|verified|failed|rolled back|regressed|cancelled)\b", re.M | re.I)
# What the words of a step are called, and where its form leads, for those to whom the page does not offer it.
_STEPS = {
    "Ask for approval": ("Note", "work/request-approval/"),
    "Approve": ("Note", "decide/approve/"),
    "Deployed": ("Note", "work/deploy/"),
    "Failed": ("Why", "work/fail/"),
    "Rolled back": ("Why", "work/roll-back/"),
    "Plan again": ("Why", "work/replan/"),
}
_TIMES = {
    "taken_at": "Taken at (UTC)",
    "restore_tested_at": "Last restore that worked, at (UTC)",
    "told_at": "Told at (UTC)",
}
# How a moment is typed depends on the machine's language.
_SET = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('change', {bubbles: true}));"
# Each gate: its heading, and what stands under it.
_GATES = """
return Array.from(document.querySelectorAll("main li h3"), (head) => [head.innerText,
  Array.from(head.parentElement.querySelectorAll(":scope > p"), (part) => part.innerText)]);
"""


class PatchingPages(ReviewingPages):
    """What people do with patches."""

    def __init__(self, browser: Browser) -> None:
        super().__init__(browser)
        # Pages of changes that were found once are kept as bookmarks.
        self._bookmarks: dict[str, str] = {}

    def make_plan(self) -> None:
        self.browser.go("Patches")
        self.browser.press("Make a plan")

    def proposed_plan(self) -> PlanSeen | None:
        self.browser.go("Patches")
        found = re.search(r"Plan (\d+), revision \d+", self.browser.under("Proposed"))
        if found is None:
            return None
        self.browser.go(found[0])
        made = re.search(r"UTC by (.+?)\. Deadlines by ", self.browser.words())
        assert made is not None
        rows = self.browser.rows("jobs have a place")
        return PlanSeen(int(found[1]), made[1], frozenset(row["Environment"] for row in rows))

    def adopt_plan(self, plan: PlanSeen) -> None:
        self.browser.go("Patches", f"Plan {plan.number}, revision")
        if not self.browser.offers("Adopt this plan"):
            self.browser.send_anyway(f"/plans/{plan.number}/adopt/")
            raise AssertionError("a plan was adopted that the page does not offer")
        self.browser.press("Adopt this plan")

    def changes(self) -> dict[str, str]:
        self.browser.go("Patches", "Changes")
        self.browser.choose_filter(State="All")
        return {row["Where"].rpartition(", ")[2]: row["State"] for row in self.browser.all_rows()}

    def _go_to_change(self, where: str) -> None:
        if where not in self._bookmarks:
            self.browser.go("Patches", "Changes")
            self.browser.follow_in_row("Change", Where=where)
            self._bookmarks[where] = self._here()
        self.browser.visit(self._bookmarks[where])

    def _here(self) -> str:
        return str(self.browser.driver.current_url).removeprefix(self.browser.address)

    def change(self, where: str) -> ChangeSeen:
        self._go_to_change(where)
        facts, (times,) = self.browser.facts(), self.browser.rows()
        status = _STATUS.search(self.browser.words())
        assert status is not None
        notes = self.browser.driver.find_elements("xpath", "//main/div[contains(@class, 'alert-info')]")
        return ChangeSeen(
            title=self.browser.heading(),
            status=status[0].lower(),
            due_at=_moment(facts["Due (UTC)"]),
            begins_at=_moment(facts["Window (UTC)"]),
            attempt=int(facts["Attempt"]),
            note=notes[0].text if notes else "",
            learned_at=_moment(times["Learned here"]),
            deployed_at=_moment(times["Deployed"]),
            verified_at=_moment(times["Verified"]),
            verified=facts.get("Verified", ""),
            gates=dict(_gate(*each) for each in self.browser.driver.execute_script(_GATES)),
        )

    def state_gate(self, where: str, gate: str, said: Statement) -> None:
        self._go_to_change(where)
        place = self.browser.driver.find_element(
            "xpath", f"//main//li[./h3[starts-with(normalize-space(.), '{gate}')]]//form"
        )
        fields = {
            "How you know": said.how,
            "Result": said.result.replace("_", " "),
            "Who would carry it out": said.owner,
            "Evidence": said.evidence,
        }
        for label, words in fields.items():
            if words:
                self.browser._fill(place, label, words)
        for name, label in _TIMES.items():
            moment = getattr(said, name)
            if moment is not None:
                field = place.find_element("xpath", f".//label[starts-with(normalize-space(.), '{label}')]/..//input")
                self.browser.driver.execute_script(_SET, field, f"{moment:%Y-%m-%dT%H:%M}")
        self.browser._leave(place.find_element("tag name", "button"))
        self._raise_refusal()

    def _raise_refusal(self) -> None:
        alerts = self.browser.driver.find_elements("xpath", "//main/*[@role = 'status']/*[contains(@class, 'danger')]")
        if alerts or self.browser.heading() == "Not allowed":
            raise Refused("\n".join(each.text for each in alerts) or self.browser.words())

    def take_step(self, where: str, step: str, why: str) -> None:
        label, path = _STEPS[step]
        self._go_to_change(where)
        if not self.browser.offers(step):
            self.browser.send_anyway(f"{self._here()}{path}", note=why)
            self._raise_refusal()
            raise AssertionError(f"{step!r} was done though the page does not offer it")
        self.browser.press(step, **{label: why})

    def verify_by_test(self, where: str, what: str) -> None:
        self._go_to_change(where)
        self.browser.press("Verified", How_it_was_verified="A test of how it behaves", Why=what)

    def vulnerabilities(self) -> list[VulnerabilitySeen]:
        self.browser.go("Vulnerabilities")
        return [
            VulnerabilitySeen(
                advisory=row["Advisory"].split()[0],
                platform=row["Where"].partition(":")[0],
                is_exploited="exploited" in row["Advisory"].lower(),
                due_on=day_in(row["Due"]),
                change=row["Change"].partition(":")[0].strip(),
            )
            for row in self.browser.all_rows()
        ]

    def days_to_patch(self, platform: str) -> float | None:
        self.browser.go("Patches")
        rows = self.browser.rows("from learning of a vulnerability to a verified patch")
        median = next((row["Median, days"] for row in rows if row["Platform"] == platform), "none yet")
        return None if median == "none yet" else float(median)


def _moment(words: str) -> datetime | None:
    """The first moment that the words name."""
    found = _MOMENT.search(words)
    return datetime.strptime(found[0], "%Y-%m-%d %H:%M").replace(tzinfo=UTC) if found else None


def _gate(heading: str, parts: list[str]) -> tuple[str, GateSeen]:
    title, status = leading(heading, tuple(GATES.values()))
    words = parts[0].removesuffix(".")
    has_evidence = any(part.startswith("Evidence ") for part in parts)
    return title, GateSeen(status.lower(), words[:1].lower() + words[1:], has_evidence)
