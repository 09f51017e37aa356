"""Reviews, evidence and what everybody is shown, by the pages."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from pathlib import Path

from tests.stories.keeper.browser import Browser, NotOffered
from tests.stories.keeper.people import Refused, Somebody
from tests.stories.keeper.seen import Dated, Line, ReviewSeen

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SEVERITIES = ("critical", "high", "medium", "low", "info")
_OUTCOMES = ("fail", "unknown", "manual", "error", "pass", "not applicable")


class Pages:
    """What all who act by the pages have."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser

    def sign_in(self, who: Somebody) -> None:
        self.browser.sit_down(who)

    def messages(self) -> list[str]:
        self.browser.go("Messages", "All")
        return [row["What to do"] for row in self.browser.rows()]

    def calendar(self, month: date) -> list[Dated]:
        self.browser.visit(f"/calendar/?view=list&month={month:%Y-%m}")
        found = []
        on = None
        for line in self.browser.under("Day by day").splitlines():
            day = _DAY.search(line)
            if day and re.match(r"\w{3} \d{4}-", line):
                on = date.fromisoformat(day[0])
            elif on is not None and line.strip():
                found.append(Dated(on, line.strip()))
        return found

    def next_review(self, platform: str) -> date | None:
        self.browser.go("Platforms", platform)
        return day_in(self.browser.facts()["Next review"])

    def have_record_verified(self) -> None:
        self.browser.go("Record")
        self.browser.press("Verify now")

    def record_holds(self) -> bool:
        self.browser.go("Record")
        return "the record holds: " in self.browser.words()


class ReviewingPages(Pages):
    """Reviews and evidence."""

    def have_looked_at(self, platform: str) -> None:
        self.browser.go("Platforms", platform)
        self.browser.press("Look now")

    def open_review(self, platform: str, because: str) -> None:
        self.browser.go("Reviews")
        self.browser.press("Open", Platform=platform, Because=because)

    def reviews(self) -> list[ReviewSeen]:
        self.browser.go("Reviews")
        return [_review(row) for row in self.browser.all_rows("Reviews")]

    def _go_to_review(self, because: str) -> None:
        self.browser.go("Reviews")
        self.browser.follow_in_row("Platform", Because=because)

    def review(self, because: str) -> ReviewSeen:
        self.browser.go("Reviews")
        row = next(row for row in self.browser.rows("Reviews") if because in row["Because"])
        listed = _review(row)
        self.browser.follow_in_row("Platform", Because=because)
        words = self.browser.words()
        signed = re.findall(r"^(\w+) as ([\w ]+), \d{4}", self.browser.under("Signatures"), re.MULTILINE)
        missing = re.search(r"Still to sign: (.+)\.", words)
        shortfall = re.search(r"Not everything could be looked at\. (.+)", words)
        moved = self.browser.rows("Controls that ended otherwise")
        return ReviewSeen(
            **{name: getattr(listed, name) for name in ("platform", "because", "status", "opened_on", "due_on")},
            waiting=listed.waiting,
            lines=listed.lines,
            signatures=tuple(signed),
            missing=tuple(missing[1].split(", ")) if missing else (),
            moved=frozenset(row["Control"].split()[0] for row in moved),
            shortfall=shortfall[1] if shortfall else "",
        )

    def checklist(self, because: str) -> list[Line]:
        self._go_to_review(because)
        return [_line(row) for row in self.browser.all_rows("Lines of the checklist")]

    def answer(self, because: str, lines: Collection[Line], decision: str, why: str, *, seen: str = "") -> None:
        button = {"open": "Open again"}.get(decision, decision.capitalize())
        fields = {"What was decided, and why": why, "What was looked at": seen}
        self._for_lines(because, lines, button, fields)

    def hand_over(self, because: str, lines: Collection[Line], to: Somebody, why: str) -> None:
        self._for_lines(because, lines, "Hand over", {"What was decided, and why": why, "Hand to": to.name})

    def _for_lines(self, because: str, lines: Collection[Line], button: str, fields: dict[str, str]) -> None:
        """Filter to one kind of line at a time, choose those that are meant, and press; until none is left."""
        for kind in sorted({line.kind for line in lines}):
            wanted = {line.name for line in lines if line.kind == kind}
            self._go_to_review(because)
            self.browser.choose_filter(Kind=kind)
            while wanted:
                shown = [_line(row).name for row in self.browser.rows("Lines of the checklist")]
                at = [number for number, name in enumerate(shown) if name in wanted]
                here = self.browser.driver.current_url
                if at and len(at) == len(shown):
                    self.browser.tick_all()
                elif at:
                    self.browser.tick(at)
                if at:
                    self.browser.press(button, **fields)
                    wanted -= set(shown)
                if wanted:
                    self.browser.driver.get(here)
                    self.browser.follow("Next page")

    def leave_out(self, because: str, what: str, why: str) -> None:
        self._go_to_review(because)
        self.browser.press("Save", **{"A line each, as what: why": f"{what}: {why}"})

    def sign(self, because: str, statement: str) -> None:
        self._go_to_review(because)
        if not self.browser.offers("Sign"):
            self.browser.send_anyway(f"{self._here()}sign", decision="sign", reason=statement)
            raise AssertionError("a page that offers no signature took one")
        self.browser.press("Sign", Statement=statement)

    def seal(self, because: str) -> None:
        self._go_to_review(because)
        if not self.browser.offers("Seal"):
            self.browser.send_anyway(f"{self._here()}seal")
            raise AssertionError("a page that offers no seal took one")
        self.browser.press("Seal")

    def _here(self) -> str:
        return self.browser.driver.current_url.removeprefix(self.browser.address).partition("?")[0]

    def seal_holds(self, because: str) -> bool:
        self._go_to_review(because)
        return "The seal holds" in self.browser.words()

    def report(self, because: str, name: str) -> bytes:
        self._go_to_review(because)
        return self.browser.save(f"Save {name}")

    def make_report_again(self, because: str) -> list[str]:
        self._go_to_review(because)
        try:
            told = self.browser.press("Make the report again")
        except NotOffered:
            raise
        except Refused as error:
            return str(error).splitlines()
        assert "byte for byte" in told
        return []

    def hand_in(self, platform: str, kind: str, title: str, file: Path, expires_on: date) -> None:
        self.browser.go("Evidence", "Hand in")
        self.browser.press(
            "Hand in",
            File=str(file),
            Platform=platform,
            Kind=kind,
            What_it_shows=title,
            Expires_on=expires_on.isoformat(),
        )

    def evidence(self) -> list[tuple[str, str, date | None]]:
        self.browser.go("Evidence")
        return [(row["What it shows"], row["Kind"], day_in(row["Expires"])) for row in self.browser.all_rows()]


def day_in(words: str) -> date | None:
    """The first day that the words name."""
    found = _DAY.search(words)
    return date.fromisoformat(found[0]) if found else None


def sure_day_in(words: str) -> date:
    found = day_in(words)
    assert found is not None, words
    return found


def leading(words: str, known: Collection[str]) -> tuple[str, str]:
    """The known word that the text begins with (empty: none), and the rest."""
    for word in known:
        if words == word or words.startswith(f"{word} "):
            return word, words[len(word) :].strip()
    return "", words


def _review(row: dict[str, str]) -> ReviewSeen:
    waiting, _, lines = row["Lines waiting"].partition(" of ")
    return ReviewSeen(
        platform=row["Platform"].partition(", opened ")[0],
        because=row["Because"],
        status=row["Status"],
        opened_on=sure_day_in(row["Opened"]),
        due_on=sure_day_in(row["Due"]),
        waiting=int(waiting),
        lines=int(lines),
    )


def _line(row: dict[str, str]) -> Line:
    _, rest = leading(" ".join(row["Line"].splitlines()[:2]), _SEVERITIES)
    kind, _, title = rest.partition(" ")
    answer, _, last = row["Answer"].partition("Last time")
    who, _, by = row["Who"].partition("\nanswered by ")
    return Line(
        kind=kind,
        title=title,
        outcome=leading(row["Seen"].replace("\n", " "), _OUTCOMES)[0],
        status=row["Status"],
        who=who,
        answer=answer.strip(),
        last_answer=last.strip(),
        answered_by=by.rpartition(",")[0],
    )
