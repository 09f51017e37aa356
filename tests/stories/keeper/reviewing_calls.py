"""Reviews, evidence and what everybody is shown, by the API."""

from __future__ import annotations

import calendar
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.stories.keeper.people import Somebody
from tests.stories.keeper.program import Program
from tests.stories.keeper.seen import Dated, Line, ReviewSeen


class Calls:
    """What all who act by the API have."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def sign_in(self, who: Somebody) -> None:
        self.program.use(who)

    def messages(self) -> list[str]:
        return [each["text"] for each in self.program.all("/messages")]

    def calendar(self, month: date) -> list[Dated]:
        start = datetime(month.year, month.month, 1, tzinfo=UTC)
        end = start + timedelta(days=calendar.monthrange(month.year, month.month)[1])
        told = self.program.get("/calendar", start=start.isoformat(), end=end.isoformat())
        return [Dated(day_of(each["start"]), each["title"]) for each in told["entries"]]

    def next_review(self, platform: str) -> date | None:
        return maybe_day(self.program.get(f"/platforms/{self.slug(platform)}")["next_review_on"])

    def have_record_verified(self) -> None:
        self.program.post("/record/verify")

    def record_holds(self) -> bool:
        done = [each for each in self.program.all("/work") if each["kind"] == "verify" and each["state"] == "done"]
        return bool(max(done, key=lambda each: int(each["id"]))["result"]["holds"])

    def slug(self, platform: str) -> str:
        """A platform's short name, by its name."""
        return str(next(each["slug"] for each in self.program.all("/platforms") if each["name"] == platform))

    def platforms(self) -> dict[str, str]:
        """Names by short name."""
        return {each["slug"]: each["name"] for each in self.program.all("/platforms")}

    def names(self) -> dict[str | None, str]:
        """Colleagues' names by address; nobody has none."""
        return {None: "nobody", **{each["email"]: each["name"] for each in self.program.all("/colleagues")}}

    def colleague(self, who: Somebody) -> int:
        return int(next(each["id"] for each in self.program.all("/colleagues") if each["email"] == who.email))


class ReviewingCalls(Calls):
    """Reviews and evidence."""

    def have_looked_at(self, platform: str) -> None:
        self.program.post(f"/platforms/{self.slug(platform)}/collect")

    def open_review(self, platform: str, because: str) -> None:
        self.program.post(f"/platforms/{self.slug(platform)}/reviews", occurrence=because, because=because)

    def reviews(self) -> list[ReviewSeen]:
        names = self.platforms()
        rows = sorted(self.program.all("/reviews"), key=lambda row: -row["id"])
        return [self._seen(row, names) for row in rows]

    def _seen(self, row: dict[str, Any], names: dict[str, str], **more: Any) -> ReviewSeen:
        lines = self.program.get(f"/reviews/{row['id']}")["lines"]
        return ReviewSeen(
            platform=names[row["platform"]],
            because=row["because"],
            status=row["status"],
            opened_on=day_of(row["opened_at"]),
            due_on=date.fromisoformat(row["due_on"]),
            waiting=lines["open"],
            lines=sum(lines.values()),
            **more,
        )

    def _find_review(self, because: str) -> dict[str, Any]:
        rows = [row for row in self.program.all("/reviews") if because in row["because"]]
        return max(rows, key=lambda row: int(row["id"]))

    def review(self, because: str) -> ReviewSeen:
        row = self._find_review(because)
        told, names = self.program.get(f"/reviews/{row['id']}"), self.names()
        return self._seen(
            row,
            self.platforms(),
            signatures=tuple((names[each["person"]], words(each["role"])) for each in told["signatures"]),
            missing=tuple(words(role) for role in told["missing"]),
            moved=frozenset(each["control"] for each in told["review"]["changes"].get("controls", [])),
            shortfall=told["review"]["shortfall"],
        )

    def checklist(self, because: str) -> list[Line]:
        names = self.names()
        return [_line(row, names) for row in self._items(because)]

    def _items(self, because: str) -> list[dict[str, Any]]:
        return self.program.all(f"/reviews/{self._find_review(because)['id']}/items")

    def answer(self, because: str, lines: Collection[Line], decision: str, why: str, *, seen: str = "") -> None:
        decision = decision.replace(" ", "_")
        says = decision if decision in ("met", "not_met", "not_applicable") else ""
        status = decision if decision in ("open", "not_applicable") else "done"
        self.program.post(
            f"/reviews/{self._find_review(because)['id']}/answers",
            items=self._chosen(because, lines),
            answer=why,
            seen=seen,
            says=says,
            status=status,
        )

    def _chosen(self, because: str, lines: Collection[Line]) -> list[int]:
        wanted = {line.name for line in lines}
        chosen = [row["id"] for row in self._items(because) if (row["kind"], row["title"]) in wanted]
        assert len(chosen) == len(wanted)
        return chosen

    def hand_over(self, because: str, lines: Collection[Line], to: Somebody, why: str) -> None:
        path = f"/reviews/{self._find_review(because)['id']}/assignments"
        self.program.post(path, items=self._chosen(because, lines), person=self.colleague(to), why=why)

    def leave_out(self, because: str, what: str, why: str) -> None:
        self.program.put(f"/reviews/{self._find_review(because)['id']}/scope", out=[{"what": what, "why": why}])

    def sign(self, because: str, statement: str) -> None:
        self.program.post(f"/reviews/{self._find_review(because)['id']}/sign", statement=statement)

    def seal(self, because: str) -> None:
        self.program.post(f"/reviews/{self._find_review(because)['id']}/seal")

    def seal_holds(self, because: str) -> bool:
        return bool(self.program.get(f"/reviews/{self._find_review(because)['id']}/seal")["holds"])

    def report(self, because: str, name: str) -> bytes:
        return self.program.save(f"/reviews/{self._find_review(because)['id']}/report/{name}")

    def make_report_again(self, because: str) -> list[str]:
        told = self.program.get(f"/reviews/{self._find_review(because)['id']}/reproduction")
        assert told["holds"] == (not told["complaints"])
        return list(told["complaints"])

    def hand_in(self, platform: str, kind: str, title: str, file: Path, expires_on: date) -> None:
        fields = {
            "platform": self.slug(platform),
            "kind": kind.replace(" ", "_"),
            "title": title,
            "expires_on": expires_on.isoformat(),
        }
        self.program.send("/evidence", fields, (file.name, file.read_bytes()))

    def evidence(self) -> list[tuple[str, str, date | None]]:
        rows = self.program.all("/evidence")
        return [(row["title"], words(row["kind"]), maybe_day(row["expires_on"])) for row in rows]


def words(value: str) -> str:
    """A word of a closed list as people read it."""
    return value.replace("_", " ")


def day_of(instant: str) -> date:
    """The day in UTC."""
    return datetime.fromisoformat(instant.replace("Z", "+00:00")).astimezone(UTC).date()


def maybe_day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _line(row: dict[str, Any], names: dict[str | None, str]) -> Line:
    return Line(
        kind=row["kind"],
        title=row["title"],
        outcome=words(row["outcome"]),
        status=words(row["status"]),
        who=names[row["assignee"]],
        answer=row["answer"],
        last_answer=row["last_answer"],
        answered_by=names[row["done_by"]] if row["done_by"] else "",
    )
