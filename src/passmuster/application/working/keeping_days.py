"""For how many days work and messages are kept, as the environment says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from passmuster.errors import UsageError

WORK_DAYS, MESSAGE_DAYS = "PASSMUSTER_KEEP_WORK_DAYS", "PASSMUSTER_KEEP_MESSAGES_DAYS"
USUAL_WORK_DAYS, USUAL_MESSAGE_DAYS = 30, 400
# Messages wait up to two weeks for a digest, and reminders come two weeks ahead: younger ones are still in use.
_LEAST = {WORK_DAYS: 2, MESSAGE_DAYS: 30}
_MOST_DAYS = 36_500


@dataclass(frozen=True)
class Keeping:
    """Days for which ended work and messages are kept."""

    work_days: int = USUAL_WORK_DAYS
    message_days: int = USUAL_MESSAGE_DAYS


def read_keeping(environ: Mapping[str, str]) -> Keeping:
    """What the environment says; raises UsageError with every mistake."""
    usual = {WORK_DAYS: USUAL_WORK_DAYS, MESSAGE_DAYS: USUAL_MESSAGE_DAYS}
    given = {name: environ.get(name, "").strip() or str(days) for name, days in usual.items()}
    wrong = [
        f"{name}: {text!r} is not a whole number of days from {_LEAST[name]} to {_MOST_DAYS}"
        for name, text in given.items()
        if not (text.isascii() and text.isdigit() and len(text) < 7 and _LEAST[name] <= int(text) <= _MOST_DAYS)
    ]
    if wrong:
        raise UsageError("; ".join(wrong))
    return Keeping(int(given[WORK_DAYS]), int(given[MESSAGE_DAYS]))
