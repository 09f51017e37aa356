"""A fleet as JSON, for those who put many platforms on one board."""

from __future__ import annotations

import json
from typing import Any, TextIO

from passmuster.model.report import FleetLine, FleetPerson, FleetReport
from passmuster.model.words import Outcome
from passmuster.report.summary import shared_fails
from passmuster.report.text import rfc3339


def write_fleet_json(fleet: FleetReport, out: TextIO) -> None:
    """Write the `passmuster/fleet-report@1` document."""
    document = {
        "schema": "passmuster/fleet-report@1",
        "as_of": rfc3339(fleet.as_of),
        "platforms": [_line(line) for line in fleet.lines],
        "shared": [
            {
                "pack": shared.pack,
                "control": shared.control,
                "title": shared.title,
                "severity": str(shared.severity),
                "platforms": list(shared.platforms),
            }
            for shared in shared_fails(fleet)
        ],
        "people": [_person(person) for person in fleet.people],
        "people_untold": [{"platform": name, "reason": reason} for name, reason in fleet.untold],
    }
    json.dump(document, out, ensure_ascii=False, indent=1)
    out.write("\n")


def _person(person: FleetPerson) -> dict[str, Any]:
    return {
        "address": person.address,
        "concerns": list(person.concerns),
        "accounts": [
            {
                "platform": account.platform,
                "is_enabled": account.is_enabled,
                "left_on": account.left_on.isoformat() if account.left_on else None,
                "last_used_on": account.last_used_on.isoformat() if account.last_used_on else None,
                "privileged": None if account.privileged is None else list(account.privileged),
            }
            for account in person.accounts
        ],
    }


def _line(line: FleetLine) -> dict[str, Any]:
    return {
        "name": line.name,
        "product": line.product,
        "snapshot": line.snapshot_id or None,
        "taken_at": rfc3339(line.taken_at) if line.taken_at else None,
        "answered": line.answered,
        "of": line.applicable,
        "worst": str(line.worst) if line.worst else None,
        "summary": {str(outcome): line.counts.get(outcome, 0) for outcome in Outcome},
        "problem": line.problem or None,
        "report": line.href or None,
    }
