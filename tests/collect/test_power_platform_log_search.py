"""Purview's audit log searched through Microsoft Graph: made from the vendor's documentation, none real."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from passmuster.collect.connectors.power_platform.connector import PowerPlatformConnector
from passmuster.collect.http import Clock, Patience
from passmuster.collect.interface import Target
from passmuster.snapshot.gathered import CollectionResult
from tests.collect.answering import Asked, Reply, answering
from tests.collect.conformance import assert_conforms, assert_faults_are_told
from tests.collect.power_platform_tenant import LIVE, SECRETS, Tenant, hosts_file, token
from tests.collect.purview_export import PRIYA, Record, entry, flow_entry, portal, write

APP, FLOW = "c0000000-0000-4000-8000-000000000001", "f0000000-0000-4000-8000-000000000001"
SEARCH = "168ec429-084b-a489-90d8-504a87846305"
GRAPH_TOKEN, PERMISSION = "PASSMUSTER_POWER_PLATFORM_GRAPH_TOKEN", "AuditLogsQuery.Read.All"
NOW = datetime(2026, 6, 3, 8, tzinfo=UTC)
SINCE = NOW - timedelta(days=2)


def graph_record(data: Record, **changed: Any) -> Record:
    """A record as Microsoft Graph wraps it."""
    return {
        "@odata.type": "#microsoft.graph.security.auditLogRecord",
        "id": data["Id"],
        "createdDateTime": f"{data['CreationTime']}Z",
        "operation": data["Operation"],
        "organizationId": data["OrganizationId"],
        "userId": data["UserKey"],
        "userPrincipalName": data["UserId"],
        "service": data["Workload"],
        "auditData": {"@odata.type": "#microsoft.graph.security.defaultAuditData", **data},
        **changed,
    }


def search(status: str, **more: Any) -> Record:
    span = {"filterStartDateTime": "2026-06-01T08:00:00Z", "filterEndDateTime": "2026-06-03T08:00:00Z"}
    return {"@odata.type": "#microsoft.graph.security.auditLogQuery", "id": SEARCH, "status": status, **span, **more}


def permitted(**claims: Any) -> dict[str, str]:
    return {**SECRETS, GRAPH_TOKEN: token("graph", **claims)}


class Purview:
    """Searches that are done after so many looks at them; keeps what was asked."""

    def __init__(self, *pages: list[Record], looks: int = 2, made: Reply | None = None, **done: Any) -> None:
        self.pages, self.looks, self.made, self.done = pages, looks, made, done
        self.asked: list[Asked] = []
        self.slept: list[float] = []

    def query(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        if asked.method == "POST":
            return self.made or Reply(201, search("notStarted"))
        self.looks -= 1
        return Reply(200, search("running") if self.looks > 0 else search(**{"status": "succeeded", **self.done}))

    def records(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        number = int(asked.params.get("$skiptoken", "0"))
        link = f"https://{asked.headers['host']}{asked.path}?$skiptoken={number + 1}"
        more = {"@odata.nextLink": link} if number + 1 < len(self.pages) else {}
        return Reply(200, {"value": self.pages[number], **more})


def collect(purview: Purview, folder: Path, secrets: dict[str, str], budget_s: float = 300.0) -> CollectionResult:
    pages = dict.fromkeys(("graph_audit_records", "graph_audit_records_page2"), purview.records)
    platform = Tenant(graph_audit_query=purview.query, **pages)
    patience = Patience(attempts=1, budget_s=budget_s)
    clock = Clock(sleep=purview.slept.append, now=lambda: NOW)
    connector = PowerPlatformConnector(patience=patience, clock=clock)
    folder.mkdir(parents=True, exist_ok=True)
    with answering(platform) as server:
        platform.url = server.url
        file = hosts_file(folder, server.url)
        where = folder if any(folder.glob("*.csv")) else file
        return connector.collect(Target(path=where, secrets=secrets, since=SINCE))


@pytest.mark.parametrize("claims", [{"scp": f"Directory.Read.All {PERMISSION}"}, {"roles": [PERMISSION]}])
def test_a_search_is_made_waited_for_and_its_pages_read(tmp_path: Path, claims: Any) -> None:
    first = graph_record(entry(1, "CreatePowerApp", {"power_app.id": APP}))
    # Graph may begin names with a small letter.
    small = {f"{name[:1].lower()}{name[1:]}": value for name, value in flow_entry(2, "EditFlow", FLOW).items()}
    purview = Purview([first], [graph_record(flow_entry(2, "EditFlow", FLOW), auditData=small)], looks=3)
    result = collect(purview, tmp_path, permitted(**claims))
    assert_conforms(result)
    log = result.tables["audit_events"]
    found = {(row["object_table"], row["object_id"], row["action"], row["actor_principal_id"]) for row in log.rows}
    assert {("apps", APP, "create", PRIYA), ("apps", FLOW, "update", PRIYA)} <= found
    # Entries take up to a day to reach the log.
    assert (str(log.status), log.since, log.until) == ("ok", SINCE, NOW - timedelta(days=1))
    made = purview.asked[0].body
    assert (made["filterStartDateTime"], made["filterEndDateTime"]) == ("2026-06-01T08:00:00Z", "2026-06-03T08:00:00Z")
    assert {"CreatePowerApp", "EditFlow", "GovernanceApiPolicyOperation"} <= set(made["operationFilters"])
    assert "LaunchPowerApp" not in made["operationFilters"]
    assert purview.slept == [5.0, 10.0, 20.0]


@pytest.mark.parametrize("secrets", [SECRETS, permitted(scp="Directory.Read.All"), {**SECRETS, GRAPH_TOKEN: "opaque"}])
def test_without_the_permission_nothing_is_asked_and_the_look_stays_whole(
    tmp_path: Path, secrets: dict[str, str]
) -> None:
    purview = Purview([])
    log = collect(purview, tmp_path, secrets).tables["audit_events"]
    assert purview.asked == []
    assert str(log.status) == "unsupported"
    assert PERMISSION in log.unlock
    assert "put the CSV beside" in log.unlock


def refused(status: int) -> Purview:
    return Purview([], made=Reply(status, {"error": {"code": "x", "message": "Insufficient privileges"}}))


@pytest.mark.parametrize(
    ("make", "status", "told"),
    [
        (lambda: refused(403), "denied", "Insufficient privileges"),
        (lambda: refused(404), "unsupported", "HTTP 404"),
        (lambda: refused(500), "error", "HTTP 500"),
        (lambda: Purview([], made=Reply(201, {"status": "running"})), "error", "tells no id of the search"),
        (lambda: Purview([], made=Reply(200, ["no"])), "error", "is not the search that was made"),
        (lambda: Purview([], looks=99), "partial", "was not done in the time allowed for waiting"),
        (lambda: Purview([], looks=0, status="failed"), "partial", "ended as 'failed'"),
        (lambda: Purview([{"id": "x"}]), "error", "1 of 1 are not what was asked for"),
        (lambda: Purview([graph_record(GOOD)], isRecordCountLimitExceeded=True), "partial", "there are more"),
        (lambda: Purview([graph_record(GOOD), {"id": "x"}]), "partial", "1 of 2 are not what was asked for"),
        (
            lambda: Purview([graph_record({**GOOD, "OrganizationId": "99999999-0000-4000-8000-000000000009"})]),
            "error",
            "of another tenant (99999999",
        ),
    ],
)
def test_what_goes_wrong_with_a_search_is_that_tables_alone(
    tmp_path: Path, make: Callable[[], Purview], status: str, told: str
) -> None:
    whole = collect(Purview([graph_record(GOOD)]), tmp_path / "whole", permitted(scp=PERMISSION))
    purview = make()
    result = collect(purview, tmp_path / "less", permitted(scp=PERMISSION), budget_s=60.0)
    assert_conforms(result)
    log = result.tables["audit_events"]
    assert (str(log.status), log.since) == (status, None)
    assert told in log.reason
    assert sum(purview.slept) <= 60.0
    if status == "denied":
        assert PERMISSION in log.unlock
    states = {name: table.status for name, table in result.tables.items() if name != "audit_events"}
    assert states == {name: table.status for name, table in whole.tables.items() if name != "audit_events"}


GOOD = entry(1, "UpdatePowerApp", {"power_app.id": APP})


def test_a_log_that_was_read_itself_needs_no_export(tmp_path: Path) -> None:
    write(tmp_path, portal(flow_entry(2, "EditFlow", FLOW)))
    result = collect(Purview([graph_record(GOOD)]), tmp_path, permitted(scp=PERMISSION))
    assert {row["object_id"] for row in result.tables["audit_events"].rows} == {APP}
    assert any("the export of the audit log was not read" in text for text in result.warnings)
    # Where the search was refused, the export counts.
    result = collect(refused(403), tmp_path, permitted(scp=PERMISSION))
    assert FLOW in {row["object_id"] for row in result.tables["audit_events"].rows}


def test_a_recorded_search_is_read_like_one_that_was_made(tmp_path: Path) -> None:
    folder = tmp_path / "answers"
    shutil.copytree(LIVE, folder)
    record(folder, "graph_audit_query", search("succeeded"))
    record(folder, "graph_audit_records", {"value": [graph_record(GOOD)]})
    log = PowerPlatformConnector().collect(Target(path=folder)).tables["audit_events"]
    assert (str(log.status), log.since) == ("ok", SINCE)
    assert [(row["object_id"], row["actor_principal_id"]) for row in log.rows] == [(APP, PRIYA)]
    assert_faults_are_told(PowerPlatformConnector, folder, tmp_path / "faults", ("graph_audit_query",))
    assert_faults_are_told(PowerPlatformConnector, folder, tmp_path / "more", ("graph_audit_records",))


def record(folder: Path, name: str, body: Record) -> None:
    answer = {"request": {"method": "GET", "path": "x"}, "status": 200, "headers": {}, "body": body}
    write(folder, json.dumps(answer), f"{name}.json")
