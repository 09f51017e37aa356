"""A platform with something in every register, read by the project's own code."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from passmuster.controls.catalogue import find_pack
from passmuster.model.register_view import RegisterView
from passmuster.pipeline.assuring import view_registers
from passmuster.pipeline.evaluating import Judging
from passmuster.snapshot.registers import read_registers
from tests.making import Rows, make_snapshot
from tests.snapshot.assured import changed, write

AS_OF = datetime(2026, 6, 1, 8, tzinfo=UTC)


def at(text: str) -> datetime:
    """A day at eight in the morning."""
    return datetime.fromisoformat(f"{text}T08:00:00+00:00")


def log(name: str, environment: str | None, classes: list[str] | None, **more: Any) -> dict[str, Any]:
    """A log source that is on, kept for a year and delivered an hour ago, but for what `more` says."""
    return {
        "log_source_id": name,
        "environment_id": environment,
        "is_enabled": True,
        "event_classes": None if classes is None else json.dumps(classes),
        "retention_days": 365,
        "delivered_to": "the SIEM",
        "last_event_at": at("2026-06-01"),
        "last_delivered_at": at("2026-06-01"),
        **more,
    }


def store(name: str, region: str | None, **more: Any) -> dict[str, Any]:
    """A table of data in a region."""
    return {"data_store_id": name, "name": name.title(), "region": region, **more}


def flow(name: str, app: str, source: str | None, to: str, **more: Any) -> dict[str, Any]:
    """Data that an app moves from a store (or from itself) to another store or a connection."""
    start = {"from_kind": "data_store", "from_id": source} if source else {"from_kind": "app", "from_id": app}
    end = {"to_kind": "data_store" if to.startswith("store") else "connection", "to_id": to}
    return {"flow_id": name, "app_id": app, **start, **end, **more}


TABLES: Rows = {
    "platforms": [{"platform_id": "test:1", "product": "n8n", "hosting": "self", "region": "eu"}],
    "environments": [
        {"environment_id": "prod", "name": "Production", "kind": "production", "region": "eu"},
        {"environment_id": "test", "name": "Test", "kind": "test"},
    ],
    "principals": [
        {"principal_id": "ada", "display_name": "Ada", "is_enabled": True},
        {"principal_id": "bob", "display_name": "Bob", "is_enabled": False},
    ],
    "apps": [
        {"app_id": "orders", "name": "Orders", "kind": "workflow", "environment_id": "prod", "is_active": True}
        | {"owner_principal_id": "ada", "criticality": "high", "last_run_at": at("2026-05-31"), "runs_30d": 900},
        {"app_id": "letters", "name": "Letters", "kind": "workflow", "environment_id": "prod", "is_active": True}
        | {"owner_principal_id": "bob"},
        {"app_id": "stock", "name": "Stock", "kind": "app", "environment_id": "test", "is_active": True},
        {"app_id": "old", "name": "Old", "kind": "workflow", "is_active": False, "owner_principal_id": "bob"},
    ],
    "app_steps": [
        {"app_id": "orders", "step_id": "1", "connector_id": "http"},
        {"app_id": "orders", "step_id": "2", "connector_id": "mail"},
        {"app_id": "orders", "step_id": "3", "connector_id": "sap", "is_enabled": False},
        *({"app_id": "letters", "step_id": str(number), "connector_id": f"c{number}"} for number in range(9)),
    ],
    "connectors": [{"connector_id": "http", "name": "HTTP"}, {"connector_id": "mail", "name": "Mail"}],
    "connections": [{"connection_id": "crm", "target_host": "crm.example"}],
    "data_stores": [
        store("store people", "eu", contains_personal_data=True, classification="confidential"),
        store("store stock", "eu", contains_personal_data=False, classification="internal"),
        store("store us", "US", contains_personal_data=False),
        store("store nowhere", None),
    ],
    "data_flows": [
        flow("f1", "orders", "store people", "crm", to_region="us", transfer_basis="contract clauses"),
        flow("f2", "stock", "store stock", "store us", boundary="partner"),
        flow("f3", "letters", "store people", "crm", to_region="cn", transfer_basis="none", boundary="external"),
        flow("f4", "letters", None, "crm"),
        flow("f5", "orders", "store stock", "store people"),
        flow("f6", "orders", "store people", "crm", to_region="ch"),
    ],
    "keys": [
        {"key_id": "old key", "kind": "symmetric", "rotated_at": at("2025-05-31"), "custody": "customer"},
        {"key_id": "young key", "kind": "symmetric", "created_at": at("2026-03-01")},
        {"key_id": "unknown key", "kind": "instance_secret"},
        {"key_id": "certificate", "kind": "certificate", "purpose": "tls", "not_after": at("2026-06-20")}
        | {"created_at": at("2020-01-01")},
        {"key_id": "ended", "kind": "certificate", "not_after": at("2026-05-01")},
    ],
    "credentials": [
        {"credential_id": "stale", "kind": "api_key", "name": "Stale", "created_at": at("2025-01-01")}
        | {"owner_principal_id": "ada", "expires_at": at("2030-01-01")},
        {"credential_id": "fresh", "kind": "api_key", "name": "Fresh", "rotated_at": at("2026-05-01")},
        {"credential_id": "long", "kind": "api_key", "name": "Long", "expires_at": at("2030-01-01")},
        {"credential_id": "over", "kind": "api_key", "name": "Over", "expires_at": at("2026-01-01")},
        {"credential_id": "session", "kind": "session_token", "name": "Session"},
        {"credential_id": "off", "kind": "api_key", "name": "Off", "is_enabled": False},
    ],
    "log_sources": [
        log("audit", "prod", ["admin_change", "permission_change"]),
        log("short", "prod", ["sign_in"], retention_days=30),
        log("dumb", "prod", ["data_export"], retention_days=None, delivered_to=None),
        log("off", "prod", ["integration"], is_enabled=False),
        log("mute", "test", ["admin_change"], delivered_to="none", last_event_at=None),
        log("late", "test", ["sign_in", "execution"], last_delivered_at=at("2026-05-01")),
        log("vague", "test", None),
    ],
}
VENDOR = changed(
    {
        "iso": {"expires_on": "2026-05-01"},
        "soc2": {"exceptions": [{"id": "CC6.1", "text": "two late removals"}]},
        "test": {"open_findings": ...},
        "contract": {"terms": {"incident_notice_hours": 96, "audit_right": False, "evidence_access": True}},
    },
    vendor="Example Cloud",
)


def view_of(tables: Rows, vendors: list[dict[str, Any]], unreadable: dict[str, str] | None = None) -> RegisterView:
    """The registers of a platform with these tables and vendors, and an approved region and an owner on file."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        snapshot = make_snapshot(place / "snapshot", tables, unreadable)
        kept = write(place / "registers", *vendors)
        (kept / "allow_lists.csv").write_text(
            "list_id,item,state,reason,expires_at\nregions,CH,approved,adequacy decision,\n"
            "regions,us,approved,too old,2026-01-01\n",
            encoding="utf-8",
        )
        (kept / "owners.csv").write_text("scope_kind,scope_id,owner,deputy\napp,stock,Cleo,Dan\n", encoding="utf-8")
        judging = Judging((find_pack("no-code-baseline"),), read_registers(kept))
        return view_registers(snapshot, judging, as_of=AS_OF)


@cache
def registered() -> RegisterView:
    """The platform of this module."""
    return view_of(TABLES, [VENDOR])


@cache
def evil_registers(names: tuple[str, ...]) -> RegisterView:
    """A platform and a vendor that are named by somebody hostile."""
    named = {
        "platforms": TABLES["platforms"],
        "environments": [{"environment_id": str(n), "name": name} for n, name in enumerate(names)],
        "apps": [{"app_id": str(n), "name": name, "criticality": "low"} for n, name in enumerate(names)],
        "keys": [{"key_id": f"{name}{n}", "kind": "symmetric"} for n, name in enumerate(names)],
        "log_sources": [log("one", "1", [name for name in names if name][:6], delivered_to=names[0])],
    }
    points = [{"id": f"p{n}", "text": name[:4000]} for n, name in enumerate(names)]
    return view_of(named, [changed({"soc2": {"exceptions": points, "title": names[1]}})])
