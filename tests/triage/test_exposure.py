from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from passmuster.triage.exposure import Exposure, ExposureRows, exposure_of
from passmuster.triage.surroundings import read_surroundings
from passmuster.triage.touched import Uses, touched_by, words_of
from tests.making import NOW, make_snapshot

HOOK = {"endpoint_id": "h", "kind": "webhook", "is_public": True, "url": "https://flows.acme.example/hook"}
ADMIN = {"endpoint_id": "admin", "kind": "admin_ui", "is_public": False, "url": "https://flows.acme.example/"}
SELF = {"hosting": "self", "base_url": "https://flows.acme.example"}
INSIDE = {"hosting": "self", "base_url": "http://10.1.2.3:5678"}


def declared(value: bool, scope: str = "platform", scope_id: str = "p") -> dict[str, Any]:
    return {
        "scope_kind": scope,
        "scope_id": scope_id,
        "key": "network.publicly_exposed",
        "value_bool": value,
        "origin": "declared",
    }


CASES: list[tuple[str, ExposureRows, bool | None, str | None]] = [
    ("nothing is known", ExposureRows({}, None), None, None),
    ("the vendor runs it, which may let in few", ExposureRows({"hosting": "vendor"}, None), None, None),
    ("a public endpoint at a public name", ExposureRows(SELF, [HOOK]), True, "open"),
    ("no endpoint tells of the editor", ExposureRows(SELF, [{**HOOK, "is_public": False}]), None, None),
    (
        "all is closed, the administration too",
        ExposureRows(SELF, [{**HOOK, "is_public": False}, ADMIN]),
        False,
        "controlled",
    ),
    ("closed, and on this machine only", ExposureRows({"base_url": "http://127.0.0.1:1880"}, [ADMIN]), False, "small"),
    ("one endpoint nobody knows of", ExposureRows(SELF, [{**HOOK, "is_public": None}, ADMIN]), None, None),
    ("public inside a private network", ExposureRows(INSIDE, [{**HOOK, "url": "http://10.1.2.3:5678/h"}]), None, None),
    ("public by a single-label name", ExposureRows(INSIDE, [{**HOOK, "url": "http://flows/h"}]), None, None),
    ("public by an inside name", ExposureRows(INSIDE, [{**HOOK, "url": "https://flows.corp/h"}]), None, None),
    ("public at a global address", ExposureRows(INSIDE, [{**HOOK, "url": "https://8.8.8.8/h"}]), True, "open"),
    (
        "public at a global IPv6 address",
        ExposureRows(INSIDE, [{**HOOK, "url": "https://[2606:4700::1]/h"}]),
        True,
        "open",
    ),
    ("without its own address it has the platform's", ExposureRows(SELF, [{**HOOK, "url": None}]), True, "open"),
    ("a link that has expired", ExposureRows(SELF, [{**HOOK, "expires_at": NOW.replace(tzinfo=None)}]), None, None),
    ("an address that is none", ExposureRows({"base_url": "http://[::1"}, [{**HOOK, "url": "http://[x"}]), None, None),
    ("declared closed, whatever answers", ExposureRows(SELF, [HOOK], [declared(False)]), False, "controlled"),
    ("declared open", ExposureRows(INSIDE, None, [declared(True)]), True, "open"),
    (
        "the vendor runs it, declared closed",
        ExposureRows({"hosting": "vendor"}, None, [declared(False)]),
        False,
        "controlled",
    ),
]


@pytest.mark.parametrize(("told", "rows", "is_public", "width"), CASES, ids=[case[0] for case in CASES])
def test_exposure_is_known_only_where_something_tells(
    told: str, rows: ExposureRows, is_public: bool | None, width: str | None
) -> None:
    found = exposure_of(rows, as_of=NOW)
    assert (found.publicly_exposed, found.system_exposure) == (is_public, width)
    assert bool(found.source) == (is_public is not None)


def test_an_environment_is_judged_by_its_own_endpoints_and_statement() -> None:
    rows = ExposureRows(
        {"hosting": "self", "criticality": "high", "base_url": "https://acme.example"},
        [{**HOOK, "environment_id": "prod"}, {**ADMIN, "environment_id": "test"}],
        [declared(False, "environment", "dmz")],
    )
    assert exposure_of(rows, "prod", as_of=NOW).publicly_exposed is True
    assert exposure_of(rows, "test", as_of=NOW).publicly_exposed is False
    assert exposure_of(rows, "dmz", as_of=NOW).publicly_exposed is False
    assert exposure_of(rows, "other", as_of=NOW) == Exposure(criticality="high")


ESTATE: dict[str, list[dict[str, Any]]] = {
    "platforms": [{"product": "n8n", "hosting": "self", "base_url": "https://acme.example", "criticality": "high"}],
    "environments": [{"environment_id": "e1", "name": "Production"}],
    "apps": [{"app_id": "a1", "name": "Orders"}, {"app_id": "a2", "name": "Idle"}, {"app_id": "a3", "name": "Leads"}],
    "app_steps": [
        {"app_id": "a1", "step_id": "s1", "name": "Fetch", "step_type": "n8n-nodes-base.httpRequest"},
        {"app_id": "a1", "step_id": "s2", "name": "Sort", "step_type": "n8n-nodes-base.sort"},
        {"app_id": "a3", "step_id": "s1", "name": "Push", "step_type": "x", "connection_id": "c1"},
    ],
    "connectors": [{"connector_id": "/providers/Microsoft.PowerApps/apis/shared_salesforce", "name": "Salesforce"}],
    "connections": [
        {"connection_id": "c1", "connector_id": "/providers/Microsoft.PowerApps/apis/shared_salesforce"},
        {"connection_id": "c2", "connector_id": "slack", "app_id": "a2"},
    ],
    "add_ons": [{"add_on_id": "p1", "name": "n8n-nodes-drift", "purl": "pkg:npm/n8n-nodes-drift@1.0.0"}],
    "endpoints": [{**HOOK, "environment_id": "e1"}],
}


def touches(*names: str) -> set[tuple[str, str]]:
    return {(touch.kind, f"{touch.app}/{touch.id}".lstrip("/")) for touch in touched_by(names, Uses.of(ESTATE))}


SALESFORCE = "/providers/Microsoft.PowerApps/apis/shared_salesforce"


@pytest.mark.parametrize("name", ["Salesforce", "salesforce connector", "shared_salesforce", SALESFORCE])
def test_a_connector_is_found_by_any_of_its_names_with_what_uses_it(name: str) -> None:
    expected = {("connector", SALESFORCE.lstrip("/")), ("connection", "c1"), ("step", "a3/s1"), ("app", "a3")}
    assert touches(name) == expected


@pytest.mark.parametrize("name", ["HTTP Request", "httpRequest", "n8n-nodes-base.httpRequest", "HTTP Request node"])
def test_a_kind_of_step_is_found_by_any_of_its_names(name: str) -> None:
    assert touches(name) == {("step", "a1/s1"), ("app", "a1")}


def test_a_connection_that_belongs_to_an_app_touches_it() -> None:
    assert touches("Slack") == {("connector", "slack"), ("connection", "a2/c2"), ("app", "a2")}


def test_what_nothing_uses_touches_nothing_and_part_of_a_name_is_no_name() -> None:
    assert touches("Teams", "sales", "http", "", "api") == set()


def test_several_names_touch_each_thing_once() -> None:
    found = touched_by(["Salesforce", "shared_salesforce", "n8n-nodes-drift"], Uses.of(ESTATE))
    assert len(found) == len(set(found)) == 5


def test_an_empty_name_has_no_words() -> None:
    assert words_of("") == words_of(" . / ") == frozenset()


def test_a_snapshot_tells_exposure_environment_and_uses(tmp_path: Path) -> None:
    found = read_surroundings(make_snapshot(tmp_path / "s", ESTATE), as_of=NOW)
    assert found.exposure_in("e1", as_of=NOW) == Exposure(
        True, "open", "high", "the snapshot: the public endpoint https://flows.acme.example/hook", NOW
    )
    assert found.only_environment == "e1"
    assert [touch.id for touch in touched_by(["Slack"], found.uses)] == ["slack", "c2", "a2"]
    assert found.warnings == ()


def test_a_table_that_was_denied_leaves_exposure_unknown_and_is_told(tmp_path: Path) -> None:
    rows = {name: rows for name, rows in ESTATE.items() if name != "endpoints"}
    found = read_surroundings(make_snapshot(tmp_path / "s", rows, {"endpoints": "denied"}), as_of=NOW)
    assert found.exposure_in("e1", as_of=NOW).publicly_exposed is None
    told = "of test:1 the table endpoints could not be read: what depends on that is unknown"
    assert found.warnings == (told,)
