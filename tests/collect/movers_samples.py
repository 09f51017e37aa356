"""Files of other tools, retyped from what their sources and documentation show; none of them was recorded.

* ScubaGear: columns as `ConvertTo-ResultsCsv` writes them, every cell quoted, an empty one as a single blank.
* ScubaGoggles: the same with `ControlID`, as its tests of the orchestrator show.
* Prowler: records as `lib/outputs/ocsf/ocsf.py` builds them.
* DefectDojo: the generic table as in its documentation; the export with the columns `CSVExportView` takes from a
  finding, `test` twice as there.
"""

from __future__ import annotations

import copy
from typing import Any

SCUBAGEAR_COLUMNS = (
    '"Control ID","Requirement","Result","Criticality","Details","Non-Compliance Reason",'
    '"Remediation Completion Date","Justification"'
)
# Where nothing failed, the comma behind the columns of the results is missing.
SCUBAGEAR_NOTHING_FAILED = (
    '"Control ID","Requirement","Result","Criticality","Details""Non-Compliance Reason",'
    '"Remediation Completion Date","Justification"\r\n'
)
SCUBAGEAR_RESULTS = (
    '"Control ID","Requirement","Result","Criticality","Details"\r\n"MS.POWERPLATFORM.1.1v1","R","Fail","Shall","D"\r\n'
)


def action_plan(*rows: tuple[str, str, str, str], columns: str = SCUBAGEAR_COLUMNS) -> str:
    """An action plan of (policy, reason, date, justification) rows, as PowerShell writes it on Windows."""
    lines = [columns]
    for policy, reason, day, justification in rows:
        cells = (policy, "The ability SHALL be restricted.", "Fail", "Shall", "Requirement not met", reason, day)
        lines.append(",".join('"' + cell.replace('"', '""') + '"' for cell in (*cells, justification)))
    return "\r\n".join(lines) + "\r\n"


PROWLER_RECORD: dict[str, Any] = {
    "message": "IAM Access Analyzer in account 123456789012 is not enabled.",
    "metadata": {
        "event_code": "accessanalyzer_enabled",
        "product": {"name": "Prowler", "uid": "prowler", "vendor_name": "Prowler", "version": "5.0.0"},
        "profiles": ["cloud", "datetime"],
        "version": "1.4.0",
    },
    "severity_id": 2,
    "severity": "Low",
    "status": "New",
    "status_code": "FAIL",
    "status_detail": "IAM Access Analyzer in account 123456789012 is not enabled.",
    "status_id": 1,
    "unmapped": {"related_url": "", "categories": [], "compliance": {"CIS-3.0": ["1.20"]}},
    "activity_name": "Create",
    "activity_id": 1,
    "finding_info": {
        "created_time": 1735570800,
        "title": "Check if IAM Access Analyzer is enabled",
        "types": ["IAM"],
        "uid": "prowler-aws-accessanalyzer_enabled-123456789012-us-east-1-123456789012",
    },
    "resources": [{"region": "us-east-1", "name": "123456789012", "uid": "arn:aws:iam::123456789012:root"}],
    "category_uid": 2,
    "class_name": "Detection Finding",
    "class_uid": 2004,
    "time": 1735570800,
    "type_uid": 200401,
}


def prowler(uid: str, **changes: Any) -> dict[str, Any]:
    """One record with that id; `resource` changes the id of its resource, other changes are of its first level."""
    record = copy.deepcopy(PROWLER_RECORD)
    record["finding_info"]["uid"] = uid
    if "resource" in changes:
        record["resources"][0]["uid"] = changes.pop("resource")
    return {**record, **changes}


DEFECTDOJO_GENERIC = """\
Date,Title,CweId,Url,Severity,Description,Mitigation,Impact,References,Active,Verified,FalsePositive,Duplicate,\
IsMitigated,MitigatedDate
28/02/2021,Clear text,319,https://user:word@app.example/a?token=1,Low,Described,Advice,,,TRUE,TRUE,FALSE,FALSE,FALSE,
28/02/2021,Clear text,319,https://app.example/b,Low,Some description,Advice,Impact,,TRUE,TRUE,FALSE,FALSE,FALSE,
01/30/2018,Cookie without the secure flag,0,https://app.example/,Moderate,Some description,,,,False,False,False,False,,
28/02/2021,Old one,0,,High,Gone,,,,FALSE,TRUE,FALSE,FALSE,TRUE,2024-05-20
28/02/2021,Wrong one,0,,High,Never was,,,,TRUE,FALSE,TRUE,FALSE,,
"""

_EXPORT_COLUMNS = (
    "active component_name component_version cwe date description duplicate false_p id is_mitigated mitigated "
    "numerical_severity out_of_scope reporter risk_accepted severity sla_age sla_deadline sla_expiration_date test "
    "title under_review verified vuln_id_from_tool test found_by engagement_id product endpoints tags status notes"
).split()


def defectdojo_export(*rows: dict[str, str]) -> str:
    """An export with these findings; a flag that is not given is False, another cell empty."""
    flags = {"active", "duplicate", "false_p", "is_mitigated", "out_of_scope", "risk_accepted", "under_review"}
    lines = [",".join(_EXPORT_COLUMNS)]
    for row in rows:
        cells = [row.get(name, "False" if name in flags else "") for name in _EXPORT_COLUMNS]
        lines.append(",".join('"' + cell.replace('"', '""') + '"' for cell in cells))
    return "\r\n".join(lines) + "\r\n"
