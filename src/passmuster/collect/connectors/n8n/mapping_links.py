"""What workflows connect to: kinds of connector, single connections, and the flows of data along them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from passmuster.collect.connectors.n8n.estate import ENVIRONMENT_ID, Estate, extra_shares, owner_project
from passmuster.collect.connectors.n8n.mapping_workflows import Step, endpoint_rows
from passmuster.collect.connectors.n8n.nodes import (
    BUILTIN_PACKAGES,
    checks_certificates,
    credential_ids,
    destination_of,
    package_of,
)
from passmuster.collect.fields import text
from passmuster.collect.reads import gathered
from passmuster.collect.statuses import Verdict
from passmuster.collect.unlocks import by_declaring
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gap, Gathered

_CONNECTION_GAPS = (
    Gap(
        "target_host",
        "the API does not tell where a stored credential leads",
        by_declaring("connections", "target_host"),
    ),
    Gap("scheme", "the API does not tell how a stored credential connects", by_declaring("connections", "scheme")),
    Gap(
        "tls_verify",
        "the API does not tell whether a stored credential checks certificates",
        by_declaring("connections", "tls_verify"),
    ),
    Gap(
        "identity_kind",
        "n8n does not tell whose account a stored credential is",
        by_declaring("connections", "identity_kind"),
    ),
    Gap("last_used_at", "n8n does not tell when a stored credential was last used"),
)
_FLOW_GAPS = (
    Gap("boundary", "n8n does not tell who runs the other side", by_declaring("data_flows", "boundary")),
    Gap("max_classification", "n8n does not classify data", by_declaring("data_flows", "max_classification")),
)
_GENERIC = frozenset({"httpRequest", "graphql", "toolHttpRequest", "httpRequestTool", "webhook"})


def link_tables(estate: Estate, steps: list[Step]) -> dict[str, Gathered]:
    """The tables `connectors`, `connections` and `data_flows`."""
    verdict = _both(estate)
    return {
        "connectors": gathered(_connectors(estate, steps), verdict, source="workflows, credentials"),
        "connections": gathered(
            _connections(estate, steps), verdict, source="workflows, credentials", gaps=_CONNECTION_GAPS
        ),
        "data_flows": gathered(
            _data_flows(estate, steps), estate.verdict("workflows"), source="workflows", gaps=_FLOW_GAPS
        ),
    }


def _both(estate: Estate) -> Verdict:
    """Workflows and credentials together: where one of the two was read, the table is there in part."""
    verdicts = [estate.verdict("workflows"), estate.verdict("credentials")]
    worse = max(verdicts, key=lambda verdict: verdict.status.rank)
    if not worse.is_ok and any(verdict.is_ok for verdict in verdicts):
        return Verdict(CollectionStatus.PARTIAL, worse.reason, worse.unlock)
    return worse


def _connectors(estate: Estate, steps: list[Step]) -> list[dict[str, Any]]:
    types = sorted({str(step.node["type"]) for step in steps})
    packages: dict[str, set[str]] = defaultdict(set)
    for step in steps:
        credentials = step.node.get("credentials")
        for kind in credentials if isinstance(credentials, dict) else ():
            packages[str(kind)].add(package_of(str(step.node["type"])))
    rows = [_connector(kind, kind.rpartition(".")[2], {package_of(kind)}) for kind in types]
    kinds = sorted({kind for credential in estate.items("credentials") if (kind := text(credential, "type"))})
    return rows + [_connector(kind, kind, packages.get(kind, set())) for kind in kinds if kind not in set(types)]


def _connector(connector_id: str, name: str, packages: set[str]) -> dict[str, Any]:
    kind: str | None = None
    if packages:
        kind = "builtin" if packages & BUILTIN_PACKAGES else "community"
    if name in _GENERIC or name.startswith("http"):
        kind = "generic_http"
    publisher = next(iter(packages)) if len(packages) == 1 else None
    return {"connector_id": connector_id, "name": name, "kind": kind, "publisher": publisher}


def _connections(estate: Estate, steps: list[Step]) -> list[dict[str, Any]]:
    owners = {
        text(workflow, "id"): _owner(estate, workflow, "workflow:owner") for workflow in estate.items("workflows")
    }
    shares = {text(credential, "id"): extra_shares(credential) for credential in estate.items("credentials")}
    stored = [
        {
            "connection_id": text(credential, "id"),
            "connector_id": text(credential, "type"),
            "environment_id": ENVIRONMENT_ID,
            "owner_principal_id": _owner(estate, credential, "credential:owner"),
            "credential_id": text(credential, "id"),
            "shared_with_count": extra_shares(credential),
            "created_at": text(credential, "createdAt"),
        }
        for credential in estate.items("credentials")
    ]
    return stored + [_request(step, owners, shares) for step in steps if step.category == "http"]


def _request(step: Step, owners: dict[str | None, str | None], shares: dict[str | None, int | None]) -> dict[str, Any]:
    destination = destination_of(step.node)
    credential_id = next(iter(credential_ids(step.node)), None)
    return {
        "connection_id": step.connection_id,
        "connector_id": step.node["type"],
        "environment_id": ENVIRONMENT_ID,
        "app_id": step.app_id,
        "owner_principal_id": owners.get(step.app_id),
        "identity_kind": None if credential_id else "none",
        "target_host": destination.host,
        "tls_verify": checks_certificates(step.node),
        "scheme": destination.scheme,
        "credential_id": credential_id,
        "shared_with_count": shares.get(credential_id) if credential_id else 0,
    }


def _owner(estate: Estate, record: Any, role: str) -> str | None:
    share = owner_project(record, role)
    return estate.owners.get(text(share, "projectId") or text(share, "id") or "")


def _data_flows(estate: Estate, steps: list[Step]) -> list[dict[str, Any]]:
    """From each address a workflow opens (or the workflow itself, where it opens none) to all it connects to."""
    doors: dict[str, list[str]] = defaultdict(list)
    for row in endpoint_rows(estate, steps):
        doors[row["app_id"]].append(row["endpoint_id"])
    rows: dict[str, dict[str, Any]] = {}
    for step in steps:
        if not step.is_enabled or step.category in ("webhook", "trigger") or step.connection_id is None:
            continue
        for kind, start in _starts(step.app_id, doors):
            flow_id = f"{start}>{step.connection_id}"
            rows[flow_id] = {
                "flow_id": flow_id,
                "app_id": step.app_id,
                "from_kind": kind,
                "from_id": start,
                "to_kind": "connection",
                "to_id": step.connection_id,
                "to_host": destination_of(step.node).host if step.category == "http" else None,
                "derived_by": "inferred",
            }
    return list(rows.values())


def _starts(app_id: str, doors: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    if app_id in doors:
        yield from (("endpoint", endpoint_id) for endpoint_id in doors[app_id])
    else:
        yield "app", app_id
