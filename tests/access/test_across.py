from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from passmuster.access.across import people_across, read_accounts
from tests.making import NOW, make_snapshot

_TODAY = date(2026, 6, 1)


def _platform(folder: Path, people: dict[str, dict[str, Any]], unreadable: dict[str, str] | None = None) -> Any:
    rows = [
        {"principal_id": name, "kind": "human", "login": name, "is_enabled": True, **told}
        for name, told in people.items()
    ]
    roles = [{"role_id": "admin", "name": "Administrator", "is_privileged": True}]
    grants = [
        {
            "grant_id": row["principal_id"],
            "subject_kind": "principal",
            "subject_id": row["principal_id"],
            "role_id": "admin",
        }
        for row in rows
        if row.pop("is_admin", False)
    ]
    snapshot = make_snapshot(folder, {"principals": rows, "roles": roles, "grants": grants}, unreadable)
    return read_accounts(snapshot, folder.name, as_of=NOW)


def test_people_are_tied_by_their_address_and_by_nothing_else(tmp_path: Path) -> None:
    flows = _platform(
        tmp_path / "flows", {"Ada@Example.org": {}, "bob": {}, "carl@example.org": {"display_name": "Dora"}}
    )
    portal = _platform(
        tmp_path / "portal", {"ada@example.org": {}, "bob": {}, "dora@example.org": {"display_name": "Dora"}}
    )
    (person,) = people_across([flows, portal], today=_TODAY)
    assert person.address == "ada@example.org"
    assert [account.platform for account in person.accounts] == ["flows", "portal"]
    assert person.concerns == ()


def test_services_are_not_people(tmp_path: Path) -> None:
    people = {"bot@example.org": {"kind": "service"}}
    looks = [_platform(tmp_path / name, people) for name in ("flows", "portal")]
    assert people_across(looks, today=_TODAY) == ()


def test_leavers_stand_first_then_the_disabled_then_who_administers_several(tmp_path: Path) -> None:
    gone = {"employment_ended_at": NOW - timedelta(days=40), "is_enabled": False}
    flows = _platform(
        tmp_path / "flows",
        {
            "admin@x.org": {"is_admin": True},
            "leaver@x.org": gone,
            "shut@x.org": {"is_enabled": False},
            "plain@x.org": {},
            "soon@x.org": {"employment_ended_at": NOW + timedelta(days=40)},
        },
    )
    portal = _platform(
        tmp_path / "portal",
        {
            "admin@x.org": {"is_admin": True},
            "leaver@x.org": {"is_admin": True},
            "shut@x.org": {},
            "plain@x.org": {},
            "soon@x.org": {},
        },
    )
    people = people_across([flows, portal], today=_TODAY)
    assert [(person.address, person.concerns) for person in people] == [
        ("leaver@x.org", ("left on 2026-04-22 by flows, and is enabled on portal",)),
        ("shut@x.org", ("disabled on flows, and enabled on portal",)),
        ("admin@x.org", ("can administer 2 platforms: flows, portal",)),
        ("plain@x.org", ()),
        ("soon@x.org", ()),
    ]


def test_what_could_not_be_read_is_told_and_never_taken_for_nothing(tmp_path: Path) -> None:
    look = _platform(tmp_path / "flows", {"ada@x.org": {}}, {"grants": "denied"})
    other = _platform(tmp_path / "portal", {"ada@x.org": {}})
    (person,) = people_across([look, other], today=_TODAY)
    assert [account.privileged for account in person.accounts] == [None, ()]
    blind = _platform(tmp_path / "dark", {}, {"principals": "denied"})
    assert blind.reason.startswith("principals: denied")
