"""Who changed what, from exports of Purview's audit log: made from the vendor's documentation, none real."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from passmuster.collect.connectors.power_platform.connector import PowerPlatformConnector
from passmuster.collect.connectors.power_platform.purview import collecting
from passmuster.collect.interface import Target
from passmuster.errors import UnreadableInput
from passmuster.snapshot.gathered import CollectionResult
from tests.collect.answering import answering
from tests.collect.conformance import assert_conforms, assert_repeatable
from tests.collect.power_platform_tenant import (
    DEFAULT,
    EXAMPLES,
    KIT,
    LIVE,
    PRODUCTION,
    SECRETS,
    TENANT,
    Tenant,
    hosts_file,
)
from tests.collect.purview_export import (
    LENA,
    MARCO,
    PRIYA,
    TOM,
    Record,
    entry,
    flow_entry,
    login,
    portal,
    powershell,
    role_entry,
    write,
)

APP, FLOW = "c0000000-0000-4000-8000-000000000001", "f0000000-0000-4000-8000-000000000001"
CLAIMS, POLICY = "c0000000-0000-4000-8000-000000000002", "1c5e0b7d-4f62-4a8b-9d30-e2f1a0b9c8d7"
SITE, GONE = "4916bb2c-91e1-4716-91d5-b6171928fac9", "dddddddd-0000-4000-8000-00000000000d"
ADMINISTRATOR = "11648597-926c-4cf3-9c36-bcebb0ba8dcc"
AT = datetime(2026, 6, 2, 8, tzinfo=UTC)
Touched = set[tuple[str, str, str]]


def folder_of(folder: Path, *texts: str, beside: Path = LIVE) -> Path:
    """What tells of the tenant, and the exports beside it."""
    shutil.copytree(beside, folder)
    for number, text in enumerate(texts):
        write(folder, text, f"AuditLog{number}.csv")
    return folder


def collect(folder: Path) -> CollectionResult:
    return PowerPlatformConnector().collect(Target(path=folder))


def touched(result: CollectionResult) -> Touched:
    rows = result.tables["audit_events"].rows
    return {(row["object_table"], row["object_id"], row["action"]) for row in rows}


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        # The id stands alone or at the end of a path, as Microsoft's own rules read it.
        (entry(1, "CreatePowerApp", {"power_app.id": APP}), {("apps", APP, "create")}),
        (
            entry(1, "PublishPowerApp", {"power_app.id": f"/providers/Microsoft.PowerApps/apps/{APP.upper()}"}),
            {("apps", APP, "update")},
        ),
        (entry(1, "AdminDeleteApp", {"power_app.id": GONE}), {("apps", GONE, "delete")}),
        (entry(1, "LaunchPowerApp", {"power_app.id": APP}), set()),
        (entry(1, "UpdatePowerApp", {"power_app.id": APP, "x": "1"}) | {"ResultStatus": "Failed"}, set()),
        (
            flow_entry(1, "CreateFlow", FLOW),
            {
                ("apps", FLOW, "create"),
                ("endpoints", f"{FLOW}/manual", "create"),
                ("connections", f"{FLOW}/Look_up_supplier", "create"),
            },
        ),
        (
            flow_entry(1, "PutPermissions", FLOW, RecipientUPN=login(TOM), SharingPermission="3"),
            {("apps", FLOW, "update"), ("grants", f"flow/{FLOW}/Owner/{TOM}", "update")},
        ),
        (flow_entry(1, "StartAPaidTrial", FLOW), set()),
        (
            entry(1, "PutConnection", {"connection.id": "/providers/Microsoft.PowerApps/connections/shared-sql-0002"}),
            {("connections", "shared-sql-0002", "update")},
        ),
        (
            entry(1, "PutApi") | {"ResourceId": "/providers/Microsoft.PowerApps/apis/shared_sql"},
            {("connectors", "/providers/Microsoft.PowerApps/apis/shared_sql", "update")},
        ),
        (
            # The default environment is written in lower case in the log.
            entry(1, "EnvironmentPropertyChange", {"environment.name": DEFAULT.lower()}),
            {("environments", DEFAULT, "update")},
        ),
        (
            entry(1, "Provisioned environment", {"environment.id": PRODUCTION}),
            {("environments", PRODUCTION, "create")},
        ),
        (entry(1, "NewEnvironmentGroup", {"environment.id": PRODUCTION}), set()),
        (
            entry(
                1,
                "GovernanceApiPolicyOperation",
                {
                    "id": POLICY,
                    "type": "ApiPolicy",
                    "tenant.governance.api_policy.operation_name": "CreateDlpPolicy",
                    "tenant.governance.api_policy.operation_result": "True",
                },
            ),
            {("data_policies", POLICY, "create")},
        ),
        (
            entry(
                1,
                "GovernanceApiPolicyOperation",
                {"id": POLICY, "tenant.governance.api_policy.operation_result": "False"},
            ),
            set(),
        ),
        (entry(1, "TenantIsolationOperation"), {("data_policies", "tenant_isolation", "update")}),
        (
            entry(1, "ApplyAdminRole", {"environment.id": PRODUCTION}),
            {("principals", PRIYA, "update"), ("grants", f"{PRODUCTION}/role-cust-a3f0/{PRIYA}", "update")},
        ),
        (role_entry(1, ADMINISTRATOR, MARCO), {("grants", f"entra:{ADMINISTRATOR}/{MARCO}", "create")}),
        # A role that is not read has no grant here.
        (role_entry(1, "29232cdf-9323-42fd-ade2-1d097af3e4de", MARCO), set()),
        # No page says in which property a site is named.
        (
            entry(1, "SiteVisibilityUpdated", {"website.id": SITE}),
            {("apps", SITE, "update"), ("endpoints", SITE, "update")},
        ),
        (entry(1, "SomethingNew", {"power_app.id": APP}), set()),
    ],
)
def test_an_entry_touches_things_by_the_ids_of_the_snapshot_or_nothing(
    tmp_path: Path, record: Record, expected: Touched
) -> None:
    result = collect(folder_of(tmp_path / "answers", portal(record)))
    assert_conforms(result)
    assert touched(result) == expected


@pytest.mark.parametrize(
    ("app", "shared_with", "grant"),
    [(CLAIMS, PRIYA, f"app/{CLAIMS}/CanEdit/{PRIYA}"), (APP, TENANT, f"app/{APP}/CanView/tenant:{TENANT}")],
)
def test_an_app_that_is_shared_touches_the_grant_it_gave(
    tmp_path: Path, app: str, shared_with: str, grant: str
) -> None:
    record = entry(1, "PowerAppPermissionEdited", {"power_app.id": app})
    record["PropertyCollection"].append({"Name": "targetuser.id", "Value": shared_with})
    found = touched(collect(folder_of(tmp_path / "answers", portal(record))))
    assert found == {("apps", app, "update"), ("grants", grant, "update")}


@pytest.mark.parametrize(
    ("changed", "who"),
    [
        ({}, PRIYA),
        ({"UserKey": "Not Available", "UserId": login(LENA).upper()}, LENA),
        # Whoever is not among the people of the snapshot is told as the log has it.
        ({"UserKey": GONE, "UserId": "left@harbourfinch.example"}, "left@harbourfinch.example"),
        ({"UserKey": "", "UserId": ""}, None),
        ({"UserKey": "", "UserId": "x" * 5_000 + "@harbourfinch.example"}, None),
    ],
)
def test_who_did_it_is_told_by_id_where_the_snapshot_knows_them(
    tmp_path: Path, changed: dict[str, str], who: str | None
) -> None:
    record = flow_entry(1, "EditFlow", FLOW) | ({"UserUPN": ""} if changed else {}) | changed
    rows = collect(folder_of(tmp_path / "answers", portal(record))).tables["audit_events"].rows
    assert {row["actor_principal_id"] for row in rows} == {who}


def recorded(folder: Path) -> Path:
    return folder_of(folder)


def kit(folder: Path) -> Path:
    return folder_of(folder, beside=KIT)


def scubagear(folder: Path) -> Path:
    folder_of(folder, beside=EXAMPLES / "power-platform")
    # What a run of ScubaGear writes beside its documents is no table of the kit.
    write(folder, "Control ID,Result\r\nMS.POWERPLATFORM.1.1v1,Fail\r\n", "ScubaResults.csv")
    write(folder, "Control ID,Remediation\r\nMS.POWERPLATFORM.1.1v1,\r\n", "ActionPlan.csv")
    return folder


@pytest.mark.parametrize("make", [recorded, kit, scubagear])
@pytest.mark.parametrize("spell", [portal, powershell])
def test_an_export_is_read_beside_whatever_tells_of_the_tenant(
    tmp_path: Path, make: Callable[[Path], Path], spell: Callable[..., str]
) -> None:
    folder = make(tmp_path / "read")
    without = collect(folder)
    assert str(without.tables["audit_events"].status) == "unsupported"
    places = [str(row["environment_id"]) for row in without.tables["environments"].rows]
    record = entry(7, "EnvironmentPropertyChange", {"environment.id": places[0]}) | {"OrganizationId": ""}
    record["PropertyCollection"] = [each for each in record["PropertyCollection"] if each["Value"] != TENANT]
    # Windows PowerShell writes UTF-16 where it is told to.
    write(folder, spell(record), encoding="utf-16" if spell is powershell else "utf-8")
    result = collect(folder)
    assert_conforms(result)
    assert_repeatable(PowerPlatformConnector(), Target(path=folder))
    log = result.tables["audit_events"]
    assert touched(result) == {("environments", places[0], "update")}
    assert (str(log.status), log.since, log.until) == ("ok", AT, AT)
    assert log.rows[0]["audit_event_id"] == record["Id"]
    assert {n: t for n, t in result.tables.items() if n != "audit_events"} == {
        n: t for n, t in without.tables.items() if n != "audit_events"
    }
    assert result.source_sha256 != without.source_sha256
    assert any("does not say what was searched for" in text for text in result.warnings)


def test_a_tenant_that_is_asked_itself_has_the_export_in_the_folder_of_its_hosts(tmp_path: Path) -> None:
    platform = Tenant()
    write(tmp_path, portal(entry(1, "UpdatePowerApp", {"power_app.id": APP})))
    # ScubaGear's own configuration is YAML too.
    write(tmp_path, "ProductNames: powerplatform\n", "scuba.yaml")
    with answering(platform) as server:
        platform.url = server.url
        hosts_file(tmp_path, server.url)
        result = PowerPlatformConnector().collect(Target(path=tmp_path, secrets=SECRETS))
        shutil.copy(tmp_path / "hosts.yaml", tmp_path / "other.yaml")
        with pytest.raises(UnreadableInput, match=r"several files of hosts \(hosts.yaml, other.yaml\)"):
            PowerPlatformConnector().collect(Target(path=tmp_path, secrets=SECRETS))
    assert result.source_kind == "api"
    assert touched(result) == {("apps", APP, "update")}


@pytest.mark.parametrize(
    ("name", "spell"),
    [("content.json", json.dumps), ("content.jsonl", lambda records: "\n".join(map(json.dumps, records)) + "\n\n")],
)
def test_what_the_management_activity_api_answers_is_read_as_a_list_or_by_lines(
    tmp_path: Path, name: str, spell: Callable[[list[Record]], str]
) -> None:
    folder = folder_of(tmp_path / "answers")
    write(folder, spell([entry(1, "UpdatePowerApp", {"power_app.id": APP}), flow_entry(2, "EditFlow", GONE)]), name)
    assert touched(collect(folder)) == {("apps", APP, "update"), ("apps", GONE, "update")}


def test_entries_that_come_twice_count_once_and_the_log_goes_from_the_oldest_to_the_newest(tmp_path: Path) -> None:
    first = entry(1, "UpdatePowerApp", {"power_app.id": APP}, at="2026-06-01T06:00:00")
    # Entries of one request share their id.
    same = flow_entry(1, "EditFlow", GONE, at="2026-06-03T09:30:00")
    # What other services log says nothing of how far Power Platform's entries reach.
    mail = entry(3, "MailItemsAccessed", at="2026-01-01T00:00:00") | {"Workload": "Exchange"}
    result = collect(folder_of(tmp_path / "answers", portal(first, mail), portal(first, same)))
    log = result.tables["audit_events"]
    assert_conforms(result)
    assert touched(result) == {("apps", APP, "update"), ("apps", GONE, "update")}
    assert (log.since, log.until) == (datetime(2026, 6, 1, 6, tzinfo=UTC), datetime(2026, 6, 3, 9, 30, tzinfo=UTC))


def test_an_export_as_long_as_exports_get_is_partial_and_reaches_back_to_no_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "MOST_ENTRIES", 3)
    records = [entry(n, "UpdatePowerApp", {"power_app.id": APP}, at=f"2026-06-0{n}T08:00:00") for n in (1, 2, 3)]
    log = collect(folder_of(tmp_path / "answers", portal(*records))).tables["audit_events"]
    assert (str(log.status), log.since, len(log.rows)) == ("partial", None, 3)
    assert "AuditLog0.csv holds 3 entries" in log.reason


@pytest.mark.parametrize("records", [(), (entry(1, "MailItemsAccessed") | {"Workload": "Exchange"},)])
def test_an_export_without_any_entry_of_power_platform_proves_nothing(tmp_path: Path, records: Any) -> None:
    log = collect(folder_of(tmp_path / "answers", portal(*records))).tables["audit_events"]
    assert (str(log.status), log.since, log.until) == ("partial", None, None)
    assert "record types of Power Platform" in log.unlock


_GOOD = entry(1, "UpdatePowerApp", {"power_app.id": APP})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(portal(_GOOD, '{"Id": "x", "Opera'), "line 3: AuditData: is not JSON", id="broken"),
        pytest.param(
            portal(_GOOD, ('{"CreationTime": "' + "x" * 40_000)[:32_767]),
            "line 3: AuditData was cut at the length of a spreadsheet's cell",
            id="cut",
        ),
        pytest.param(
            portal(_GOOD, '=HYPERLINK("https://elsewhere.example")'),
            "line 3: AuditData begins with '=' like a formula",
            id="formula",
        ),
        pytest.param(portal(_GOOD, ""), "line 3: AuditData is empty", id="empty"),
        pytest.param(portal(_GOOD, "[1, 2]"), "line 3: is no JSON object", id="a list"),
        pytest.param(portal(_GOOD, '{"x": ' + "[" * 200 + "]" * 200 + "}"), "nests deeper than 100", id="deep"),
        pytest.param(portal(_GOOD, '{"x": "' + "x" * 1_100_000 + '"}'), "line 3: AuditData is larger", id="huge"),
        pytest.param(portal({**_GOOD, "CreationTime": "gestern"}), "CreationTime 'gestern' is no time", id="time"),
        pytest.param(portal({**_GOOD, "Operation": None}), "line 2: holds no Operation", id="no operation"),
        pytest.param(portal({**_GOOD, "Id": "x" * 1_000}), "line 2: its Id has 1000 characters", id="long id"),
        pytest.param(
            portal(_GOOD).replace("CreationDate", "Erstellungsdatum").replace("AuditData", "\u00dcberwachungsdaten"),
            "line 1: there is no column AuditData (there are RecordId, Erstellungsdatum",
            id="translated",
        ),
        pytest.param(powershell({**_GOOD, "Operation": ""}), "line 3: holds no Operation", id="below the type"),
        pytest.param(portal(_GOOD) + '"x","y"\r\n', "line 3 has 2 cells, the header has 8", id="cells"),
    ],
)
def test_what_is_no_export_is_refused_with_the_line_and_the_mend(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UnreadableInput) as refused:
        collect(folder_of(tmp_path / "answers", text))
    assert "AuditLog0.csv" in str(refused.value)
    assert told in str(refused.value)
    assert "again" in str(refused.value) or "quote" in str(refused.value)


def test_all_mistakes_of_all_files_are_told_at_once_and_not_by_the_thousand(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput) as refused:
        collect(folder_of(tmp_path / "answers", portal(*["{"] * 1_000), portal(_GOOD, "{")))
    lines = str(refused.value).splitlines()
    assert len(lines) == 22
    assert lines[20].endswith("and 980 more lines of the kind")
    assert "AuditLog1.csv: line 3" in lines[21]


def test_the_date_beside_a_record_counts_where_the_record_tells_none_and_has_no_zone_but_utc(tmp_path: Path) -> None:
    record = {name: value for name, value in _GOOD.items() if name != "CreationTime"}
    text = portal({**record, "CreationTime": "2026-06-02T08:00:00"}).replace(
        '""CreationTime"": ""2026-06-02T08:00:00""', '""CreationTime"": null'
    )
    assert "null" in text
    assert collect(folder_of(tmp_path / "answers", text)).tables["audit_events"].since == AT


def test_an_export_of_another_tenant_is_refused_by_name(tmp_path: Path) -> None:
    other = {**_GOOD, "OrganizationId": "99999999-0000-4000-8000-000000000009"}
    with pytest.raises(UnreadableInput, match=r"AuditLog0.csv: holds entries of another tenant \(99999999"):
        collect(folder_of(tmp_path / "answers", portal(_GOOD, other)))


def test_an_export_alone_is_refused_with_where_to_put_it(tmp_path: Path) -> None:
    file = write(tmp_path / "alone", portal(_GOOD))
    for path in (file, file.parent):
        with pytest.raises(UnreadableInput, match="put it into one folder with what tells of it"):
            collect(path)
