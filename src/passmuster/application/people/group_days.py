"""For how many days a token uses what groups gave at its owner's last sign-in, as the environment says."""

from __future__ import annotations

from collections.abc import Mapping

from passmuster.errors import UsageError

DAYS = "PASSMUSTER_GROUP_DUTY_DAYS"
_USUAL, _MOST = 30, 366


def read_group_days(environ: Mapping[str, str]) -> int:
    """What the house chose, 30 unless it did; raises UsageError for what is no number of days from 1 to 366."""
    text = environ.get(DAYS, "").strip() or str(_USUAL)
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= _MOST):
        raise UsageError(f"{DAYS}: {text!r} is not a whole number of days from 1 to {_MOST}")
    return int(text)
