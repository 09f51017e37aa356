"""Definitions of flows as steps. A step keeps Microsoft's own type; the common word is told by tables below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from passmuster.collect.connectors.power_platform.live.estate import Record, Row, connector_id, inner, text
from passmuster.collect.connectors.power_platform.powershell import as_list, as_object
from passmuster.documents.secrets import count_secrets

# Types of the workflow definition language (Azure Logic Apps, which cloud flows are written in).
_BY_TYPE = {
    "http": "http",
    "httpwebhook": "http",
    "apimanagement": "http",
    "function": "http",
    "javascriptcode": "script",
    "csharpscriptcode": "script",
    "powershellcode": "script",
    "workflow": "connector",
    "openapiconnection": "connector",
    "openapiconnectionwebhook": "connector",
    "openapiconnectionnotification": "connector",
    "apiconnection": "connector",
    "apiconnectionwebhook": "connector",
}
_OPERATIONS = {"httprequest": "http", "runscriptprod": "script", "runscriptprodv2": "script", "runuiflow_v2": "command"}
_BY_CONNECTOR = {
    "shared_webcontents": "http",
    "shared_webcontentsv2": "http",
    "shared_sql": "sql",
    "shared_postgresql": "sql",
    "shared_mysql": "sql",
    "shared_oracle": "sql",
    "shared_filesystem": "filesystem",
    "shared_ftp": "filesystem",
    "shared_sftpwithssh": "filesystem",
    "shared_uiflow": "command",
    "shared_azureopenai": "ai",
    "shared_openai": "ai",
    "shared_aibuilder": "ai",
    "shared_cognitiveservicestextanalytics": "ai",
    "shared_cognitiveservicescomputervision": "ai",
}
_QUERIES = ("executepassthroughnativequery", "executepassthroughnativequery_v2", "executenativequery")
_TRIGGER_SIGN_IN = {"all": "none", "tenant": "oauth", "users": "oauth"}
_AUTHENTICATION = {
    "none": "none",
    "basic": "basic",
    "clientcertificate": "platform",
    "activedirectoryoauth": "oauth",
    "managedserviceidentity": "platform",
    "raw": "header",
}
_DEEPEST = 30


@dataclass(frozen=True)
class Step:
    """One step: its row, the address it asks (http), and the methods its door answers to (webhook)."""

    row: Row
    target_host: str | None = None
    scheme: str | None = None
    methods: tuple[str, ...] = ()


def steps_of(flow_id: str, about: Record) -> list[Step]:
    """The trigger and every action of a flow, those inside conditions and loops too."""
    definition = inner(about, "definition")
    references = inner(about, "connectionReferences")
    found = [
        _step(flow_id, name, trigger, references, is_trigger=True)
        for name, trigger in _named(definition.get("triggers"))
    ]
    actions = list(_actions(definition.get("actions"), 0))
    found += [_step(flow_id, name, action, references, is_trigger=False) for name, action in actions]
    after: dict[str, list[str]] = {}
    for name, action in actions:
        for before in inner(action, "runAfter"):
            after.setdefault(str(before), []).append(name)
    for step in found:
        step.row["next_step_ids"] = sorted(after.get(step.row["step_id"], []))
    return found


def _named(value: Any) -> Iterator[tuple[str, Record]]:
    for name, entry in sorted((as_object(value) or {}).items(), key=lambda pair: str(pair[0])):
        if isinstance(entry, dict) and name:
            yield str(name), entry


def _actions(value: Any, depth: int) -> Iterator[tuple[str, Record]]:
    if depth > _DEEPEST:
        return
    for name, action in _named(value):
        yield name, action
        branches = [action, inner(action, "else"), inner(action, "default")]
        branches += [case for _, case in _named(action.get("cases"))]
        for branch in branches:
            yield from _actions(branch.get("actions"), depth + 1)


def _step(flow_id: str, name: str, step: Record, references: Record, *, is_trigger: bool) -> Step:
    kind = text(step, "type") or "unknown"
    inputs = inner(step, "inputs")
    reference = text(inner(inputs, "host"), "connectionName") or ""
    used = inner(references, reference)
    api = connector_id(text(inner(inputs, "host"), "apiId") or text(used, "id"))
    operation = text(inner(inputs, "host"), "operationId") or ""
    category = _category(step, kind.lower(), (api or "").rpartition("/")[2].lower(), operation.lower(), is_trigger)
    host, scheme = _address(inputs) if category == "http" else (None, None)
    row: Row = {
        "app_id": flow_id,
        "step_id": name,
        "name": name.replace("_", " "),
        "step_type": f"{kind}/{operation}" if operation else kind,
        "category": category,
        "connector_id": api,
        "connection_id": text(used, "connectionName"),
        "is_enabled": True,
        "auth_mode": _auth_mode(category, inputs),
        "secret_hits": count_secrets(dict(inputs)),
        "validates_input": _validates(step) if category == "webhook" else None,
        **_query(operation.lower(), inputs),
    }
    return Step(row, host, scheme, _methods(inputs) if category == "webhook" else ())


def _category(step: Record, kind: str, connector: str, operation: str, is_trigger: bool) -> str:
    if is_trigger:
        is_door = kind == "request" and (text(step, "kind") or "Http").lower() in ("http", "geofence")
        return "webhook" if is_door else "trigger"
    if operation in _OPERATIONS:
        return _OPERATIONS[operation]
    by_type = _BY_TYPE.get(kind, "logic")
    return _BY_CONNECTOR.get(connector, by_type) if by_type == "connector" else by_type


def _auth_mode(category: str, inputs: Record) -> str | None:
    if category == "webhook":
        return _TRIGGER_SIGN_IN.get((text(inputs, "triggerAuthenticationType") or "").lower())
    if category != "http":
        return None
    authentication = inputs.get("authentication")
    if isinstance(authentication, dict):
        return _AUTHENTICATION.get((text(authentication, "type") or "").lower())
    return "platform" if authentication or inner(inputs, "host") else "none"


def _validates(step: Record) -> bool:
    options = text(step, "operationOptions") or ""
    return "enableschemavalidation" in options.lower()


def _query(operation: str, inputs: Record) -> Row:
    if operation not in _QUERIES:
        return {}
    parameters = inner(inputs, "parameters")
    query = next((value for name, value in parameters.items() if name.endswith("query/query") or name == "query"), None)
    has_formal = any("formalparameters" in str(name).lower() for name in parameters)
    if not isinstance(query, str):
        return {"has_expression_in_query": None, "uses_bound_parameters": has_formal}
    # A lone @ also starts the name of a bound parameter in SQL.
    is_pasted = "@{" in query or query.lstrip().startswith("@")
    return {"has_expression_in_query": is_pasted, "uses_bound_parameters": has_formal}


def _address(inputs: Record) -> tuple[str | None, str | None]:
    address = text(inputs, "uri") or ""
    try:
        parts = urlsplit(address)
        host, scheme = parts.hostname, parts.scheme.lower()
    except ValueError:
        return None, None
    if not host or "@" in parts.netloc or "{" in host:
        return None, scheme if scheme in ("http", "https") else None
    return host.lower(), scheme if scheme in ("http", "https") else None


def _methods(inputs: Record) -> tuple[str, ...]:
    return tuple(sorted(str(word).upper() for word in as_list(inputs.get("method")) if isinstance(word, str))) or (
        "POST",
    )
