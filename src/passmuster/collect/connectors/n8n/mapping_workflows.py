"""Workflows as apps, their nodes as steps, and the addresses they open."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from passmuster.collect.connectors.n8n.estate import ENVIRONMENT_ID, Estate, extra_shares, owner_project
from passmuster.collect.connectors.n8n.nodes import (
    auth_mode_of,
    category_of,
    credential_ids,
    has_expression_in_query,
    is_step,
    uses_bound_parameters,
)
from passmuster.collect.fields import Record, flag, inner, listed, records, text
from passmuster.collect.reads import gathered
from passmuster.collect.unlocks import by_declaring
from passmuster.documents.secrets import count_secrets, redact, strip_url
from passmuster.snapshot.gathered import Gap, Gathered

_APP_GAPS = (
    Gap("modified_by", "the list of workflows does not tell who changed one"),
    Gap("last_run_at", "runs are not read: their data may be personal"),
    Gap(
        "is_managed",
        "n8n does not tell whether a workflow was deployed or edited by hand",
        by_declaring("apps", "is_managed"),
    ),
    Gap("criticality", "n8n has no criticality of workflows", by_declaring("apps", "criticality")),
    Gap(
        "owner_principal_id",
        "a workflow of a team project has no single owner",
        by_declaring("apps", "owner_principal_id"),
    ),
)
_STEP_GAPS = (Gap("validates_input", "n8n does not tell whether a step checks its input"),)
_ENDPOINT_GAPS = (
    Gap("tls_min", "the API does not tell which TLS versions the server in front of n8n accepts"),
    Gap("rate_limited", "n8n does not tell whether calls are limited"),
)
_RAW_FIELDS = ("id", "name", "active", "isArchived", "description")
_PATH_SETTINGS = {"webhook": ("endpointWebhook", "webhook"), "form": ("endpointForm", "form")}


@dataclass(frozen=True)
class Step:
    """One node of one workflow, as it runs."""

    app_id: str
    step_id: str
    category: str
    node: Record
    is_enabled: bool

    @property
    def connection_id(self) -> str | None:
        """The connection it goes through: its own for a request step, else the stored credential it names."""
        if self.category == "http":
            return f"{self.app_id}/{self.step_id}"
        return next(iter(credential_ids(self.node)), None)


def running_version(workflow: Record) -> Record:
    """The version that runs: the published one of an active workflow, else the draft."""
    published = inner(workflow, "activeVersion")
    return published if workflow.get("active") is True and listed(published, "nodes") else workflow


def steps_of(estate: Estate) -> Iterator[Step]:
    """All steps of all workflows."""
    for workflow in estate.items("workflows"):
        app_id = text(workflow, "id")
        if app_id is None:
            continue
        for node in records(running_version(workflow), "nodes"):
            step_id = text(node, "id") or text(node, "name")
            if step_id and is_step(node):
                is_enabled = node.get("disabled") is not True
                yield Step(app_id, step_id, category_of(node["type"]), node, is_enabled)


def workflow_tables(estate: Estate, steps: list[Step]) -> dict[str, Gathered]:
    """The tables `apps`, `app_steps` and `endpoints`."""
    verdict = estate.verdict("workflows")
    apps = [_app(workflow, estate) for workflow in estate.items("workflows")]
    followers = _followers(estate)
    rows = [row for step in steps for row in _step_rows(step, followers.get((step.app_id, step.step_id), []))]
    return {
        "apps": gathered(apps, verdict, source="workflows", gaps=_APP_GAPS),
        "app_steps": gathered(rows, verdict, source="workflows", gaps=_STEP_GAPS),
        "endpoints": gathered(endpoint_rows(estate, steps), verdict, source="workflows", gaps=_ENDPOINT_GAPS),
    }


def is_active(workflow: Record) -> bool | None:
    """Whether the workflow runs by itself; an archived one does not."""
    return False if workflow.get("isArchived") is True else flag(workflow, "active")


def _app(workflow: Record, estate: Estate) -> dict[str, Any]:
    project = text(owner_project(workflow, "workflow:owner"), "projectId")
    settings = inner(workflow, "settings")
    raw = {name: workflow[name] for name in _RAW_FIELDS if name in workflow}
    raw["callerPolicy"] = settings.get("callerPolicy")
    raw["tags"] = sorted(name for tag in records(workflow, "tags") if (name := text(tag, "name")))
    return {
        "app_id": text(workflow, "id"),
        "environment_id": ENVIRONMENT_ID,
        "kind": "workflow",
        "name": text(workflow, "name"),
        "is_active": is_active(workflow),
        "owner_principal_id": estate.owners.get(project or ""),
        "co_owner_count": extra_shares(workflow),
        "created_at": text(workflow, "createdAt"),
        "modified_at": text(workflow, "updatedAt"),
        "version": text(workflow, "activeVersionId") or text(workflow, "versionId"),
        "error_handler_app_id": text(settings, "errorWorkflow"),
        "raw": redact(raw),
    }


def _step_rows(step: Step, followers: list[str]) -> Iterator[dict[str, Any]]:
    node, category = step.node, step.category
    row = {
        "app_id": step.app_id,
        "step_id": step.step_id,
        "name": text(node, "name"),
        "step_type": node["type"],
        "category": category,
        "connector_id": node["type"],
        "connection_id": step.connection_id,
        "is_enabled": step.is_enabled,
        "auth_mode": auth_mode_of(node, category),
        "has_expression_in_query": has_expression_in_query(node, category),
        "uses_bound_parameters": uses_bound_parameters(node, category),
        "secret_hits": count_secrets(node.get("parameters")),
        "next_step_ids": json.dumps(followers),
    }
    yield row
    # A step has one connection; each further credential it names is told as a use of its own, or it would seem unused.
    for credential_id in credential_ids(node)[1:]:
        extra = {"step_id": f"{step.step_id}#{credential_id}", "category": "connector", "connection_id": credential_id}
        silent = {"auth_mode": None, "has_expression_in_query": None, "uses_bound_parameters": None}
        yield {**row, **extra, **silent, "secret_hits": 0, "next_step_ids": "[]"}


def _followers(estate: Estate) -> dict[tuple[str, str], list[str]]:
    """For each step the steps that get what it gives; a tool or model counts as following the agent that calls it."""
    followers: dict[tuple[str, str], set[str]] = {}
    for workflow in estate.items("workflows"):
        version, app_id = running_version(workflow), str(workflow.get("id"))
        ids = {name: text(node, "id") or name for node in records(version, "nodes") if (name := text(node, "name"))}
        for source, kind, target in _edges(inner(version, "connections")):
            if source in ids and target in ids:
                first, second = (source, target) if kind == "main" else (target, source)
                followers.setdefault((app_id, ids[first]), set()).add(ids[second])
    return {key: sorted(found) for key, found in followers.items()}


def _edges(connections: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for source, outputs in connections.items():
        if not isinstance(outputs, Mapping):
            continue
        for kind in outputs:
            for branch in listed(outputs, str(kind)):
                for link in branch if isinstance(branch, list) else ():
                    if isinstance(link, Mapping) and isinstance(link.get("node"), str):
                        yield str(source), str(kind), link["node"]


def endpoint_rows(estate: Estate, steps: list[Step]) -> list[dict[str, Any]]:
    """The addresses that active workflows open."""
    active = {str(workflow.get("id")) for workflow in estate.items("workflows") if is_active(workflow)}
    rows = (
        _endpoint(estate, step)
        for step in steps
        if step.category == "webhook" and step.is_enabled and step.app_id in active
    )
    return [row for row in rows if row]


def _endpoint(estate: Estate, step: Step) -> dict[str, Any] | None:
    name = str(step.node["type"]).rpartition(".")[2]
    parameters = inner(step.node, "parameters")
    if name == "chatTrigger" and (
        parameters.get("public") is not True or estate.setting("chatTrigger.disablePublicChat") is True
    ):
        return None
    url = _url(estate, step.node, name, parameters)
    allowed = inner(parameters, "options").get("ipWhitelist")
    return {
        "endpoint_id": f"{step.app_id}/{step.step_id}",
        "app_id": step.app_id,
        "environment_id": ENVIRONMENT_ID,
        "kind": "form" if name in ("formTrigger", "chatTrigger") else "webhook",
        "url": url,
        "is_public": not (isinstance(allowed, str) and allowed.strip()),
        "auth_mode": auth_mode_of(step.node, "webhook"),
        "tls_min": "none" if url and url.startswith("http://") else None,
        "methods": json.dumps(_methods(name, parameters)),
    }


def _methods(name: str, parameters: Record) -> list[str]:
    if name == "formTrigger":
        return ["GET", "POST"]
    if name in ("chatTrigger", "mcpTrigger"):
        return ["POST"]
    chosen = parameters.get("httpMethod", "GET")
    return sorted(str(method) for method in (chosen if isinstance(chosen, list) else [chosen]))


def _url(estate: Estate, node: Record, name: str, parameters: Record) -> str | None:
    """The production address; None where the path is computed or the instance's own address is not known."""
    base = text({"base": estate.setting("urlBaseWebhook")}, "base") or (estate.base.text if estate.base else None)
    webhook_id = text(node, "webhookId")
    path = text(parameters, "path") or text(inner(parameters, "options"), "path") or webhook_id
    if name == "chatTrigger":
        path = f"{webhook_id}/chat" if webhook_id else None
    if base is None or path is None or "{{" in path:
        return None
    segment = _segment(estate, name, node)
    return strip_url(f"{base.rstrip('/')}/{segment}/{quote(path.strip('/'), safe='/:')}")


def _segment(estate: Estate, name: str, node: Record) -> str:
    if name == "mcpTrigger":
        key, usual = "endpointMcp", "mcp"
    else:
        version = node.get("typeVersion")
        is_form = name == "formTrigger" and not (isinstance(version, int | float) and version < 2)
        key, usual = _PATH_SETTINGS["form" if is_form else "webhook"]
    return text({"segment": estate.setting(key)}, "segment") or usual
