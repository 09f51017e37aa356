"""n8n's scopes in the words that are the same on every platform."""

from __future__ import annotations

from collections.abc import Iterable

_EXACT = {
    "user:changeRole": "manage_roles",
    "role:manage": "manage_roles",
    "provisioning:manage": "manage_roles",
    "workflow:create": "create_app",
    "workflow:update": "author_code",  # whoever edits a workflow can put a code node into it
    "workflow:import": "author_code",
    "workflow:publish": "deploy",
    "workflow:export": "export_bulk",
    "project:export": "export_bulk",
    "project:manageMembers": "share",
    "credential:shareGlobally": "share",
    "securityAudit:generate": "read",
}
_BY_RESOURCE = {
    "user": "manage_users",
    "roleMappingRule": "manage_roles",
    "communityPackage": "install_addons",
    "credential": "manage_connections",
    "credentialResolver": "manage_connections",
    "eventBusDestination": "manage_logs",
    "logStreaming": "manage_logs",
    "auditLogs": "manage_logs",
    "apiKey": "api_access",
    "mcpApiKey": "api_access",
    "sourceControl": "deploy",
    "gitConnection": "deploy",
    **dict.fromkeys(
        ("ldap", "saml", "oidc", "securitySettings", "license", "otel", "encryptionKey", "nodeTypePolicy"),
        "manage_settings",
    ),
    **dict.fromkeys(
        ("externalSecretsProvider", "instanceAi", "mcp", "orchestration", "workersView"), "manage_settings"
    ),
}
_BY_VERB = {
    **dict.fromkeys(("read", "list", "readRow", "readColumn", "listProject", "reveal"), "read"),
    **dict.fromkeys(("create", "writeRow", "writeColumn"), "create"),
    **dict.fromkeys(("update", "move", "publish", "unpublish"), "update"),
    "delete": "delete",
    "share": "share",
    "unshare": "share",
}
_WIDE = {"read": "read_all", "delete": "write_all"}
_WIDE_RESOURCES = frozenset({"workflow", "credential", "dataTable"})


def capability_of(scope: str, *, is_global: bool) -> str | None:
    """The common word for a scope such as `user:create`; None where no word fits."""
    if scope in _EXACT:
        return _EXACT[scope]
    resource, _, verb = scope.partition(":")
    by_verb = _BY_VERB.get(verb)
    if is_global and resource in _WIDE_RESOURCES and by_verb in _WIDE:
        return _WIDE[by_verb]
    if by_verb in ("read", "share"):
        return by_verb
    return _BY_RESOURCE.get(resource, by_verb)


def is_administrator(scopes: Iterable[str]) -> bool:
    """Whether a role of the whole instance can make itself or others anything: manages users, roles or settings."""
    found = {capability_of(scope, is_global=True) for scope in scopes}
    return "manage_roles" in found or {"manage_users", "manage_settings"} <= found


def rank_of(role_type: str, scopes: list[str]) -> int:
    """How much a role may do, from 0 to 100: administering 90 to 100, editing 40 to 60, reading 10."""
    found = {capability_of(scope, is_global=role_type == "global") for scope in scopes}
    if role_type == "global" and is_administrator(scopes):
        return 100
    if "author_code" in found or "create_app" in found:
        return 60 if "share" in found else 40
    return 10 if scopes else 0
