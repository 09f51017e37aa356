"""A run is held against the file of the run before, or against the database: the findings are the same."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from passmuster.application.access import Actor
from passmuster.application.acting import keeper
from passmuster.application.findings.covering import cover_findings
from passmuster.application.findings.finding_work import assign_findings, start_findings
from passmuster.application.findings.last_seen import with_last_seen
from passmuster.application.findings.run_base import base_of, is_to_be_trusted
from passmuster.application.storage.storing import results_folder
from passmuster.evaluate.run import Base
from passmuster.evaluate.run_state import RUN
from passmuster.model.results import ControlResult
from passmuster.records.models import Deviation, Evaluation, Finding, FindingStep, FollowedRun, Ownership, Platform
from tests.application.following import follow, result
from tests.keeping import NOW, actor, make_person, make_platform

pytestmark = pytest.mark.usefixtures("db")
NASTY = ('q"uo,te', "two\nlines\r\n", "back\\slash \\N", " spaces ", "", "Grüße 漢字 \x1f")


class Interrupted(Exception):
    """The process was killed before the transaction ended."""


def day(number: int) -> Actor:
    return keeper(NOW + timedelta(days=number))


@contextmanager
def undone() -> Iterator[None]:
    """What the block does to the database is undone; files stay."""
    with pytest.raises(Interrupted), transaction.atomic():
        yield
        raise Interrupted


def state_of(platform: Platform) -> dict[str, dict[str, Any]]:
    """Every column of every finding, by control and resource; keys of other tables are said to be there or not."""
    skipped = ("id", "platform_id", "last_seen_at", "deviation_id")
    rows = with_last_seen(Finding.objects.filter(platform=platform))
    return {
        f"{row.control}/{row.resource_id}": {
            **{name: value for name, value in vars(row).items() if name not in skipped and not name.startswith("_")},
            "is_excepted": row.deviation_id is not None,
        }
        for row in rows
    }


def history_of(platform: Platform) -> list[tuple[str, str, str]]:
    steps = FindingStep.objects.filter(finding__platform=platform).select_related("finding")
    return sorted((s.finding.fingerprint + str(s.at), s.what, re.sub(r"deviation \d+", "it", s.why)) for s in steps)


@dataclass
class Plain:
    """What a dictionary makes of the same looks."""

    status: dict[str, str] = field(default_factory=dict)
    back: dict[str, int] = field(default_factory=dict)
    seen: dict[str, datetime] = field(default_factory=dict)

    def look(self, results: list[ControlResult], now: datetime) -> None:
        for each in results:
            names = {violation.id for violation in each.violations}
            for name in names:
                key = f"{each.control}/{name}"
                self.back[key] = self.back.get(key, 0) + (self.status.get(key) == "closed")
                self.status[key], self.seen[key] = "open", now
            can_tell = each.outcome in ("pass", "not_applicable") or (
                each.outcome == "fail" and not each.unknown_resources
            )
            for key in self.status:
                if can_tell and key.startswith(f"{each.control}/") and key[2:] not in names:
                    self.status[key] = "closed"


def looked(dice: random.Random) -> list[ControlResult]:
    results = []
    for control in "ABC":
        outcome = dice.choice(["fail", "fail", "fail", "pass", "unknown", "manual", "not_applicable"])
        found = {name: dice.choice(NASTY) for name in "stuvw" if dice.random() < 0.6} if outcome == "fail" else {}
        unknown = dice.choice([0, 0, 1]) if outcome == "fail" else 0
        severity = dice.choice(["high", "high", "low"])
        if outcome != "fail" or found:
            results.append(result(control, outcome, found, unknown=unknown, severity=severity))
    return results


def from_file(platform: Platform) -> Base | None:
    """Whatever the keeper itself chooses."""
    return None


def from_database(platform: Platform) -> Base | None:
    FollowedRun.objects.filter(platform=platform).delete()
    return None


def from_elsewhere(platform: Platform) -> Base | None:
    """Of a state that is no longer: another run was followed meanwhile."""
    return Base("another state")


WAYS: dict[str, Callable[[Platform], Base | None]] = {
    "file": from_file,
    "database": from_database,
    "elsewhere": from_elsewhere,
}


class Meanwhile:
    """What happens to a platform between two looks; the same dice do the same to each."""

    def __init__(self) -> None:
        self.rita = make_person("rita", "remediation_owner")
        self.bea = make_person("bea", "approver")

    def happen(self, platform: Platform, dice: random.Random, now: datetime) -> None:
        chance = dice.random()
        names = sorted(
            Finding.objects.filter(platform=platform).exclude(status="closed").values_list("control", "resource_id")
        )
        control, resource = dice.choice(names) if names else ("A", "s")
        if chance < 0.25:
            self._except(platform, control, resource, now)
        elif chance < 0.35:
            Deviation.objects.filter(platform=platform).update(status="withdrawn")
            cover_findings(keeper(now), platform)
        elif chance < 0.5:
            Ownership.objects.update_or_create(
                platform=platform,
                scope_kind="app",
                scope_id=resource,
                defaults={"owner": dice.choice([self.rita, self.bea])},
            )
        elif chance < 0.6:
            Platform.objects.filter(pk=platform.pk).update(tier=dice.choice(["low", "high", "middle"]))
            platform.refresh_from_db()
        elif chance < 0.8 and names:
            (chosen,) = Finding.objects.filter(platform=platform, control=control, resource_id=resource).values_list(
                "pk", flat=True
            )
            start_findings(actor(self.rita, now=now), [chosen], why="this week")
            assign_findings(actor(self.rita, now=now), [chosen], self.bea, why="knows it")

    def _except(self, platform: Platform, control: str, resource: str, now: datetime) -> None:
        people = {"owner": self.rita, "requested_by": self.rita, "decided_by": self.bea}
        times = {
            "requested_at": now,
            "decided_at": now,
            "first_granted_at": now,
            "ends_on": now.date() + timedelta(days=2),
        }
        Deviation.objects.create(
            platform=platform, control=control, resource_id=resource, reason="x", status="approved", **people, **times
        )
        cover_findings(keeper(now), platform)


def damaged(platform: Platform, dice: random.Random) -> None:
    """The file of the run followed last is gone, or another's, or was cut."""
    followed = FollowedRun.objects.filter(platform=platform).select_related("evaluation").first()
    if followed is None:
        return
    file = results_folder(followed.evaluation) / RUN
    others = sorted(
        results_folder(each) / RUN
        for each in Evaluation.objects.filter(collection__platform=platform)
        if each != followed.evaluation
    )
    chance = dice.random()
    if chance < 0.4 or not others:
        file.unlink(missing_ok=True)
    elif chance < 0.7 and dice.choice(others).is_file():
        file.write_bytes(others[0].read_bytes() if others[0].is_file() else b"")
    else:
        file.write_bytes(file.read_bytes()[:100] if file.is_file() else b"")


@pytest.mark.parametrize("seed", range(4))
def test_whatever_a_run_is_held_against_the_findings_are_the_same(seed: int) -> None:
    """Random looks, decisions of people, interruptions, restored backups and damaged files, followed three ways."""
    platforms = {name: make_platform(name.title()) for name in WAYS}
    meanwhile, plain = Meanwhile(), Plain()
    dice = random.Random(seed)
    for number in range(10):
        results, lost, luck = looked(dice), looked(dice), dice.random()
        plain.look(results, day(number).now)
        for name, platform in platforms.items():
            same = random.Random(f"{seed}/{number}")
            with transaction.atomic():
                meanwhile.happen(platform, same, day(number).now)
            if name == "file" and luck < 0.2:
                damaged(platform, same)
            if luck > 0.6:
                # Killed before the end, or a backup restored that is older than these files.
                with undone():
                    follow(day(number), platform, lost, base=WAYS[name](platform))
                    follow(day(number), platform, results, base=WAYS[name](platform))
            follow(day(number), platform, results, base=WAYS[name](platform))
        states = {name: state_of(platform) for name, platform in platforms.items()}
        assert states["file"] == states["database"] == states["elsewhere"], number
        told = {key: ("closed" if row["status"] == "closed" else "open") for key, row in states["file"].items()}
        assert told == plain.status, number
        assert {key: row["reopened_count"] for key, row in states["file"].items()} == plain.back
        assert {key: row["seen_at"] for key, row in states["file"].items()} == plain.seen, number
    assert history_of(platforms["file"]) == history_of(platforms["database"]) == history_of(platforms["elsewhere"])


def chosen_base(platform: Platform) -> Path | None:
    with base_of(platform) as base:
        return base.file


def test_the_file_is_used_where_it_is_the_one_that_was_followed_and_nowhere_else() -> None:
    platform = make_platform()
    assert chosen_base(platform) is None
    first = follow(day(0), platform, [result("A", "fail", {"x": "", "y": ""})])
    file = results_folder(first) / RUN
    assert chosen_base(platform) == file
    with undone():
        follow(day(1), platform, [result("A", "fail", {"x": ""})])
    assert chosen_base(platform) == file
    kept = file.read_bytes()
    file.write_bytes(kept[:-1] + b"?")
    assert chosen_base(platform) != file
    file.unlink()
    assert chosen_base(platform) != file
    file.write_bytes(kept)
    assert chosen_base(platform) == file
    # Whoever writes past the use cases is noticed, too.
    Finding.objects.filter(resource_id="x").delete()
    assert not is_to_be_trusted(FollowedRun.objects.get())


def test_a_run_that_finds_the_same_again_writes_no_finding() -> None:
    platform = make_platform()
    same = [result("A", "fail", dict.fromkeys("uvwxyz", ""))]
    follow(day(0), platform, same)
    before = list(Finding.objects.extra(select={"v": "xmin::text"}).values_list("pk", "v"))
    follow(day(1), platform, same)
    assert list(Finding.objects.extra(select={"v": "xmin::text"}).values_list("pk", "v")) == before
    assert {row.seen_at for row in with_last_seen(Finding.objects.all())} == {day(1).now}


def test_a_changed_policy_or_owner_reaches_findings_that_did_not_change() -> None:
    platform = make_platform(tier="low")
    same = [result("A", "fail", {"x": "", "y": ""})]
    follow(day(0), platform, same)
    before = Finding.objects.get(resource_id="x")
    platform.tier = "high"
    platform.save()
    Ownership.objects.create(platform=platform, scope_kind="app", scope_id="x", owner=make_person("ada"))
    follow(day(1), platform, same)
    after = Finding.objects.get(resource_id="x")
    assert before.due_on is not None
    assert after.due_on is not None
    assert (str(after.owner), after.due_on < before.due_on, after.priority > before.priority) == ("Ada", True, True)
