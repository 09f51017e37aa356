"""One entry of the audit log, as its column AuditData, the Management Activity API and Microsoft Graph hold it.

The common fields are those of "Office 365 Management Activity API schema" (Id, CreationTime in UTC, Operation,
OrganizationId, UserKey, UserId, Workload, ResultStatus); what a record of Power Platform tells besides stands in its
PropertyCollection, pairs of Name and Value ("View Power Apps activity logs in Microsoft Purview").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from passmuster.collect.connectors.power_platform.powershell import as_text, as_time
from passmuster.collect.connectors.power_platform.purview.operations import Change, change_of

Record = Mapping[str, Any]
_OURS = ("powerapps", "powerplatform", "powerautomate", "powerpages", "microsoftflow")
# Some records say it in their properties, others in the common field; absent means that it went well.
_SUCCESS = (
    "powerplatform.analytics.operation.is_successful",
    "powerplatform.analytics.resource.tenant.governance.api_policy.operation_result",
)
_LONGEST_ID = 200
_LISTED = ("ModifiedProperties", "ExtendedProperties")


@dataclass(frozen=True)
class Entry:
    """An entry that can be understood; `change` is None where it changes nothing that a snapshot has.

    `properties` are what the record's own collections hold, by name in lower case.
    """

    number: str
    at: datetime
    operation: str
    change: Change | None
    tenant: str
    is_ours: bool
    data: Record = field(repr=False)
    properties: Mapping[str, str] = field(repr=False)

    def text(self, name: str) -> str | None:
        """A field of the record, or a property of that name, as text; None where there is none."""
        return as_text(self.data.get(name)) or self.properties.get(name.lower())


class NoEntry(ValueError):
    """What is not an entry of the audit log; its text says why."""


def entry_of(data: Any, *, number: str = "", date: str = "") -> Entry:
    """The entry a record holds; `number` and `date` are what stands beside it. Raises NoEntry."""
    if not isinstance(data, Mapping):
        raise NoEntry("is no JSON object")
    operation = as_text(data.get("Operation"))
    if operation is None:
        raise NoEntry("holds no Operation, so it is no entry of the audit log")
    told = data.get("CreationTime") or date
    at = as_time(told)
    if at is None:
        raise NoEntry(f"its CreationTime {str(told)!r:.40} is no time such as 2026-05-19T13:17:34")
    known = as_text(data.get("Id")) or number.strip()
    if len(known) > _LONGEST_ID:
        raise NoEntry(f"its Id has {len(known)} characters, which none has")
    if not known:
        raise NoEntry("holds no Id, and no column RecordId or Identity tells one")
    workload = (as_text(data.get("Workload")) or "").lower()
    properties = _properties(data)
    change = change_of(operation) if _went_well(data, properties) else None
    tenant = as_text(data.get("OrganizationId")) or properties.get("powerplatform.analytics.resource.tenant.id") or ""
    return Entry(known, at, operation, change, tenant.lower(), workload.startswith(_OURS), data, properties)


def _properties(data: Record) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in records_in(data.get("PropertyCollection")):
        name, value = _told(pair, "Name"), _told(pair, "Value")
        if name and value:
            found.setdefault(name.lower(), value)
    for pair in (pair for name in _LISTED for pair in records_in(data.get(name))):
        name, value = _told(pair, "Name"), _told(pair, "NewValue") or _told(pair, "OldValue")
        if name and value:
            # Values of the directory come in quotes of their own.
            found.setdefault(name.lower(), value.strip().strip('"'))
    return found


def _told(pair: Record, name: str) -> str | None:
    # Microsoft Graph begins names with a small letter.
    return as_text(pair.get(name)) or as_text(pair.get(f"{name[:1].lower()}{name[1:]}"))


def records_in(value: Any) -> list[Record]:
    """The records of a list; empty for anything else."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _went_well(data: Record, properties: Mapping[str, str]) -> bool:
    told = [properties.get(name, "").lower() for name in _SUCCESS]
    return "false" not in told and not (as_text(data.get("ResultStatus")) or "").lower().startswith(("fail", "false"))
