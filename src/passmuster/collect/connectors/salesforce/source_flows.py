"""Flows and their elements from a folder, as apps and steps."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from passmuster.collect.connectors.salesforce.access import ENVIRONMENT_ID, Row
from passmuster.collect.connectors.salesforce.metadata import children, shown_text, text_of
from passmuster.documents.secrets import count_secrets

# Elements of a flow (Metadata API, Flow) by what they do.
_CATEGORIES = {
    **dict.fromkeys(("decisions", "assignments", "loops", "collectionProcessors", "transforms", "waits"), "logic"),
    **dict.fromkeys(
        ("recordCreates", "recordUpdates", "recordDeletes", "recordLookups", "recordRollbacks"), "connector"
    ),
    **dict.fromkeys(("screens", "steps", "subflows", "orchestratedStages", "customErrors"), "logic"),
    **dict.fromkeys(("apexPluginCalls",), "script"),
    "actionCalls": "connector",
    "start": "trigger",
}
_ACTIONS = {
    "apex": "script",
    "externalService": "http",
    "httpCallout": "http",
    "generatePromptResponse": "ai",
    "promptTemplate": "ai",
    "generateAiAgentResponse": "ai",
}
# Processes that run when a record changes, a time comes or an event arrives; the others somebody starts.
_STATES = {"Active": True, "Draft": False, "Obsolete": False, "InvalidDraft": False}


def flow_of(name: str, root: Element, services: Mapping[str, str]) -> Row | None:
    """The app a flow is, with its steps under `steps`; None where the file holds no flow.

    `services` maps external services to the named credential each calls by.
    """
    if root.tag != "Flow":
        return None
    status = text_of(root, "status")
    app_id = f"flow/{name}"
    return {
        "app": {
            "app_id": app_id,
            "environment_id": ENVIRONMENT_ID,
            "kind": "workflow",
            "name": shown_text(root, "label") or name,
            "is_active": _STATES.get(status or ""),
            "raw": {
                key: text
                for key in ("processType", "runInMode", "apiVersion", "status", "triggerOrder")
                if (text := text_of(root, key))
            },
        },
        "steps": list(_steps(app_id, root, services)),
    }


def merged_flow(rows: list[Row]) -> Row:
    """Several versions of one flow: the active one if there is one, else the last."""
    active = [row for row in rows if row["app"]["is_active"]]
    return (active or rows)[-1]


def _steps(app_id: str, root: Element, services: Mapping[str, str]) -> Iterator[Row]:
    for element in children(root):
        category = _CATEGORIES.get(element.tag)
        if category is None:
            continue
        action = text_of(element, "actionType")
        service = services.get((text_of(element, "actionName") or "").partition(".")[0])
        yield {
            "app_id": app_id,
            "step_id": text_of(element, "name") or element.tag,
            "name": shown_text(element, "label"),
            "step_type": f"{element.tag}/{action}" if action else element.tag,
            "category": _ACTIONS.get(action or "", category),
            "connection_id": f"namedCredential/{service}" if service and action == "externalService" else None,
            "is_enabled": True,
            "secret_hits": count_secrets(list(_words(element))),
            "next_step_ids": json.dumps(sorted(_targets(element))),
        }


def _words(element: Element) -> Iterator[str]:
    """The texts that somebody wrote into an element: values and formulas, not the names of fields."""
    for node in element.iter():
        if node.tag in ("stringValue", "expression", "text", "fieldText") and node.text:
            yield node.text


def _targets(element: Element) -> set[str]:
    return {text for node in element.iter("targetReference") if (text := (node.text or "").strip())}
