"""How a message says who made a change, and how far back a platform's log is asked for at the next look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from passmuster.application.acting import keeper
from passmuster.application.looking.noticing import tell_notices
from passmuster.application.storage.newest import log_since
from passmuster.records.models import Collection, Message
from passmuster.snapshot.noticing import Notice
from tests.keeping import NOW, make_person, make_platform

pytestmark = pytest.mark.usefixtures("db")
AT = datetime(2026, 6, 2, 8, tzinfo=UTC)
ENTRY = "on 2026-06-02 08:00 UTC (entry 47 of the platform's log)"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({}, "a new workflow: Intake. Check"),
        ({"by": "Nell"}, "Intake, by Nell. Check"),
        ({"by": "Nell", "at": AT, "entry": "47"}, f"Intake, by Nell {ENTRY}. Check"),
        (
            {"by": "Nell", "at": AT, "entry": "47", "others": ("Otto",)},
            f"Intake, last changed by Nell {ENTRY}; since the look before also by Otto. Check",
        ),
        (
            {"by": "Nell", "at": AT, "entry": "47", "others": ("Otto", "Ada", "Bea", "Cy")},
            "also by Otto, Ada, Bea and more. Check",
        ),
        (
            {"unknown": "the log read goes back to 2026-06-01 08:00 UTC"},
            "Intake; who did it is not known: the log read goes back to 2026-06-01 08:00 UTC. Check",
        ),
    ],
)
def test_a_message_says_who_when_and_by_which_entry_or_why_not(told: dict[str, object], words: str) -> None:
    platform = make_platform()
    make_person("otto", "platform_owner", platform=platform)
    look = Collection.objects.create(platform=platform, started_at=NOW, state="done")
    tell_notices(keeper(NOW), look, [Notice("new_item", "apps", "f1", "a new workflow: Intake", **told)])  # type: ignore[arg-type]
    assert words in Message.objects.get().text


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("looks", "since"),
    [
        ([], None),
        ([("done", 1)], 1 * DAY + timedelta(minutes=10)),
        ([("done", 3), ("failed", 1)], 3 * DAY + timedelta(minutes=10)),
        # What it missed is compared with an older look.
        ([("done", 9), ("incomplete", 1)], 30 * DAY),
        ([("incomplete", 40)], 40 * DAY + timedelta(minutes=10)),
    ],
)
def test_the_log_is_asked_back_to_the_look_before(looks: list[tuple[str, int]], since: timedelta | None) -> None:
    platform = make_platform()
    for state, days in looks:
        Collection.objects.create(
            platform=platform,
            started_at=NOW - timedelta(days=days),
            state=state,
            store_key="" if state == "failed" else "kept",
        )
    assert log_since(platform, NOW) == (None if since is None else NOW - since)
