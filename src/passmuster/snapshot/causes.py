"""What could have brought about what was noticed: the things whose entries in a platform's log tell who did it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from passmuster.model.drift import TableDrift
from passmuster.snapshot.attributing import Thing
from passmuster.snapshot.read import SCAN, Snapshot


@dataclass(frozen=True)
class Rights:
    """How rights moved between two looks: new grants, roles that became privileged, people who joined a group."""

    grants: frozenset[str]
    roles: frozenset[str]
    joined: frozenset[str]


def moved_rights(drift: Mapping[str, TableDrift]) -> Rights:
    """The movements that can make somebody an administrator, from the tables that could be compared."""
    grants = drift["grants"].added if "grants" in drift else ()
    roles = drift["roles"].changed if "roles" in drift else ()
    members = drift["memberships"].added if "memberships" in drift else ()
    return Rights(
        frozenset(str(row["grant_id"]) for row in grants),
        frozenset(str(change.key["role_id"]) for change in roles if change.column == "is_privileged"),
        frozenset(str(row.get("member_id")) for row in members),
    )


def causes_of_administrator(
    person: str, held: Sequence[tuple[str, str]], moved: Rights
) -> tuple[Sequence[Thing], Sequence[Thing]]:
    """What made a person an administrator, and what counts where the log tells nothing of that.

    First of all a grant to it or a group of its, a role of these, and its own record where it joined a group. That
    record comes second else: anybody may change it for reasons that have nothing to do with rights. `held` are the
    (grant, role) pairs of the person, see `held_by`.
    """
    own = ("principals", person)
    given = [("grants", grant) for grant, _ in held if grant in moved.grants]
    given += [("roles", role) for _, role in held if role in moved.roles]
    return [*given, *([own] if person in moved.joined else [])], [own]


def held_by(head: Snapshot, people: Sequence[str]) -> Mapping[str, Sequence[tuple[str, str]]]:
    """(grant, role) pairs of each of these people and of the groups they are in themselves, as `head` has them."""
    if not people or not {"grants", "memberships"} <= set(head.manifest.tables):
        return {}
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"""WITH people AS (SELECT unnest(?::VARCHAR[]) AS who),
                holders AS (SELECT who, who AS holder FROM people UNION ALL
                            SELECT who, m.group_id FROM {SCAN} m JOIN people ON who = m.member_id)
                SELECT who, grant_id, role_id FROM {SCAN} g JOIN holders ON holder = g.subject_id
                ORDER BY ALL""",  # noqa: S608
            [list(people), head.pattern("memberships"), head.pattern("grants")],
        ).fetchall()
    held: dict[str, list[tuple[str, str]]] = {}
    for who, grant, role in rows:
        held.setdefault(str(who), []).append((str(grant), str(role)))
    return held
