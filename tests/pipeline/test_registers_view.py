"""Registers and matrices: what is due, what crosses a border, what is logged, and what of it is not known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from passmuster.controls.catalogue import find_pack
from passmuster.evaluate.engine import evaluate
from passmuster.model.register_view import EventCell, Sheet
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.listing import sheets
from tests.making import make_snapshot
from tests.report.registered import AS_OF, TABLES, flow, log, registered, view_of
from tests.snapshot.assured import VENDOR

CONTROLS = ("KEY-01", "KEY-02", "NHI-03")


def sheet(key: str) -> Sheet:
    return next(each for each in registered().sheets if each.key == key)


def told(key: str, *columns: str) -> dict[Any, tuple[Any, ...]]:
    """By the first column: the mark, and the named columns."""
    found = sheet(key)
    places = [found.columns.index(name) for name in columns]
    return {
        row[0]: (mark, *(row[place] for place in places)) for row, mark in zip(found.rows, found.marks, strict=True)
    }


def test_keys_are_due_by_age_and_certificates_when_they_end() -> None:
    assert told("keys", "State") == {
        "ended": ("bad", "overdue"),
        "old key": ("bad", "overdue"),
        "certificate": ("", "due soon"),
        "young key": ("", "in time"),
        "unknown key": ("open", None),
    }


def test_the_registers_and_the_controls_call_the_same_keys_overdue(tmp_path: Path) -> None:
    """KEY-01, KEY-02 and NHI-03 say it in their own SQL, here for any product."""
    pack = find_pack("no-code-baseline")
    asked = replace(pack, controls=tuple(replace(each, platforms=()) for each in pack.controls if each.id in CONTROLS))
    results = evaluate(make_snapshot(tmp_path / "s", TABLES), [asked], as_of=AS_OF).results
    found = {violation.id for result in results for violation in result.violations}
    # A certificate that ends soon is a violation already; the register says "due soon".
    bad = {key for name in ("keys", "credentials") for key, (mark, *_) in told(name).items() if mark == "bad"}
    assert {name.lower() for name in bad} | {"certificate"} == found


def test_credentials_end_or_grow_old_and_what_is_off_is_left_out() -> None:
    assert told("credentials", "State", "Owner") == {
        "Stale": ("bad", "overdue", "Ada"),
        "Long": ("open", None, None),
        "Fresh": ("", "in time", None),
        "Over": ("", "ended", None),
    }


def test_data_that_leaves_its_region_needs_a_basis() -> None:
    found = sheet("data-flows")
    lines = {
        (row[0], row[1], row[6]): (mark, *row[3:6], *row[7:9])
        for row, mark in zip(found.rows, found.marks, strict=True)
    }
    assert lines == {
        ("Letters", "Store People", "cn"): ("bad", "confidential", True, "eu", True, "none"),
        ("Stock", "Store Stock", "US"): ("open", "internal", False, "eu", True, None),
        ("Letters", "the app itself", None): ("open", None, None, "eu", None, None),
        ("Orders", "Store People", "us"): ("", "confidential", True, "eu", True, "contract clauses"),
        ("Orders", "Store People", "ch"): ("", "confidential", True, "eu", True, "adequacy decision"),
        ("Orders", "Store Stock", "eu"): ("", "internal", False, "eu", False, "none needed"),
    }
    assert list(found.marks) == ["bad", "open", "", "", "open", ""]


def test_automations_have_owners_connectors_and_personal_data() -> None:
    assert told("automations", "Environment", "Owner", "Deputy", "Connectors", "Personal data") == {
        "Letters": ("bad", "Production", "Bob (disabled)", None, "c0, c1, c2, c3, c4, c5 and 3 more", True),
        "Orders": ("", "Production", "Ada", None, "HTTP, Mail", True),
        "Stock": ("", "Test", "Cleo", "Dan", None, False),
        "Old": ("bad", None, "Bob (disabled)", None, None, None),
    }


def cells() -> dict[tuple[str, str], EventCell]:
    return {(row.environment, cell.event_class): cell for row in registered().events.rows for cell in row.cells}


@pytest.mark.parametrize(
    ("environment", "event", "state", "days", "delivered"),
    [
        ("Production", "admin_change", "whole", 365, True),
        ("Production", "sign_in", "partly", 30, True),
        ("Production", "permission_change", "whole", 365, True),
        ("Production", "data_export", "open", None, None),
        ("Production", "integration", "missing", None, None),
        ("Test", "admin_change", "partly", 365, False),
        ("Test", "sign_in", "partly", 365, True),
        ("Test", "data_export", "unknown", None, None),
        ("Production", "execution", "missing", None, None),
        ("Test", "execution", "partly", 365, True),
    ],
)
def test_each_class_of_event_has_its_state(
    environment: str, event: str, state: str, days: int | None, delivered: bool | None
) -> None:
    cell = cells()[environment, event]
    assert (cell.state, cell.kept_days, cell.is_delivered) == (state, days, delivered)


def test_required_classes_come_first_and_others_after_them() -> None:
    matrix = registered().events
    assert matrix.classes[matrix.required :] == ("execution",)
    assert [row.environment for row in matrix.rows] == ["Production", "Test"]


def test_last_seen_is_of_the_logs_that_hold_the_class() -> None:
    assert cells()["Production", "admin_change"].last_seen_at == AS_OF.replace(tzinfo=None)
    assert cells()["Test", "admin_change"].last_seen_at is None


@pytest.mark.parametrize(
    ("status", "state"), [("denied", "unknown"), ("unsupported", "unknown"), ("not_licensed", "missing")]
)
def test_logs_that_could_not_be_read_are_not_known_to_be_missing(status: str, state: str) -> None:
    tables = {name: rows for name, rows in TABLES.items() if name != "log_sources"}
    matrix = view_of(tables, [], {"log_sources": status}).events
    assert {cell.state for row in matrix.rows for cell in row.cells} == {state}
    assert matrix.reason == f"{status} by the test"


def test_without_environments_the_platform_is_one() -> None:
    tables = {**TABLES, "environments": [], "log_sources": [log("all", None, ["admin_change"])]}
    (row,) = view_of(tables, []).events.rows
    assert row.environment == "The whole platform"
    assert [cell.state for cell in row.cells] == ["whole", "missing", "missing", "missing", "missing"]


def test_what_was_not_read_has_no_count() -> None:
    tables = {name: rows for name, rows in TABLES.items() if name != "keys"}
    found = next(each for each in view_of(tables, [], {"keys": "denied"}).sheets if each.key == "keys")
    assert (found.count, found.status, found.rows) == (None, CollectionStatus.DENIED, ())


def test_only_vendors_that_serve_the_platform_are_shown() -> None:
    assert [each.vendor.name for each in registered().vendors] == ["Example Cloud"]
    other = {**VENDOR, "platforms": [{"id": "elsewhere", "services": ["x"]}]}
    assert view_of({}, [other]).vendors == ()


def test_a_list_that_is_cut_tells_how_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 2)
    counts = {each.key: (each.count, len(each.rows)) for each in view_of(TABLES, []).sheets}
    assert counts == {"keys": (5, 2), "credentials": (4, 2), "data-flows": (6, 2), "automations": (4, 2)}


@pytest.mark.parametrize(
    ("source", "target", "is_personal"),
    [
        ("store people", "store stock", True),
        ("store stock", "store people", True),
        ("store stock", "store us", False),
        ("store stock", "crm", False),
        (None, "store stock", False),
        ("store nowhere", "store stock", None),
        ("store stock", "store nowhere", None),
        (None, "crm", None),
    ],
)
def test_personal_data_is_denied_only_where_every_store_is_known(
    source: str | None, target: str, is_personal: bool | None
) -> None:
    found = view_of({**TABLES, "data_flows": [flow("f", "stock", source, target)]}, []).sheets[3]
    rows = {row[0]: row[-1] for row in found.rows}
    assert (rows["Stock"], rows["Orders"]) == (is_personal, None)
