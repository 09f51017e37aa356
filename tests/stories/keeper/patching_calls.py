"""Plans, changes and vulnerabilities, by the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.stories.keeper.patching_seen import GATES, ChangeSeen, GateSeen, PlanSeen, Statement, VulnerabilitySeen
from tests.stories.keeper.reviewing_calls import ReviewingCalls, maybe_day, words

_STEPS = {
    "Deployed": ("deployed", "note"),
    "Failed": ("failed", "why"),
    "Rolled back": ("rolled-back", "why"),
    "Plan again": ("replan", "why"),
    "Ask for approval": ("request-approval", "note"),
    "Approve": ("approve", "note"),
}
_VERIFIED = {"version": "by version", "behaviour_test": "by a test", "": ""}


class PatchingCalls(ReviewingCalls):
    """What people do with patches."""

    def make_plan(self) -> None:
        self.program.post("/plans")

    def proposed_plan(self) -> PlanSeen | None:
        rows = sorted(self.program.all("/plans"), key=lambda row: -row["id"])
        if not rows or rows[0]["adopted_at"]:
            return None
        told = self.program.get(f"/plans/{rows[0]['id']}")
        jobs = {job["id"]: job for job in told["problem"]["jobs"]}
        places = frozenset(jobs[each["job"]]["environment"] for each in told["plan"]["placements"])
        return PlanSeen(told["id"], self.names()[told["made_by"]] if told["made_by"] else "the schedule", places)

    def adopt_plan(self, plan: PlanSeen) -> None:
        self.program.post(f"/plans/{plan.number}/adopt")

    def changes(self) -> dict[str, str]:
        return {row["environment"]: words(row["status"]) for row in self.program.all("/changes")}

    def _find_change(self, where: str) -> int:
        rows = [row for row in self.program.all("/changes") if row["environment"] == where]
        return max(int(row["id"]) for row in rows)

    def change(self, where: str) -> ChangeSeen:
        told = self.program.get(f"/changes/{self._find_change(where)}")
        return _seen(told["change"], told["gates"])

    def state_gate(self, where: str, gate: str, said: Statement) -> None:
        kind = next(kind for kind, title in GATES.items() if title == gate)
        facts = {name: getattr(said, name) for name in ("result", "owner")}
        facts |= {
            name: moment.isoformat()
            for name in ("taken_at", "restore_tested_at", "told_at")
            if (moment := getattr(said, name)) is not None
        }
        about: dict[str, Any] = {"facts": {name: fact for name, fact in facts.items() if fact}}
        if said.evidence:
            rows = self.program.all("/evidence")
            about["evidence"] = next(row["id"] for row in rows if row["title"] == said.evidence)
        self.program.put(f"/changes/{self._find_change(where)}/gates/{kind}", note=said.how, **about)

    def take_step(self, where: str, step: str, why: str) -> None:
        path, name = _STEPS[step]
        self.program.post(f"/changes/{self._find_change(where)}/{path}", **{name: why})

    def verify_by_test(self, where: str, what: str) -> None:
        self.program.post(f"/changes/{self._find_change(where)}/verified", by="behaviour_test", note=what)

    def vulnerabilities(self) -> list[VulnerabilitySeen]:
        names = self.platforms()
        return [
            VulnerabilitySeen(
                advisory=each["advisory"],
                platform=names[each["platform"]],
                is_exploited=each["is_exploited"],
                due_on=maybe_day((each["due_at"] or "")[:10]),
                change=self._change_for(each),
            )
            for each in self.program.all("/vulnerabilities")
        ]

    def _change_for(self, row: dict[str, Any]) -> str:
        """What has become of the change nearest to people."""
        found = self.program.all("/changes", platform=row["platform"], advisory=row["advisory"])
        return next((words(each["status"]) for each in found if each["environment"] == "production"), "none yet")

    def days_to_patch(self, platform: str) -> float | None:
        slug_or_name = {platform, self.slug(platform)}
        (row,) = [row for row in self.program.get("/measures/patches") if row["platform"] in slug_or_name] or ({},)
        days = row.get("median_days")
        return None if days is None else round(days, 1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)


def maybe_at(text: str | None) -> datetime | None:
    """To the minute, as pages show it."""
    return at(text).replace(second=0, microsecond=0) if text else None


def _seen(row: dict[str, Any], gates: list[dict[str, Any]]) -> ChangeSeen:
    return ChangeSeen(
        title=row["title"],
        status=words(row["status"]),
        due_at=maybe_at(row["due_at"]),
        begins_at=maybe_at(row["window_start_at"]),
        attempt=row["attempt"],
        note=row["outcome_note"],
        learned_at=maybe_at(row["learned_at"]),
        deployed_at=maybe_at(row["deployed_at"]),
        verified_at=maybe_at(row["verified_at"]),
        verified=f"{_VERIFIED[row['verified_by']]} {row['verified_note']}".strip(),
        gates={
            GATES[gate["kind"]]: GateSeen(gate["status"], gate["finding"], bool(gate["evidence"])) for gate in gates
        },
    )
