"""One column that changed, as people read it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from passmuster.pipeline.what_changed import Thing, Value
from passmuster.snapshot.tables import TABLES
from passmuster.web.changed_words import Fact, facts_of


def _fact(table: str, column: str, before: Any, after: Any, *, how: str = "changed", **names: str) -> Fact:
    (fact,) = facts_of(Thing(how, "i", "n", (Value(TABLES[table].column(column), before, after, names),)))
    return fact


@pytest.mark.parametrize(
    ("table", "column", "before", "after", "said"),
    [
        ("principals", "is_enabled", True, False, ("yes", "no")),
        ("principals", "is_enabled", None, True, ("not known", "yes")),
        ("principals", "display_name", "", "Ada", ("nothing", "Ada")),
        ("principals", "mfa", "none", "phishing_resistant", ("none", "phishing resistant")),
        # What the platform calls something keeps its underscores.
        ("principals", "login", "a_b", "b_c", ("a_b", "b_c")),
        ("apps", "owner_principal_id", "p1", "p2", ("Ada", "p2")),
        ("log_sources", "retention_days", 30, 0, ("30", "0")),
        (
            *("apps", "modified_at", "2026-02-10T08:00:00Z", "a while ago"),
            (datetime(2026, 2, 10, 8, tzinfo=UTC), "a while ago"),
        ),
        ("settings", "value_json", {"max_age": 3, "on": False}, [], ("max age: 3; on: no", "nothing")),
    ],
)
def test_what_it_was_and_is(table: str, column: str, before: Any, after: Any, said: tuple[Any, Any]) -> None:
    fact = _fact(table, column, before, after, p1="Ada")
    assert (fact.before, fact.now, fact.has_before) == (*said, True)


@pytest.mark.parametrize(
    ("before", "after", "came", "went"),
    [
        (["GET"], ["GET", "POST"], "POST", ""),
        (["GET", "PUT"], ["POST", "GET"], "POST", "PUT"),
        ([], ["p1"], "Ada", ""),
    ],
)
def test_of_a_list_only_what_came_and_went(before: list[str], after: list[str], came: str, went: str) -> None:
    fact = _fact("endpoints", "methods", before, after, p1="Ada")
    assert (fact.came, fact.went, fact.has_before) == (came, went, False)


def test_a_list_in_another_order_and_one_that_is_very_long() -> None:
    assert _fact("endpoints", "methods", ["a", "b"], ["b", "a"]).now == "the same in another order"
    long = _fact("endpoints", "methods", None, ["method"] * 100, how="added").now
    assert isinstance(long, str)
    assert (len(long), long[-1]) == (240, "…")


def test_what_is_new_or_gone_is_told_once() -> None:
    assert _fact("apps", "is_active", None, True, how="added") == Fact("active", "yes")
    assert _fact("apps", "is_active", False, None, how="removed") == Fact("active", "no")
