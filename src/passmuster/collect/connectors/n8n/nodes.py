"""What n8n's nodes are: their category, how they sign in, what their parameters give away."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from passmuster.collect.fields import Record, inner, text

BUILTIN_PACKAGES = frozenset({"n8n-nodes-base", "@n8n/n8n-nodes-langchain"})
_LANGCHAIN = "@n8n/n8n-nodes-langchain"
_BY_NAME: dict[str, frozenset[str]] = {
    "webhook": frozenset({"webhook", "formTrigger", "chatTrigger", "mcpTrigger"}),
    "trigger": frozenset({"cron", "interval", "start", "emailReadImap"}),
    "http": frozenset({"httpRequest", "graphql", "toolHttpRequest"}),
    "script": frozenset({"code", "function", "functionItem", "toolCode", "aiTransform"}),
    "command": frozenset({"executeCommand", "ssh"}),
    "filesystem": frozenset(
        {"readWriteFile", "readBinaryFile", "readBinaryFiles", "writeBinaryFile", "localFileTrigger"}
    ),
    "sql": frozenset(
        {"crateDb", "databricks", "microsoftSql", "mySql", "postgres", "questDb", "snowflake", "timescaleDb"}
        | {"googleBigQuery", "oracleDatabase"}
    ),
    "ai": frozenset({"openAi", "messageAnAgent"}),
    "logic": frozenset(
        {"if", "switch", "merge", "set", "filter", "noOp", "wait", "limit", "sort", "splitInBatches", "splitOut"}
        | {"aggregate", "removeDuplicates", "summarize", "itemLists", "dateTime", "crypto", "html", "htmlExtract"}
        | {"xml", "markdown", "stopAndError", "executeWorkflow", "executionData", "respondToWebhook", "form"}
        | {"compareDatasets", "renameKeys", "convertToFile", "extractFromFile", "compression", "editImage"}
        | {"moveBinaryData", "spreadsheetFile", "readPDF", "dataTable", "debugHelper", "simulate", "timeSaved"}
    ),
}
_CATEGORY = {name: category for category, names in _BY_NAME.items() for name in names}
_WEBHOOK_AUTH = {
    "none": "none",
    "basicAuth": "basic",
    "headerAuth": "header",
    "bearerAuth": "header",
    "jwtAuth": "jwt",
    "n8nOAuth2": "oauth",
    "n8nUserAuth": "platform",
}
_GENERIC_AUTH = {
    "httpBasicAuth": "basic",
    "httpDigestAuth": "basic",
    "httpHeaderAuth": "header",
    "httpBearerAuth": "header",
    "httpQueryAuth": "header",
    "httpCustomAuth": "header",
    "oAuth1Api": "oauth",
    "oAuth2Api": "oauth",
    "jwtAuth": "jwt",
}
_QUERY_NAMES = ("query", "sqlQuery")


@dataclass(frozen=True)
class Destination:
    """Where a request step sends to; None for what a template decides at run time."""

    scheme: str | None
    host: str | None


def is_step(node: Record) -> bool:
    """Whether the node does anything; notes on the canvas do not."""
    return isinstance(node.get("type"), str) and not node["type"].endswith(".stickyNote")


def package_of(node_type: str) -> str:
    """The package a node type comes from."""
    return node_type.rpartition(".")[0]


def category_of(node_type: str) -> str:
    """The category of a node type, by its name; what connects elsewhere and is not known better is a connector."""
    package, _, name = node_type.rpartition(".")
    # A node offered to an AI agent as a tool keeps its own name with `Tool` behind it.
    known = _CATEGORY.get(name) or _CATEGORY.get(name.removesuffix("Tool"))
    if known and package in BUILTIN_PACKAGES:
        return known
    if package == _LANGCHAIN:
        return "ai"
    return "trigger" if name.endswith("Trigger") else "connector"


def auth_mode_of(node: Record, category: str) -> str | None:
    """How callers sign in to a webhook, or a request step to its target; None where that is not told."""
    parameters = inner(node, "parameters")
    chosen = parameters.get("authentication", "none")
    if category == "webhook":
        return _WEBHOOK_AUTH.get(chosen) if isinstance(chosen, str) else None
    if category == "http":
        if chosen == "none":
            return "none"
        if chosen == "genericCredentialType":
            return _GENERIC_AUTH.get(text(parameters, "genericAuthType") or "")
        kind = text(parameters, "nodeCredentialType") or ""
        return "oauth" if kind.endswith("OAuth2Api") else None
    kinds = [str(kind) for kind in inner(node, "credentials")]
    return "oauth" if kinds and all("OAuth" in kind for kind in kinds) else None


def has_expression_in_query(node: Record, category: str) -> bool | None:
    """Whether a database step pastes template values into its SQL; None for other steps or where it is not told."""
    if category != "sql":
        return None
    parameters = inner(node, "parameters")
    operation = parameters.get("operation", "")
    if not isinstance(operation, str) or "{{" in operation:
        return None
    # n8n fills templates in a query whether or not the field is marked as an expression.
    return any("{{" in str(parameters.get(name, "")) for name in _QUERY_NAMES)


def uses_bound_parameters(node: Record, category: str) -> bool | None:
    """Whether a database step with an own query hands values over separately; None for steps without a query."""
    parameters = inner(node, "parameters")
    if category != "sql" or not any(text(parameters, name) for name in _QUERY_NAMES):
        return None
    options = {**inner(parameters, "additionalFields"), **inner(parameters, "options")}
    names = ("queryReplacement", "queryParams", "queryParameters", "queryParametersUi")
    return any(bool(options.get(name) or parameters.get(name)) for name in names)


def checks_certificates(node: Record) -> bool:
    """Whether a request step checks certificates, which it does unless told otherwise."""
    parameters = inner(node, "parameters")
    return parameters.get("allowUnauthorizedCerts") is not True and (
        inner(parameters, "options").get("allowUnauthorizedCerts") is not True
    )


def destination_of(node: Record) -> Destination:
    """Scheme and host of a request step, as far as they are written and not computed."""
    parameters = inner(node, "parameters")
    url = (text(parameters, "url") or text(parameters, "endpoint") or "").removeprefix("=").strip()
    match = re.match(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*)://(?P<rest>[^/?#]*)", url)
    if match is None:
        return Destination(None, None)
    if "{{" in match["rest"]:
        return Destination(match["scheme"].lower(), None)
    try:
        host = urlsplit(f"//{match['rest']}").hostname
    except ValueError:
        host = None
    return Destination(match["scheme"].lower(), host or None)


def credential_ids(node: Record) -> list[str]:
    """The stored credentials a node names, in the order it names them, each once."""
    found = [text(value, "id") for value in inner(node, "credentials").values() if isinstance(value, dict)]
    return list(dict.fromkeys(each for each in found if each))
