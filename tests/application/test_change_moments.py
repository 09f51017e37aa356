"""When a change may be carried out, and that nothing passes over it but the emergency path."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from passmuster.application.changes.adopting import adopt_plan
from passmuster.application.changes.approving import (
    approve_change,
    record_external_approval,
    request_approval,
    use_emergency_path,
)
from passmuster.application.changes.change_moments import judge_moment, moment_of
from passmuster.application.changes.changes import record_deployment, record_failure, replan_change
from passmuster.application.changes.checking_changes import check_changes
from passmuster.application.changes.planning import propose_plan
from passmuster.errors import NotReady, UsageError
from passmuster.model.keeping import GateKind, GateStatus
from passmuster.model.schedule import Span
from passmuster.pipeline.environment_times import EnvironmentTimes
from passmuster.records.models import AuditEvent, Change
from tests.application.house import BEGIN, NEW, House, house

__all__ = ["house"]

FREEZE = {"name": "year end", "start": "2026-06-15T00:00:00Z", "end": "2026-07-14T22:00:00Z"}


def _hours(first: float, last: float) -> Span:
    return Span(BEGIN + timedelta(hours=first), BEGIN + timedelta(hours=last))


@pytest.mark.parametrize(
    ("at", "own", "windows", "freezes", "is_open", "words"),
    [
        (5, (4, 6), [], [], True, "in its window"),
        (3, (4, 6), [], [], False, "has not begun"),
        (3, (4, 6), [], [(5, 24)], False, "touches a freeze until 2026-06-16 08:00 UTC; a new plan gives it another"),
        (7, (4, 6), [], [], False, "is over"),
        (6.05, (4, 6), [], [], True, "in its window"),
        (5, (4, 6), [(28, 30)], [(0, 24)], False, "in a freeze until 2026-06-16 08:00 UTC; the next free window is"),
        (5, None, [(4, 6)], [], True, "in the window from"),
        (7, None, [(4, 6), (28, 30), (52, 54)], [(25, 29)], False, "in no window; the next free window is 2026-06-17"),
        (7, None, [], [], True, "no window is named"),
    ],
)
def test_a_moment_is_right_inside_a_window_and_outside_of_freezes(
    at: float,
    own: tuple[float, float] | None,
    windows: list[tuple[float, float]],
    freezes: list[tuple[float, float]],
    is_open: bool,
    words: str,
) -> None:
    times = EnvironmentTimes([_hours(*each) for each in windows], [_hours(*each) for each in freezes])
    moment = judge_moment(BEGIN + timedelta(hours=at), _hours(*own) if own else None, times)
    assert moment.is_open is is_open
    assert words in moment.words


def _approved(house: House, hours: float) -> Change:
    """Production with nothing in its way but its window, which begins at hour 36; as of `hours`."""
    house.adopted()
    production = house.change(house.production)
    production.gates.exclude(kind=GateKind.APPROVAL).delete()
    request_approval(house.at("remi", hours), production)
    approve_change(house.at("anna", hours), production)
    return production


def test_what_holds_all_gates_is_not_deployed_before_or_after_its_window(house: House) -> None:
    production = _approved(house, 14)
    assert production.window_start_at == BEGIN + timedelta(hours=36)
    for hours, words in ((14.5, "has not begun"), (80, "is over")):
        with pytest.raises(NotReady, match=f"not deployed yet: window: .*{words}"):
            record_deployment(house.at("remi", hours), production)
    record_deployment(house.at("remi", 80), production, at=BEGIN + timedelta(hours=37))
    assert (production.status, production.outside_window) == ("deployed", "")


def test_in_a_freeze_only_the_emergency_path_deploys_and_the_change_says_so_for_good(house: House) -> None:
    production = _approved(house, 14)
    house.production.freezes = [FREEZE]
    house.production.save()
    with pytest.raises(NotReady, match="in a freeze until 2026-07-14 22:00 UTC; the next free window is 2026-07-15"):
        record_deployment(house.at("remi", 36.5), production)
    use_emergency_path(house.at("olga", 36.5), production, why="attackers are in")
    record_deployment(house.at("remi", 36.6), production)
    assert "in a freeze" in production.outside_window
    told = AuditEvent.objects.get(action="record_deployment").after
    assert "in a freeze" in told["outside_window"]


def test_a_freeze_named_after_the_plan_is_told_before_the_window_comes(house: House) -> None:
    house.adopted()
    production = house.change(house.production)

    def told(hours: float) -> list[tuple[str, str]]:
        found = [each for each in check_changes(house.keeper(hours)) if each.kind == "change_window_frozen"]
        return [(each.key, each.text) for each in found if each.link == f"/changes/{production.pk}"]

    assert told(1) == []
    house.production.freezes = [FREEZE]
    house.production.save()
    ((key, text),) = told(2)
    assert "its window touches a freeze until 2026-07-14 22:00 UTC. Make a plan anew" in text
    assert [each for each, _ in told(3)] == [key]
    adopt_plan(house.at("olga", 4), propose_plan(house.at("remi", 4), [house.platform]))
    assert told(4) == []
    assert house.change(house.production).window_start_at != production.window_start_at


def test_an_emergency_of_an_earlier_try_passes_over_no_window_of_the_next(house: House) -> None:
    production = _approved(house, 1)
    use_emergency_path(house.at("olga", 2), production, why="attackers are in")
    record_deployment(house.at("remi", 3), production)
    record_failure(house.at("remi", 4), production, why="it does not start")
    replan_change(house.at("remi", 5), production, why="mended")
    production.gates.all().delete()
    with pytest.raises(NotReady, match="in no window; the next free window is 2026-06-15 20:00 UTC"):
        record_deployment(house.at("remi", 6), production)


def test_where_nobody_works_a_change_is_carried_out_at_any_moment(house: House) -> None:
    house.adopted()
    staging = house.change(house.staging)
    assert moment_of(staging, BEGIN).is_open


def test_a_window_that_has_passed_is_approved_by_nobody(house: House) -> None:
    house.adopted()
    production = house.change(house.production)
    with pytest.raises(NotReady, match="its window was over at 2026-06-16 22:00 UTC; a new plan"):
        approve_change(house.at("anna", 24 * 30), production)
    with pytest.raises(NotReady, match="its window was over"):
        record_external_approval(house.at("anna", 24 * 30), production, "CHG-1234")
    assert production.gates.get(kind=GateKind.APPROVAL).status == GateStatus.OPEN


def test_what_a_look_finds_in_place_before_its_window_is_an_emergency_though_all_gates_hold(house: House) -> None:
    production = _approved(house, 1)
    house.look(NEW, 5)
    check_changes(house.keeper(5))
    production.refresh_from_db()
    assert (production.status, production.is_emergency) == ("verified", True)
    assert "before its window" in production.emergency_reason
    assert "has not begun" in production.outside_window


@pytest.mark.parametrize(
    ("begins", "ends", "words"),
    [
        (-72, -48, "begins in the past; the next free window is 2026-06-17 20:00 UTC"),
        (76, 48, "ends before it begins"),
        (100, 101, "is in none of the environment's windows; the next free window"),
        (37, 38, "is in a freeze; the next free window is 2026-06-17 20:00 UTC"),
    ],
)
def test_a_new_try_gets_no_window_that_cannot_be(house: House, begins: float, ends: float, words: str) -> None:
    production = _approved(house, 1)
    record_failure(house.at("remi", 3), production, why="the script broke off")
    house.production.freezes = [{"name": "fair", "start": "2026-06-15T19:00:00Z", "end": "2026-06-17T10:00:00Z"}]
    house.production.save()
    window = (BEGIN + timedelta(hours=begins), BEGIN + timedelta(hours=ends))
    with pytest.raises(UsageError) as refused:
        replan_change(house.at("remi", 4), production, why="again", window=window)
    assert words in str(refused.value)
    good = (datetime.fromisoformat("2026-06-17T20:30:00+00:00"), datetime.fromisoformat("2026-06-17T21:30:00+00:00"))
    replan_change(house.at("remi", 4), production, why="again", window=good)
    assert (production.status, production.window_start_at) == ("planned", good[0])
