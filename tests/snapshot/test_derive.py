"""Computed tables, held against a plain walk of the graph on random tenants."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from passmuster.model.words import CollectionStatus
from passmuster.snapshot.closure import reach
from passmuster.snapshot.load import load
from tests.making import NOW, make_snapshot

WANTED = ["effective_memberships", "effective_roles", "effective_grants", "privileged_grants"]
THE_PRIVILEGED = """
    SELECT g.principal_id, g.role_id, bool_or(r.is_privileged), g.object_kind, g.object_id, g.environment_id, g.via,
           g.expires_at, g.has_expiry, g.is_eligible_only
    FROM effective_grants g LEFT JOIN roles r ON r.role_id = g.role_id
    WHERE r.is_privileged IS NOT FALSE GROUP BY ALL"""


def rows_of(tmp_path: Path, tables: dict[str, list[dict[str, Any]]], **options: Any) -> dict[str, set[tuple[Any, ...]]]:
    snapshot = make_snapshot(tmp_path / "s", tables, options.get("unreadable"))
    with duckdb.connect() as connection:
        states = load(connection, snapshot, WANTED, as_of=options.get("as_of", NOW))
        found = {name: connection.execute(f"FROM {name}").fetchall() for name in WANTED}
        assert sorted(found["privileged_grants"], key=str) == sorted(
            connection.execute(THE_PRIVILEGED).fetchall(), key=str
        )
        return {name: set(rows) for name, rows in found.items()} | {"states": set(states.items())}  # type: ignore[dict-item]


def test_cycles_of_groups_end(tmp_path: Path) -> None:
    found = rows_of(
        tmp_path,
        {
            "groups": [{"group_id": "a"}, {"group_id": "b"}],
            "memberships": [
                {"group_id": "a", "member_kind": "group", "member_id": "b"},
                {"group_id": "b", "member_kind": "group", "member_id": "a"},
                {"group_id": "b", "member_kind": "principal", "member_id": "p"},
            ],
            "principals": [{"principal_id": "p"}],
        },
    )
    assert found["effective_memberships"] == {("a", "p"), ("b", "p")}


def test_everyone_holds_every_enabled_human_and_nobody_else(tmp_path: Path) -> None:
    found = rows_of(
        tmp_path,
        {
            "groups": [{"group_id": "all", "kind": "everyone"}],
            "principals": [
                {"principal_id": "on", "kind": "human", "is_enabled": True},
                {"principal_id": "maybe", "kind": "human"},
                {"principal_id": "off", "kind": "human", "is_enabled": False},
                {"principal_id": "bot", "kind": "service", "is_enabled": True},
            ],
        },
    )
    assert found["effective_memberships"] == {("all", "on"), ("all", "maybe")}


def test_edges_and_grants_count_only_while_they_are_valid(tmp_path: Path) -> None:
    day = timedelta(days=1)
    found = rows_of(
        tmp_path,
        {
            "groups": [{"group_id": "g"}],
            "principals": [{"principal_id": name} for name in ("now", "past", "future")],
            "memberships": [
                {
                    "group_id": "g",
                    "member_kind": "principal",
                    "member_id": "now",
                    "valid_from": NOW,
                    "valid_until": NOW + day,
                },
                {"group_id": "g", "member_kind": "principal", "member_id": "past", "valid_until": NOW},
                {"group_id": "g", "member_kind": "principal", "member_id": "future", "valid_from": NOW + day},
            ],
            "grants": [
                {"grant_id": "1", "subject_kind": "principal", "subject_id": "now", "role_id": "r", "expires_at": NOW},
                {
                    "grant_id": "2",
                    "subject_kind": "principal",
                    "subject_id": "past",
                    "role_id": "r",
                    "expires_at": NOW + day,
                },
            ],
        },
    )
    assert found["effective_memberships"] == {("g", "now")}
    assert {row[0] for row in found["effective_grants"]} == {"past"}


def test_direct_wins_over_group_and_standing_over_expiring(tmp_path: Path) -> None:
    later = NOW + timedelta(days=9)
    grant = {"subject_kind": "principal", "subject_id": "p", "role_id": "r", "object_kind": "platform"}
    found = rows_of(
        tmp_path,
        {
            "groups": [{"group_id": "g"}],
            "principals": [{"principal_id": "p"}],
            "memberships": [{"group_id": "g", "member_kind": "principal", "member_id": "p"}],
            "grants": [
                {**grant, "grant_id": "1", "expires_at": later, "has_expiry": True},
                {**grant, "grant_id": "2", "subject_kind": "group", "subject_id": "g", "has_expiry": False},
            ],
        },
    )
    assert found["effective_grants"] == {("p", "r", "platform", None, None, "direct", None, False, None)}


def test_a_denied_input_makes_the_computed_table_denied(tmp_path: Path) -> None:
    states = dict(rows_of(tmp_path, {}, unreadable={"memberships": "denied"})["states"])
    assert states["effective_grants"].status is CollectionStatus.DENIED
    assert states["effective_grants"].unlock == "allow memberships"
    assert states["effective_roles"].status.is_readable


def test_groups_that_are_not_licensed_add_no_edges(tmp_path: Path) -> None:
    states = dict(rows_of(tmp_path, {}, unreadable={"groups": "not_licensed", "memberships": "not_licensed"})["states"])
    assert states["effective_grants"].status is CollectionStatus.OK


@pytest.mark.parametrize("seed", range(25))
def test_random_tenants_agree_with_a_plain_walk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    # Half of them as views, as large tenants have.
    monkeypatch.setattr("passmuster.snapshot.derive._WRITTEN_OUT_ROWS", 0 if seed % 2 else 100_000)
    chance = random.Random(seed)
    groups = [f"g{n}" for n in range(chance.randint(1, 12))]
    people = [f"p{n}" for n in range(chance.randint(1, 8))]
    roles = [f"r{n}" for n in range(chance.randint(1, 6))]
    nested = {(chance.choice(groups), chance.choice(groups)) for _ in range(chance.randint(0, 20))}
    members = {(chance.choice(groups), chance.choice(people)) for _ in range(chance.randint(0, 20))}
    contained = {(chance.choice(roles), chance.choice(roles)) for _ in range(chance.randint(0, 8))}
    grants = {(chance.choice(groups + people), chance.choice(roles)) for _ in range(chance.randint(0, 12))}
    everyone = chance.choice([*groups, "nobody's"])
    members |= {(everyone, who) for who in people if everyone in groups}
    found = rows_of(
        tmp_path,
        {
            "groups": [{"group_id": name, "kind": "everyone" if name == everyone else "team"} for name in groups],
            "principals": [{"principal_id": name, "kind": "human"} for name in people],
            "roles": [{"role_id": name, "is_privileged": chance.choice([True, False, None])} for name in roles[:4]],
            "memberships": [{"group_id": a, "member_kind": "group", "member_id": b} for a, b in nested]
            + [{"group_id": a, "member_kind": "principal", "member_id": b} for a, b in members],
            "role_inclusions": [{"role_id": a, "included_role_id": b} for a, b in contained],
            "grants": [
                {
                    "grant_id": f"{who}{role}",
                    "subject_kind": "group" if who in groups else "principal",
                    "subject_id": who,
                    "role_id": role,
                }
                for who, role in grants
            ],
        },
    )

    def walk(edges: set[tuple[str, str]], start: str) -> set[str]:
        seen, stack = {start}, [start]
        while stack:
            here = stack.pop()
            for a, b in edges:
                if a == here and b not in seen:
                    seen.add(b)
                    stack.append(b)
        return seen

    in_group = {(top, who) for top in groups for sub in walk(nested, top) for g, who in members if g == sub}
    assert found["effective_memberships"] == in_group
    named = {*roles[:4], *(role for pair in contained for role in pair)}
    assert found["effective_roles"] == {(a, b) for a in named for b in walk(contained, a)}
    held = {}
    for who, role in grants:
        for included in walk(contained, role):
            if who in groups:
                for group, person in in_group:
                    if group == who:
                        held.setdefault((person, included), "group")
            else:
                held[who, included] = "direct"
    assert {(row[0], row[1], row[5]) for row in found["effective_grants"]} == {(*key, via) for key, via in held.items()}


def test_reach_holds_for_more_items_than_fit_one_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("passmuster.snapshot.closure._BLOCK_BYTES", 64)
    chain = np.arange(299)
    node, item = reach(nodes=300, edges=(chain, chain + 1), seeds=(np.arange(300), np.arange(300)), items=300)
    assert len(node) == 300 * 301 // 2
    assert bool((node >= item).all())
