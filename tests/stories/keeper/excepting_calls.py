"""Findings and exceptions, by the API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from tests.stories.keeper.reviewing_calls import Calls, day_of, maybe_day, words
from tests.stories.keeper.seen import ExceptionSeen, FindingInFull, FindingSeen


class ExceptingCalls(Calls):
    """Findings and exceptions."""

    def _finding_rows(self, platform: str, status: str | None = None) -> list[dict[str, Any]]:
        status = status.replace(" ", "_") if status else None
        return self.program.all("/findings", platform=self.slug(platform), status=status)

    def findings(self, platform: str, status: str) -> list[FindingSeen]:
        names = self.names()
        return [_finding(row, platform, names) for row in self._finding_rows(platform, status)]

    def _find_finding(self, seen: FindingSeen) -> dict[str, Any]:
        names = self.names()
        found = [
            row for row in self._finding_rows(seen.platform) if _finding(row, seen.platform, names).name == seen.name
        ]
        assert len(found) == 1, seen.name
        return found[0]

    def finding(self, seen: FindingSeen) -> FindingInFull:
        told = self.program.get(f"/findings/{self._find_finding(seen)['id']}")
        row = told["finding"]
        return FindingInFull(
            status=words(row["status"]),
            owner=self.names()[row["owner"]],
            due_on=maybe_day(row["due_on"]),
            first_seen_on=day_of(row["first_seen_at"]),
            age_from=day_of(row["age_from"]),
            steps=tuple((words(step["what"]), step["by"], step["why"]) for step in told["steps"]),
        )

    def take_on(self, findings: Sequence[FindingSeen], why: str) -> None:
        names, wanted = self.names(), {each.name for each in findings}
        platform = findings[0].platform
        rows = self._finding_rows(platform, findings[0].status)
        chosen = [row["id"] for row in rows if _finding(row, platform, names).name in wanted]
        self.program.post("/findings/start", findings=chosen, why=why)

    def ask_for_exception(self, finding: FindingSeen, why: str, last_day: date) -> None:
        row = self._find_finding(finding)
        self.program.post(
            "/deviations",
            control=row["control"],
            platform=row["platform"],
            resource_id=row["resource_id"],
            owner=self.program.get("/me")["person"]["id"],
            reason=why,
            ends_on=last_day.isoformat(),
        )

    def exceptions(self) -> list[ExceptionSeen]:
        names = self.names()
        rows = sorted(self.program.all("/deviations"), key=lambda row: (row["ends_on"], row["id"]))
        return [_exception(row, names) for row in rows]

    def decide_exception(self, control: str, *, is_approved: bool, why: str) -> None:
        path = f"/deviations/{self._newest(control)}/decide"
        self.program.post(path, is_approved=is_approved, reason=why)

    def renew_exception(self, control: str, why: str, last_day: date) -> None:
        path = f"/deviations/{self._newest(control)}/renew"
        self.program.post(path, reason=why, ends_on=last_day.isoformat())

    def _newest(self, control: str) -> int:
        found = self.program.all("/deviations", control=control)
        return max(int(row["id"]) for row in found)


def _finding(row: dict[str, Any], platform: str, names: dict[str | None, str]) -> FindingSeen:
    return FindingSeen(
        platform=platform,
        control=row["control"],
        resource=row["resource_name"] or row["resource_id"],
        severity=row["severity"],
        status=words(row["status"]),
        owner=names[row["owner"]],
        due_on=maybe_day(row["due_on"]),
    )


def _exception(row: dict[str, Any], names: dict[str | None, str]) -> ExceptionSeen:
    return ExceptionSeen(
        control=row["control"],
        status=row["status"],
        ends_on=date.fromisoformat(row["ends_on"]),
        reason=row["reason"],
        owner=names[row["owner"]],
        asked_by=names[row["requested_by"]],
        decided_by=names[row["decided_by"]] if row["decided_by"] else "",
        first_granted_on=day_of(row["first_granted_at"]) if row["first_granted_at"] else None,
    )
