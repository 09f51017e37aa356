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


def causes_of_administrator(head: Snapshot, person: str, moved: Rights) -> tuple[Sequence[Thing], Sequence[Thing]]:
    """What made a person an administrator, and what counts where the log tells nothing of that.

    First of all a grant to it or a group of its, a role of these, and its own record where it joined a group. That
    record comes second else: anybody may change it for reasons that have nothing to do with rights.
    """
    own = ("principals", person)
    held = _held(head, person)
    given = [("grants", grant) for grant, _ in held if grant in moved.grants]
    given += [("roles", role) for _, role in held if role in moved.roles]
    return [*given, *([own] if person in moved.joined else [])], [own]


def _held(head: Snapshot, person: str) -> list[tuple[str, str]]:
    """(grant, role) of a person and of the groups it is in itself, as `head` has them."""
    if not {"grants", "memberships"} <= set(head.manifest.tables):
        return []
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"""SELECT grant_id, role_id FROM (SELECT * FROM {SCAN}) WHERE subject_id = ? OR subject_id IN
                (SELECT group_id FROM (SELECT * FROM {SCAN}) WHERE member_id = ?) ORDER BY ALL""",  # noqa: S608
            [head.pattern("grants"), person, head.pattern("memberships"), person],
        ).fetchall()
    return [(str(grant), str(role)) for grant, role in rows]
