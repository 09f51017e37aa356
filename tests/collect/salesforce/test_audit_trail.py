"""Who changed what in Salesforce: entries as its documentation of the Setup Audit Trail describes them, none real."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from passmuster.collect.audit_log import MOST_ENTRIES
from passmuster.collect.connectors.salesforce.connector import SalesforceConnector
from passmuster.collect.interface import Target
from passmuster.snapshot.gathered import CollectionResult
from tests.collect.answering import Asked, Reply, answering
from tests.collect.conformance import assert_conforms
from tests.collect.salesforce.folders import rows, status
from tests.collect.salesforce.organization import ANSWERS, change, page, record, refusal, user, write

DARA = "0055g00000AbCdEAAV"
TOKEN = "PASSMUSTER_SALESFORCE_ACCESS_TOKEN"


def collect(folder: Path, **changed: Any) -> CollectionResult:
    return SalesforceConnector().collect(Target(path=write(folder, **changed)))


def touched(result: CollectionResult) -> set[tuple[str, str, str]]:
    return {(row["object_table"], row["object_id"], row["action"]) for row in rows(result, "audit_events")}


@pytest.mark.parametrize(
    ("action", "display", "expected"),
    [
        (
            "PermSetAssign",
            "Permission set Exports: assigned to user Dara (UserID: [0055g00000AbCdE])",
            {("principals", DARA, "update")},
        ),
        ("deactivateduser", "Deactivated user Dara (UserID: [0055g00000AbCdE])", {("principals", DARA, "update")}),
        # Two people may have the same name.
        ("createduser", "Created new user Dara", set()),
        ("changedprofileforuser", "Changed profile for user Dara from Sales User to System Administrator", set()),
        (
            "activatedinteractiondefversion",
            'Activated flow version #2 "Hello" for flow with Unique Name "Welcome"',
            {("apps", "flow/Welcome", "update")},
        ),
        ("createdApexClass", "Created StockClient Apex Class code", {("apps", "apex/class/StockClient", "create")}),
        ("changedApexTrigger", "Changed Order Trigger code: StockClient", set()),
        # What reads otherwise than documented says nothing.
        ("changedApexClass", "Apex-Klasse StockClient wurde ge\u00e4ndert", set()),
    ],
)
def test_an_entry_says_what_it_touched_by_id_or_api_name_or_nothing(
    tmp_path: Path, action: str, display: str, expected: set[tuple[str, str, str]]
) -> None:
    people = page(user(1, "00e1"), user(2, "00e2", Id=DARA, Name="Dara"))
    result = collect(tmp_path, users=people, setup_changes=page(change(1, action, display)))
    assert_conforms(result)
    assert touched(result) == expected


@pytest.mark.parametrize(
    ("fields", "who"),
    [
        ({"CreatedById": "0052"}, "0052"),
        # Who signed in as another is the one who did it.
        ({"CreatedById": "0052", "DelegateUser": "USER1@example.org"}, "0051"),
        ({"CreatedById": "0052", "DelegateUser": "gone@example.org"}, "gone@example.org"),
    ],
)
def test_who_signed_in_as_somebody_else_is_named(tmp_path: Path, fields: dict[str, str], who: str) -> None:
    entry = change(1, "changedApexClass", "Changed StockClient Apex Class code", **fields)
    [row] = rows(collect(tmp_path, setup_changes=page(entry)), "audit_events")
    assert row["actor_principal_id"] == who


def test_a_trail_that_is_too_long_is_partial_and_says_how_far_back_it_goes(tmp_path: Path) -> None:
    newest = datetime(2026, 11, 25, 10, tzinfo=UTC)
    entries = [
        record(
            "SetupAuditTrail",
            Id=f"0Ym{number}",
            Action="changedApexClass",
            Display="Changed StockClient Apex Class code",
            CreatedById="0051",
            CreatedDate=f"{newest - timedelta(minutes=number):%Y-%m-%dT%H:%M:%S.000+0000}",
        )
        for number in range(MOST_ENTRIES)
    ]
    result = collect(tmp_path, setup_changes=page(*entries))
    oldest = newest - timedelta(minutes=MOST_ENTRIES - 1)
    assert (status(result, "audit_events"), result.tables["audit_events"].since) == ("partial", oldest)
    assert f"goes back to {oldest:%Y-%m-%d %H:%M} UTC" in result.tables["audit_events"].reason


def test_without_the_right_to_read_the_trail_that_table_alone_is_denied(tmp_path: Path) -> None:
    whole = collect(tmp_path / "whole")
    result = collect(tmp_path / "less", setup_changes=(403, refusal("INSUFFICIENT_ACCESS")))
    assert status(result, "audit_events") == "denied"
    assert "View Setup and Configuration" in result.tables["audit_events"].unlock
    assert {n: status(result, n) for n in result.tables if n != "audit_events"} == {
        n: status(whole, n) for n in whole.tables if n != "audit_events"
    }


def test_recordings_from_before_the_question_say_so(tmp_path: Path) -> None:
    result = collect(tmp_path, setup_changes=None)
    assert status(result, "audit_events") == "unsupported"
    assert "older" in result.tables["audit_events"].reason


def test_an_organisation_is_asked_from_the_look_before_on() -> None:
    def serve(asked: Asked) -> Reply:
        return Reply(200, ANSWERS["versions" if asked.path == "/services/data/" else "organization"])

    since = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
    with answering(serve) as server:
        SalesforceConnector().collect(Target(url=server.url, secrets={TOKEN: "token-canary"}, since=since))
    [soql] = [asked.params["q"] for asked in server.asked if "Display" in asked.params.get("q", "")]
    assert "WHERE CreatedDate >= 2026-11-20T06:30:00Z ORDER BY CreatedDate DESC" in soql
