"""Calendar files: windows and freezes in their zones, and every mistake told at once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from passmuster.errors import UnreadableInput
from passmuster.model.schedule import Binds, Freeze, Span
from passmuster.plan.calendar.read import read_calendar
from tests.plan.calendars import NOW, at, calendar, document


def freezes(*items: dict[str, Any], **more: Any) -> list[tuple[str, str, tuple[str, ...]]]:
    found = calendar(freezes=list(items), **more).freezes
    return [
        (f"{each.span.start:%m-%dT%H:%M}/{each.span.end:%m-%dT%H:%M}", each.name, each.environments) for each in found
    ]


def test_days_of_a_freeze_are_days_of_the_environments_zone_and_the_last_one_counts() -> None:
    environments = [
        {"id": "berlin", "stage": "prod"},
        {"id": "york", "stage": "prod", "timezone": "America/New_York"},
        {"id": "lab", "stage": "test"},
    ]
    found = freezes(
        {"name": "Year end", "stages": ["prod"], "start": "2026-12-19", "end": "2027-01-03"}, environments=environments
    )
    assert found == [
        ("12-18T23:00/01-03T23:00", "Year end", ("berlin",)),
        ("12-19T05:00/01-04T05:00", "Year end", ("york",)),
    ]


def test_a_freeze_with_an_offset_is_the_same_for_all() -> None:
    item = {"name": "Move", "start": "2026-12-05T00:00:00Z", "end": "2026-12-06T00:00:00Z", "binds": "both"}
    found = calendar(freezes=[item]).freezes
    assert found == (Freeze(("test", "prod"), Span(at("2026-12-05"), at("2026-12-06")), Binds.BOTH, "Move"),)


def test_the_month_ends_of_the_horizon_are_frozen() -> None:
    found = freezes({"name": "M", "tiers": ["critical"], "month_end": {"last_days": 2, "first_days": 1}})
    assert [span for span, _, _ in found] == [
        "11-28T23:00/12-01T23:00",
        "12-29T23:00/01-01T23:00",
        "01-29T23:00/02-01T23:00",
    ]


def test_a_recurring_freeze_keeps_to_the_clock_on_the_wall() -> None:
    item = {"name": "Payroll", "rrule": "FREQ=MONTHLY;BYMONTHDAY=28", "starts": "2026-01-28T00:00:00", "minutes": 1440}
    horizon = {"start": "2027-02-20T00:00:00Z", "weeks": 10}
    assert [span for span, _, _ in freezes(item, horizon=horizon)] == [
        "02-27T23:00/02-28T23:00",
        "03-27T23:00/03-28T23:00",
        "04-27T22:00/04-28T22:00",
    ]


def easter(year: int) -> date:
    """By the method of Meeus, Jones and Butcher."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    el = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    month, day = divmod(h + el - 7 * ((a + 11 * h + 22 * el) // 451) + 114, 31)
    return date(year, month, day + 1)


def test_the_holidays_of_bavaria_are_frozen_and_those_of_berlin_are_others() -> None:
    horizon = {"start": "2026-12-31T23:00:00Z", "weeks": 52}

    def days(subdivision: str) -> set[str]:
        item = {"name": "H", "holidays": {"country": "DE", "subdivision": subdivision}}
        found = calendar(freezes=[item], horizon=horizon).freezes
        assert all(each.span.end - each.span.start in (timedelta(hours=23), timedelta(days=1)) for each in found)
        return {f"{each.span.start + timedelta(hours=2):%m-%d}" for each in found}

    moving = {f"{easter(2027) + timedelta(days=each):%m-%d}" for each in (-2, 1, 39, 50)}
    everywhere = {"01-01", "05-01", "10-03", "12-25", "12-26", *moving}
    corpus_christi = f"{easter(2027) + timedelta(days=60):%m-%d}"
    assert days("BY") - {"08-15"} == everywhere | {"01-06", "11-01", corpus_christi}
    assert days("BE") == everywhere | {"03-08"}


def test_windows_without_an_offset_are_in_the_environments_zone() -> None:
    found = calendar(
        windows=[
            {"id": "w", "environments": ["test", "prod"], "start": "2026-12-05T20:00:00", "end": "2026-12-05T23:00:00"},
            {
                "id": "r",
                "environments": ["prod"],
                "rrule": "FREQ=WEEKLY;BYDAY=SU",
                "starts": "2026-12-06T02:00:00",
                "minutes": 60,
            },
        ]
    )
    assert [(each.id, each.environment, each.span.start, each.minutes) for each in found.windows] == [
        ("w/test", "test", at("2026-12-05T19:00"), 180),
        ("w/prod", "prod", at("2026-12-05T19:00"), 180),
    ]
    assert [(each.id, each.timezone) for each in found.recurring] == [("r", "Europe/Berlin")]


def test_a_horizon_without_a_start_begins_when_the_decisions_were_taken() -> None:
    assert calendar(horizon={"weeks": 2}).horizon == Span(NOW, at("2026-12-15"))
    with pytest.raises(UnreadableInput, match="start must be given"):
        read_calendar(document(horizon={"weeks": 2}), "c", as_of=None, files={})


MISTAKES: list[tuple[str, dict[str, Any], str]] = [
    ("unknown owner", {"environments": [{"id": "a", "stage": "prod", "owner": "nobody"}]}, "none of the owners"),
    ("unknown tier", {"environments": [{"id": "a", "stage": "prod", "tier": "gold"}]}, "none of the tiers"),
    ("unknown zone", {"environments": [{"id": "a", "stage": "prod", "timezone": "Mars"}]}, "no time zone"),
    ("unknown stage", {"environments": [{"id": "a", "stage": "live"}]}, "is none of dev, test"),
    ("no environment", {"environments": []}, "environments"),
    ("unknown key", {"enviroments": []}, "unknown key"),
    ("same id", {"environments": [{"id": "a", "stage": "prod"}] * 2}, "given twice"),
    (
        "circle",
        {"environments": [{"id": "a", "stage": "test", "after": "b"}, {"id": "b", "stage": "prod", "after": "a"}]},
        "a after b after a",
    ),
    ("itself", {"environments": [{"id": "a", "stage": "test", "after": "a"}]}, "a after a"),
    (
        "window elsewhere",
        {"windows": [{"id": "w", "environments": ["x"], "start": "2026-12-05", "end": "2026-12-06"}]},
        "none of the env",
    ),
    (
        "window backwards",
        {"windows": [{"id": "w", "environments": ["prod"], "start": "2026-12-06T05:00", "end": "2026-12-06T04:00"}]},
        "ends before it starts",
    ),
    (
        "window too full",
        {
            "windows": [
                {
                    "id": "w",
                    "environments": ["prod"],
                    "start": "2026-12-06T04:00",
                    "end": "2026-12-06T05:00",
                    "minutes": 90,
                }
            ]
        },
        "only 60 long",
    ),
    (
        "no time",
        {"windows": [{"id": "w", "environments": ["prod"], "start": "tomorrow!!", "end": "2026-12-06"}]},
        "is no time",
    ),
    (
        "bad rule",
        {
            "windows": [
                {
                    "id": "w",
                    "environments": ["prod"],
                    "rrule": "FREQ=DAILY;COUNT=0",
                    "starts": "2026-12-06T02:00",
                    "minutes": 5,
                }
            ]
        },
        "COUNT",
    ),
    (
        "starts with an offset",
        {
            "windows": [
                {
                    "id": "w",
                    "environments": ["prod"],
                    "rrule": "FREQ=DAILY",
                    "starts": "2026-12-06T02:00:00Z",
                    "minutes": 5,
                }
            ]
        },
        "no local time",
    ),
    ("unknown country", {"freezes": [{"name": "h", "holidays": {"country": "XX"}}]}, "holidays of XX"),
    (
        "unknown region",
        {"freezes": [{"name": "h", "holidays": {"country": "DE", "subdivision": "XX"}}]},
        "of DE are known BB",
    ),
    (
        "freeze of two kinds",
        {"freezes": [{"name": "h", "month_end": {"last_days": 1}, "start": "2026-12-01", "end": "2026-12-02"}]},
        "give one",
    ),
    (
        "freeze of no tier",
        {"freezes": [{"name": "h", "tiers": ["gold"], "start": "2026-12-01", "end": "2026-12-02"}]},
        "tier of no env",
    ),
]


@pytest.mark.parametrize(("what", "more", "why"), MISTAKES, ids=[case[0] for case in MISTAKES])
def test_a_mistake_is_told_with_its_place(what: str, more: dict[str, Any], why: str) -> None:
    with pytest.raises(UnreadableInput, match=r"^calendar\.yaml: ") as caught:
        calendar(**more)
    assert why in str(caught.value), what


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(UnreadableInput) as caught:
        calendar(
            windows=[
                {"id": "w", "environments": ["x"], "start": "2026-12-05", "end": "2026-12-06"},
                {"id": "v", "environments": ["prod"], "start": "2026-12-07", "end": "2026-12-05"},
            ],
            freezes=[
                {"name": "h", "holidays": {"country": "XX"}},
                {"name": "i", "start": "x123456789", "end": "2026-12-06"},
            ],
        )
    assert len(str(caught.value).splitlines()) == 4
