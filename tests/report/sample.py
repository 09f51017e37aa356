# ruff: noqa: E501  (a table is easier to read than its wrapped lines)
"""A review such as a real one, built from values: an n8n instance of a mid-sized company."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from passmuster.model.drift import Change, ControlChange, Drift, TableDrift
from passmuster.model.report import (
    BaseSummary,
    DeclaredFact,
    Digest,
    FleetLine,
    FleetReport,
    FlowEdge,
    FlowMap,
    InventoryItem,
    Provenance,
    ReviewReport,
)
from passmuster.model.results import (
    ControlResult,
    Evaluation,
    PackIdentity,
    SnapshotIdentity,
    TableState,
    Unlock,
    Violation,
)
from passmuster.model.words import CollectionStatus, Outcome, Responsibility, Severity
from passmuster.report.summary import fleet_line
from tests.report.registered import registered

AS_OF = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
OWNER_KEY = "Give the review an API key of an instance owner (scopes user:list, audit:generate)"
LOGS = "Hand over the log export of the reverse proxy with --declared"
REGISTERS = "Hand over attestations.csv with --registers"

# control | domain | severity | responsibility | title | outcome | population | frameworks
_CONTROLS = """
IAM-01|Identity and sign-in|high|customer|People sign in through the corporate identity provider|fail|46|IA-2 IA-8
IAM-04|Identity and sign-in|critical|customer|Multi-factor sign-in is enforced for every interactive person|fail|46|IA-2(1) IA-2(2)
IAM-07|Identity and sign-in|high|customer|Repeated failed sign-ins lock the account|unknown|0|AC-7
IAM-10|Identity and sign-in|medium|customer|Enabled accounts unused for 90 days are removed or disabled|unknown|46|AC-2(3)
IAM-12|Identity and sign-in|high|customer|Leavers lose access within the agreed time|pass|46|AC-2 PS-4
PRV-01|Privileges|high|customer|Tenant administrators number at least two and at most the house limit|pass|4|AC-6(5)
PRV-04|Privileges|critical|customer|Read-all and change-all rights are held only by approved roles|pass|6|AC-6 AC-3
PRV-08|Privileges|critical|customer|Service accounts hold no administrator role|fail|5|AC-6(5)
PRV-13|Privileges|high|customer|Access was recertified within the review period|manual|0|AC-2
NHI-01|Service identities and secrets|high|customer|Every service account and token has a living human owner|fail|61|AC-2 IA-4
NHI-02|Service identities and secrets|high|customer|Tokens and API keys carry an expiry|fail|14|IA-5
NHI-04|Service identities and secrets|medium|customer|Credentials not used by any active workflow are removed|fail|61|AC-2(3) IA-5
NHI-09|Service identities and secrets|critical|customer|No secret is stored in clear text in steps, variables or settings|fail|1184|IA-5(7) SC-28
CON-01|Connectors and data policies|critical|customer|A data policy applies to the default environment|not_applicable|0|SC-7(10)
CON-07|Connectors and data policies|high|customer|Cross-tenant connections are isolated|not_applicable|0|AC-3
CON-09|Connectors and data policies|high|customer|No app joins an internal source to an uncontrolled destination|fail|212|AC-4 SC-7
CON-10|Connectors and data policies|high|customer|Outbound connections use TLS and check certificates|pass|61|SC-8
DAT-02|Data|high|customer|Flows of confidential data to outside parties are approved|fail|38|AC-4 CA-3
DAT-04|Data|critical|customer|Anonymous visitors cannot read business records|pass|1|AC-3 AC-14
DAT-08|Data|high|shared|Data stores are encrypted at rest|manual|0|SC-28
KEY-02|Keys and certificates|high|shared|No certificate is expired or within 30 days of expiry|pass|2|SC-17
KEY-04|Keys and certificates|critical|customer|The instance secret that protects stored credentials is set and not a default|pass|1|SC-12
EXP-01|Exposure|high|customer|Every public endpoint is inventoried and approved|manual|17|SC-7 CM-8
EXP-02|Exposure|high|customer|Webhooks and HTTP triggers require authentication or verify their payload|fail|17|AC-3 IA-2
EXP-03|Exposure|critical|customer|The builder and admin interface is not reachable without sign-in|pass|1|AC-3 AC-14
EXP-04|Exposure|high|shared|Public endpoints use HTTPS with TLS 1.2 or later|unknown|17|SC-8
APP-01|Apps and automations|high|customer|Every app and workflow has an enabled owner|pass|212|CM-8
APP-05|Apps and automations|high|customer|Script and command steps in production have been reviewed|manual|93|SA-11
APP-06|Apps and automations|critical|customer|Steps that touch the host file system or shell are disabled|fail|1184|CM-7
APP-07|Apps and automations|high|customer|Database steps bind parameters instead of pasting values into SQL|fail|31|SI-10
ADD-01|Add-ons|high|customer|Every installed add-on is on the approved list|pass|9|CM-11
ADD-02|Add-ons|high|customer|Add-ons come from verified publishers and trusted registries|fail|9|SR-3 SR-11
ENV-04|Environments|high|customer|Production is separate from development and test|pass|2|SA-3(1)
CFG-03|Configuration and change|medium|customer|Flow and configuration definitions are exported to version control|pass|1|CM-2
LOG-01|Logging|critical|customer|Administrative audit logging is on in every environment|unknown|0|AU-2 AU-12
LOG-03|Logging|high|customer|Logs are kept for the required period|unknown|0|AU-11
LOG-04|Logging|high|customer|Logs reach the central monitoring system and are fresh|unknown|0|AU-6 SI-4
LOG-06|Logging|high|shared|Administrators cannot alter or erase audit logs|unknown|0|AU-9
BCK-01|Backup and restore|high|shared|Backups are newer than the recovery point objective|pass|2|CP-9
BCK-02|Backup and restore|high|shared|A restore was tested within the period|fail|2|CP-9(1)
PAT-01|Patching|critical|shared|The platform runs a vendor-supported version|pass|1|SA-22
PAT-03|Patching|high|customer|Every pending update has an owner, a window and a decision|error|0|SI-2
VND-01|Vendor assurance|high|vendor|An independent assurance report is in date and its exceptions were read|unknown|0|SA-9
GOV-01|Governance|high|customer|Posture reviews were held on schedule|pass|1|CA-2
"""

# control: resources as id, name, detail
_BROKEN: dict[str, list[tuple[str, str, str]]] = {
    "IAM-01": [
        (f"user-{n}", f"{who} (local password)", "signs in with a local password")
        for n, who in enumerate(["Mira Okafor", "Jonas Lind", "Tomás Prieto", "李娜", "Sahar Rahimi"])
    ],
    "IAM-04": [
        ("user-2", "Tomás Prieto", "may sign in without a second factor; holds the role global:admin"),
        ("user-7", "Contractor 7", "may sign in without a second factor; last sign-in 2026-05-30"),
        ("user-31", "שירה כהן", "may sign in without a second factor"),
    ],
    "PRV-08": [("svc-1", "deploy-bot", "holds global:admin directly since 2024-11-02; used by 3 workflows")],
    "NHI-01": [
        (f"cred-{n}", f"{name} API", "its owner left the organisation on 2026-02-28")
        for n, name in enumerate(["Stripe", "HubSpot", "Personio", "Slack", "AWS S3 archive", "Jira", "DATEV"])
    ],
    "NHI-02": [(f"key-{n}", f"api key {n}", "known never to expire; created 2024-03-11") for n in range(11)],
    "NHI-04": [(f"cred-{n}", f"old credential {n}", "no active workflow uses it") for n in range(40, 74)],
    "NHI-09": [
        (
            "wf-18/7",
            "Nightly payroll export / HTTP Request",
            "2 places look like a secret in clear (header Authorization)",
        ),
        ("wf-91/3", "Lead enrichment / Code", "1 place looks like a secret in clear (JavaScript)"),
    ],
    "CON-09": [
        ("wf-112", "CRM to spreadsheet", "joins crm-db (internal) to sheets.googleapis.com (not on the list of hosts)")
    ],
    "DAT-02": [
        ("flow-3", "Nightly payroll export", "moves restricted data to api.datev.example, not approved"),
        ("flow-9", "Support digest", "moves confidential data to api.openai.example, not approved"),
    ],
    "EXP-02": [
        (f"hook-{n}", f"/webhook/{path}", "answers anyone; the workflow writes to an internal system")
        for n, path in enumerate(["orders-new", "hr-intake", "survey", "ci-deploy", "lead"])
    ],
    "APP-06": [
        ("wf-7/2", "Cleanup temp files / Execute Command", "runs shell commands on the host; workflow is active")
    ],
    "APP-07": [(f"wf-{n}/4", f"Report {n} / Postgres", "pastes an expression into SQL") for n in range(8)],
    "ADD-02": [
        ("n8n-nodes-pdf-tools", "n8n-nodes-pdf-tools 0.3.1", "publisher is not verified; last release 2023-08-14")
    ],
    "BCK-02": [("bck-prod", "Nightly dump, production", "never restored in a test")],
}
_REASONS = {
    "IAM-07": ("settings: denied (HTTP 403 on /api/v1/audit)", (OWNER_KEY,)),
    "IAM-10": ("46 of 46 resources: last_sign_in_at is not known", (OWNER_KEY,)),
    "EXP-04": ("17 of 17 resources: tls_min is not known", (LOGS,)),
    "LOG-01": ("log_sources: unsupported (the API of this edition does not tell)", (LOGS,)),
    "LOG-03": ("log_sources: unsupported (the API of this edition does not tell)", (LOGS,)),
    "LOG-04": ("log_sources: unsupported (the API of this edition does not tell)", (LOGS,)),
    "LOG-06": ("log_sources: unsupported (the API of this edition does not tell)", (LOGS,)),
    "VND-01": ("register attestations was not handed over", (REGISTERS,)),
    "PAT-03": ("the check stopped: column window_start_at holds a text that is not a time", ()),
    "CON-01": ("for Power Platform only", ()),
    "CON-07": ("for Power Platform only", ()),
    "PRV-13": ("waits for an attestation", ()),
    "DAT-08": ("waits for an attestation", ()),
    "EXP-01": ("4 of 17 endpoints wait for a decision on the allow list", ()),
    "APP-05": ("93 steps; no attestation says they were reviewed", ()),
}
_REMEDIATION = """1. Open **Settings, Users** and filter by the accounts named below.
2. Turn on `Enforce two-factor` for the instance, or move the accounts to single sign-on.
3. Revoke the sessions that are open, then run the review again.

See the [vendor's page](https://docs.n8n.io/user-management/) for the steps of your version."""
_RATIONALE = (
    "An account that a password alone opens is opened by whoever learns the password, and passwords of builders are "
    "worth stealing: they reach every system the workflows reach. The control looks at people only, never at services."
)


def result(line: str) -> ControlResult:
    """One control's result, from one line of the table above."""
    control, domain, severity, responsibility, title, outcome, population, frameworks = line.split("|")
    reason, unlocks = _REASONS.get(control, ("", ()))
    found = tuple(violation(control, severity, *resource) for resource in _BROKEN.get(control, []))
    return ControlResult(
        pack="no-code-baseline",
        control=control,
        title=title,
        domain=domain,
        severity=Severity(severity),
        responsibility=Responsibility(responsibility),
        outcome=Outcome(outcome),
        reason=reason or (f"{len(found)} of {population} resources" if found else ""),
        population=int(population),
        violation_count=len(found),
        unknown_resources=int(population) if outcome == "unknown" else 0,
        violations=found,
        unlocks=unlocks,
        remediation=_REMEDIATION,
        rationale=_RATIONALE,
        maps={"nist_800_53_r5": frameworks.split(), "owasp_lcnc": ["LCNC-SEC-02"], "iso_27001_2022": ["A.8.2"]},
    )


def violation(control: str, severity: str, key: str, name: str, detail: str) -> Violation:
    """One resource; the one of BCK-02 is covered by an exception."""
    digest = hashlib.sha256(f"{control}/{key}".encode()).hexdigest()[:32]
    until = datetime(2026, 9, 30, tzinfo=UTC) if control == "BCK-02" else None
    by = "ciso@meridian.example" if until else ""
    return Violation(key, name, detail, Severity(severity), digest, until, by)


def evaluation() -> Evaluation:
    """The evaluation of the sample."""
    results = tuple(result(line) for line in _CONTROLS.strip().splitlines())
    unlocks = tuple(
        Unlock(action, tuple(r.control for r in results if action in r.unlocks))
        for action in (LOGS, OWNER_KEY, REGISTERS)
    )
    return Evaluation(
        as_of=AS_OF,
        snapshot=snapshot(),
        packs=(PackIdentity("no-code-baseline", "1.0.0", "No-code baseline"),),
        results=results,
        tables=tables(),
        unlocks=unlocks,
        warnings=("2 workflows are larger than the API returns at once; their steps were read one by one",),
    )


def snapshot() -> SnapshotIdentity:
    """Which snapshot the sample is of."""
    return SnapshotIdentity(
        id="7b0c5f1e6a9d4c30b2f8e1d7a6c5b4a3",
        platform_id="n8n-prod",
        product="n8n",
        name="Meridian automation",
        base_url="https://n8n.meridian.example",
        hosting="self",
        version="1.123.17",
        taken_at=datetime(2026, 6, 1, 7, 42, 11, tzinfo=UTC),
        connector="n8n",
        connector_version="0.1.0",
        source_kind="api",
    )


def tables() -> tuple[TableState, ...]:
    """What became of the tables."""
    ok, denied, unsupported = CollectionStatus.OK, CollectionStatus.DENIED, CollectionStatus.UNSUPPORTED
    return (
        TableState("apps", ok, "", "", 212),
        TableState("app_steps", ok, "", "", 1184),
        TableState("principals", ok, "", "", 51),
        TableState("settings", denied, "HTTP 403 on /api/v1/audit", OWNER_KEY, 0),
        TableState("log_sources", unsupported, "the API of this edition does not tell", LOGS, 0),
        TableState("data_policies", CollectionStatus.EMPTY, "n8n has no such thing", "", 0),
    )


def drift() -> Drift:
    """What changed since the last review."""
    return Drift(
        base_id="1d2c3b4a5f6e7d8c9b0a1f2e3d4c5b6a",
        head_id=snapshot().id,
        tables=(
            TableDrift(
                "apps",
                added=(
                    {"app_id": "wf-112", "name": "CRM to spreadsheet", "kind": "workflow", "is_active": True},
                    {"app_id": "wf-113", "name": "Survey intake", "kind": "workflow", "is_active": False},
                ),
                removed=({"app_id": "wf-40", "name": "Old newsletter", "kind": "workflow"},),
                changed=(
                    Change({"app_id": "wf-7"}, "is_active", False, True),
                    Change({"app_id": "wf-91"}, "owner_principal_id", "user-4", "user-2"),
                ),
            ),
            TableDrift("credentials", added=({"credential_id": "cred-77", "kind": "stored_secret", "name": "Sheets"},)),
            TableDrift("principals", changed=(Change({"principal_id": "user-9"}, "is_enabled", True, False),)),
            TableDrift("connectors"),
            TableDrift("settings", not_comparable="head: denied (HTTP 403 on /api/v1/audit)"),
        ),
        controls=(
            ControlChange("CON-09", "CON-09", "pass", "fail", ("a1",), ()),
            ControlChange("APP-06", "APP-6", "pass", "fail", ("a2",), ()),
            ControlChange("NHI-01", "NHI-01", "fail", "fail", ("b1", "b2"), ("b3",)),
            ControlChange("IAM-12", "IAM-12", "fail", "pass", (), ("c1",)),
            ControlChange("IAM-07", "IAM-07", "pass", "unknown"),
        ),
    )


def flows() -> FlowMap:
    """The data flows."""
    lines = """
    CRM database|CRM to spreadsheet|Google Sheets|sheets.googleapis.com|external|confidential
    CRM database|Lead enrichment|Enrichment API|api.enrich.example|external|confidential
    Web form|Survey intake|CRM database|crm-db.meridian.example|internal|internal
    HR database|Nightly payroll export|DATEV|api.datev.example|partner|restricted
    Support mailbox|Support digest|Language model|api.openai.example|external|confidential
    Support mailbox|Support digest|Slack|slack.com|external|internal
    Shop orders|New orders|ERP|erp.meridian.example|internal|internal
    Shop orders|New orders|Slack|slack.com|external|internal
    ERP|Invoice archive|AWS S3 archive|s3.eu-central-1.amazonaws.com|partner|confidential
    |Cleanup temp files|File share|files.meridian.example|internal|
    ERP|Weekly report|Mail gateway|smtp.meridian.example|internal|internal
    """
    edges = []
    for line in lines.strip().splitlines():
        source, app, target, host, boundary, classification = (part.strip() for part in line.split("|"))
        edges.append(FlowEdge(source, app, target, host, boundary or None, classification or None, app == "ERP"))
    return FlowMap(CollectionStatus.OK, edges=tuple(edges))


def inventory() -> tuple[InventoryItem, ...]:
    """Counts and short lists."""
    ok, seen = CollectionStatus.OK, datetime(2026, 5, 30, 9, 12)  # noqa: DTZ001  (snapshot times are UTC without offset)
    return (
        InventoryItem(
            "Environments", 2, ok, "", "", ("Name", "Kind"), (("production", "production"), ("staging", "test"))
        ),
        InventoryItem(
            "Apps and automations",
            212,
            ok,
            "",
            "148 active",
            ("Name", "Active", "Owner", "Last change"),
            (
                ("CRM to spreadsheet", True, "Tomás Prieto", seen),
                ("Cleanup temp files", True, None, seen),
                ("Nightly payroll export", True, "Mira Okafor", seen),
            ),
        ),
        InventoryItem("Connectors", 64, ok, "", "9 community"),
        InventoryItem("Connections", 61, ok),
        InventoryItem(
            "Add-ons",
            9,
            ok,
            "",
            "1 from an unverified publisher",
            ("Package", "Version", "Publisher verified"),
            (("n8n-nodes-pdf-tools", "0.3.1", False), ("n8n-nodes-datev", "2.0.4", True)),
        ),
        InventoryItem("Credentials and keys", 75, ok, "", "11 never expire"),
        InventoryItem("People", 46, ok, "", "4 administrators"),
        InventoryItem("Service accounts", 5, ok, "", "1 administrator"),
        InventoryItem("Public endpoints", 17, ok, "", "5 without sign-in"),
        InventoryItem("Log sources", None, CollectionStatus.UNSUPPORTED, "the API of this edition does not tell"),
    )


def review() -> ReviewReport:
    """The whole report."""
    row = {"key_id": "instance", "purpose": "credential_store", "is_default_value": False}
    backup = {"backup_id": "bck-prod", "kind": "full", "encrypted": True, "separate_admin": True}
    said = datetime(2026, 5, 20, 9, 30, tzinfo=UTC)
    return ReviewReport(
        evaluation=evaluation(),
        provenance=Provenance(
            "0.1.0",
            datetime(2026, 6, 1, 8, 0, 4, tzinfo=UTC),
            tuple(
                Digest(what, hashlib.sha256(what.encode()).hexdigest())
                for what in (
                    "manifest.json",
                    "apps.parquet",
                    "principals.parquet",
                    "pack no-code-baseline 1.0.0",
                    "allow_lists.csv",
                )
            ),
            ("allow_lists", "owners"),
            {"dormant_days": 90, "max_administrators": 5},
        ),
        drift=drift(),
        base=BaseSummary(
            "1d2c3b4a5f6e7d8c9b0a1f2e3d4c5b6a",
            datetime(2026, 3, 2, 7, 40, tzinfo=UTC),
            30,
            41,
            {Severity.CRITICAL: 3, Severity.HIGH: 7, Severity.MEDIUM: 1},
        ),
        inventory=inventory(),
        flows=flows(),
        declared=(
            DeclaredFact("keys", row, "Mira Okafor, platform owner", said, "ticket OPS-1182"),
            DeclaredFact("backups", backup, "Jonas Lind, operations", said, "runbook, page 4"),
        ),
        registers=registered(),
    )


def fleet() -> FleetReport:
    """A few platforms, one of which could not be reached."""
    first = fleet_line(evaluation(), href="n8n-prod/report.html")
    second = FleetLine(
        "Meridian CRM",
        "salesforce",
        "9c",
        AS_OF,
        38,
        60,
        {Outcome.FAIL: 6, Outcome.PASS: 32, Outcome.UNKNOWN: 22},
        first.failing[1:5],
        "",
        "crm/report.html",
    )
    third = FleetLine(
        "Field service",
        "power_platform",
        "4d",
        AS_OF,
        51,
        55,
        {Outcome.PASS: 51, Outcome.UNKNOWN: 4},
        (),
        "",
        "field/report.html",
    )
    return FleetReport(
        AS_OF, (third, first, second, FleetLine("Plant floor", "node_red", problem="no answer in 30 s")), "0.1.0"
    )
