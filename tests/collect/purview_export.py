"""Exports of Purview's audit log as Microsoft's documentation describes them: made from its examples, none real."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.collect.power_platform_tenant import TENANT

LENA, MARCO, PRIYA, TOM = (f"11111111-aaaa-4111-8111-00000000000{number}" for number in (1, 2, 3, 4))
_RESOURCE = "powerplatform.analytics.resource"
PORTAL = (
    "RecordId",
    "CreationDate",
    "RecordType",
    "Operation",
    "UserId",
    "AuditData",
    "AssociatedAdminUnits",
    "AssociatedAdminUnitsNames",
)
Record = dict[str, Any]


def login(who: str) -> str:
    names = {LENA: "lena.ostby", MARCO: "marco.okafor", PRIYA: "priya.sand", TOM: "tom.vries"}
    return f"{names[who]}@harbourfinch.example"


def entry(
    number: int,
    operation: str,
    properties: Mapping[str, str] = {},
    *,
    at: str = "2026-06-02T08:00:00",
    who: str = PRIYA,
) -> Record:
    """A record of the administrators' kind; `properties` without what all of their names begin with."""
    told = {
        **{f"{_RESOURCE}.{name}": value for name, value in properties.items()},
        "version": "1.0",
        "type": "PowerPlatformAdministratorActivityRecord",
        "powerplatform.analytics.activity.name": operation,
        "enduser.id": who,
        "enduser.principal_name": login(who),
        "enduser.role": "Admin",
        f"{_RESOURCE}.tenant.id": TENANT,
    }
    return {
        "PropertyCollection": [{"Name": name, "Value": value} for name, value in told.items()],
        **_common(number, operation, "PowerPlatform", at, who),
        "RecordType": 256,
    }


def flow_entry(
    number: int, operation: str, flow: str, *, at: str = "2026-06-02T08:00:00", who: str = PRIYA, **more: Any
) -> Record:
    """A record of Power Automate, which names the flow by the address of its page."""
    page = f"https://admin.powerplatform.microsoft.com/environments/Default-{TENANT}/flows/{flow}/flowDetails"
    return {
        **_common(number, operation, "MicrosoftFlow", at, who),
        "RecordType": 30,
        "FlowDetailsUrl": page,
        "UserUPN": who,
        **more,
    }


def role_entry(number: int, role: str, member: str, *, who: str = LENA) -> Record:
    """A record of the directory: somebody was given an administrator's role."""
    return {
        **_common(number, "Add member to role.", "AzureActiveDirectory", "2026-06-02T08:00:00", who),
        "RecordType": 8,
        "ObjectId": login(member),
        "ModifiedProperties": [{"Name": "Role.TemplateId", "NewValue": f'"{role}"', "OldValue": ""}],
        "Target": [{"ID": f"User_{member}", "Type": 2}, {"ID": member, "Type": 2}, {"ID": "User", "Type": 2}],
    }


def _common(number: int, operation: str, workload: str, at: str, who: str) -> Record:
    return {
        "Id": f"00000000-0000-4000-8000-{number:012d}",
        "CreationTime": at,
        "Operation": operation,
        "OrganizationId": TENANT,
        "UserType": 2,
        "UserKey": who,
        "UserId": login(who),
        "Workload": workload,
        "ResultStatus": "Succeeded",
        "Version": 1,
    }


def portal(*records: Record | str) -> str:
    """The CSV of the portal; a text stands in AuditData as it is."""
    return _csv(PORTAL, [_portal_row(each) for each in records])


def _portal_row(record: Record | str) -> Sequence[str]:
    if isinstance(record, str):
        return ("r1", "2026-06-02T08:00:00.0000000Z", "256", "UpdatePowerApp", login(PRIYA), record, "", "")
    date, text = f"{record['CreationTime']}.0000000Z", json.dumps(record)
    return (record["Id"], date, str(record["RecordType"]), record["Operation"], record["UserId"], text, "", "")


def powershell(*records: Record) -> str:
    """The CSV of Search-UnifiedAuditLog | Export-Csv in Windows PowerShell, on a computer that writes German dates."""
    header = ("RecordType", "CreationDate", "UserIds", "Operations", "AuditData", "ResultIndex", "Identity", "IsValid")
    rows = [
        ("256", "02.06.2026 08:00:00", each["UserId"], each["Operation"], json.dumps(each), "1", each["Id"], "True")
        for each in records
    ]
    return "#TYPE Deserialized.Microsoft.Exchange.Data.ApplicationLogic.Audit\r\n" + _csv(header, rows)


def _csv(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue()


def write(folder: Path, text: str, name: str = "AuditLog.csv", encoding: str = "utf-8") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(text, encoding=encoding)
    return file
