from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from passmuster.application.evidence.fitting import Holds, Piece, Wanted, fit_of, fits_of

ASKED = Wanted(
    platform=1, vendor=7, until=date(2026, 6, 15), since=date(2026, 3, 1), kind="restore_test", review=5, line=50
)
PIECE = Piece(3, "Restore", "restore_test", "Otto", date(2026, 5, 2), platform=1, expires_on=date(2027, 1, 1))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"expires_on": date(2026, 6, 15)}, "counts only until 2026-06-15, and is needed beyond 2026-06-15"),
        ({"period_to": date(2026, 2, 28)}, "covers only until 2026-02-28, before the last review (2026-03-01)"),
        ({"period_from": date(2026, 6, 16)}, "covers only what is from 2026-06-16 on, after this review"),
        (
            {"expires_on": None, "handed_in_on": date(2026, 2, 1)},
            "says no days, and was handed in before the last review (2026-03-01)",
        ),
        ({"is_looked_at": False, "is_sent_back": True}, "was sent back to the vendor"),
        (
            {"expires_on": date(2026, 4, 1), "period_to": date(2026, 1, 1)},
            "counts only until 2026-04-01, and is needed beyond 2026-06-15; "
            "covers only until 2026-01-01, before the last review (2026-03-01)",
        ),
    ],
)
def test_what_falls_short_says_in_which_days(changed: dict[str, object], why: str) -> None:
    fit = fit_of(ASKED, replace(PIECE, **changed))  # type: ignore[arg-type]
    assert fit is not None
    assert (fit.holds, fit.why) == (Holds.FALLS_SHORT, why)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"expires_on": None},
        {"expires_on": None, "period_from": date(2025, 1, 1), "handed_in_on": date(2026, 1, 1)},
        {"period_from": date(2025, 1, 1), "period_to": date(2026, 3, 1)},
        {"platform": None, "vendor": 7},
        {"platform": None, "reviews": frozenset({5})},
    ],
)
def test_what_is_plain_settles_a_line(changed: dict[str, object]) -> None:
    fit = fit_of(ASKED, replace(PIECE, **changed))  # type: ignore[arg-type]
    assert fit is not None
    assert (fit.holds, fit.why) == (Holds.SETTLES, "")


def test_at_a_first_review_whatever_counts_is_enough() -> None:
    old = replace(PIECE, expires_on=None, handed_in_on=date(2020, 1, 1), period_to=date(2020, 1, 1))
    fit = fit_of(replace(ASKED, since=None), old)
    assert fit is not None
    assert fit.holds is Holds.SETTLES


@pytest.mark.parametrize(
    ("asked", "changed", "why"),
    [
        (ASKED, {"is_looked_at": False}, "comes from the vendor, and nobody has accepted it yet"),
        (ASKED, {"line": 50, "kind": "other"}, "was handed in as other, not as restore test"),
        (
            replace(ASKED, kind="", control="IAM-01"),
            {"controls": frozenset({"IAM-01"})},
            "whether it shows what is asked is for a person to say",
        ),
    ],
)
def test_what_asks_for_a_judgement_waits(asked: Wanted, changed: dict[str, object], why: str) -> None:
    fit = fit_of(asked, replace(PIECE, **changed))  # type: ignore[arg-type]
    assert fit is not None
    assert (fit.holds, fit.why) == (Holds.WAITS, why)


@pytest.mark.parametrize(
    "changed",
    [
        {"platform": 2},
        {"platform": 2, "vendor": 7},
        {"platform": None, "vendor": 8},
        {"platform": None},
        {"kind": "report"},
        {"line": 51, "kind": "report"},
        {"controls": frozenset({"IAM-01"}), "kind": "report"},
    ],
)
def test_what_is_about_something_else_is_not_told(changed: dict[str, object]) -> None:
    assert fit_of(ASKED, replace(PIECE, **changed)) is None  # type: ignore[arg-type]


def test_what_does_most_comes_first_and_of_these_the_newest() -> None:
    pieces = [
        replace(PIECE, number=1),
        replace(PIECE, number=2),
        replace(PIECE, number=3, is_looked_at=False),
        replace(PIECE, number=4, expires_on=date(2026, 1, 1)),
        replace(PIECE, number=5, platform=2),
    ]
    assert [fit.piece.number for fit in fits_of(ASKED, pieces)] == [2, 1, 3, 4]
