"""Every request the connector makes: its path, the scope it needs, and how its list pages. All of them only read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from passmuster.collect.answers import Request
from passmuster.collect.paging import Paging

API = "/api/v1"
_PAGE = 250
_REST_PAGE = 50


@dataclass(frozen=True)
class Question:
    """A request with what it is about, the scope of the API key it needs, and how it pages (None: one answer)."""

    request: Request
    what: str
    scope: str = ""
    paging: Paging | None = None

    @property
    def name(self) -> str:
        """The request's name, which is also the file name of a recorded answer."""
        return self.request.name


def _data(body: Any) -> list[Any] | None:
    items = body.get("data") if isinstance(body, dict) else None
    return items if isinstance(items, list) else None


def _next_cursor(body: Any, _count: int) -> dict[str, str] | None:
    cursor = body.get("nextCursor")
    return {"cursor": str(cursor)} if cursor else None


def _plain(body: Any) -> list[Any] | None:
    return body if isinstance(body, list) else _data(body)


def _no_more(_body: Any, _count: int) -> None:
    return None


def _inner_items(body: Any) -> list[Any] | None:
    inner = body.get("data") if isinstance(body, dict) else None
    items = inner.get("items") if isinstance(inner, dict) else inner
    return items if isinstance(items, list) else None


def _next_skip(body: Any, count: int) -> dict[str, str] | None:
    inner = body.get("data")
    if not isinstance(inner, dict):
        return None
    counts = inner.get("counts")
    total = inner.get("count", counts.get("all") if isinstance(counts, dict) else None)
    return {"skip": str(count)} if isinstance(total, int) and count < total else None


_CURSOR = Paging(_data, _next_cursor)
_ONCE = Paging(_plain, _no_more)
_SKIP = Paging(_inner_items, _next_skip)


def _listed(name: str, path: str, what: str, scope: str, **params: str) -> Question:
    request = Request(name, f"{API}{path}", params={"limit": str(_PAGE), **params})
    return Question(request, what, scope, _CURSOR)


def _single(name: str, path: str, what: str, scope: str = "") -> Question:
    return Question(Request(name, f"{API}{path}"), what, scope)


DISCOVER = _single("discover", "/discover", "what the API key may do")
USERS = _listed("users", "/users", "users", "user:list", includeRole="true")
WORKFLOWS = _listed("workflows", "/workflows", "workflows", "workflow:list", excludePinnedData="true")
CREDENTIALS = _listed("credentials", "/credentials", "stored credentials", "credential:list")
PROJECTS = _listed("projects", "/projects", "projects", "project:list")
DATA_TABLES = _listed("data_tables", "/data-tables", "data tables", "dataTable:list")
COMMUNITY_PACKAGES = Question(
    Request("community_packages", f"{API}/community-packages"), "community packages", "communityPackage:list", _ONCE
)
ROLES = _single("roles", "/roles", "roles", "role:list")
LOG_STREAMING = Question(
    Request("log_streaming", f"{API}/settings/log-streaming/destinations"),
    "log streaming destinations",
    "eventBusDestination:list",
    _ONCE,
)
NODE_POLICIES = _single("node_policies", "/node-type-policies/instance", "node policies", "nodeTypePolicy:manage")
# The one POST besides signing in and out: it computes a report and changes nothing.
AUDIT = Question(
    Request(
        "audit",
        f"{API}/audit",
        method="POST",
        json={"additionalOptions": {"categories": ["nodes", "instance"]}},
    ),
    "the built-in audit",
    "securityAudit:generate",
)
API_QUESTIONS = (
    *(DISCOVER, USERS, WORKFLOWS, CREDENTIALS, PROJECTS, DATA_TABLES, COMMUNITY_PACKAGES, ROLES, LOG_STREAMING),
    *(NODE_POLICIES, AUDIT),
)

NO_KEY = Question(Request("no_key", f"{API}/users", params={"limit": "1"}), "the API without a key")
OPEN_SETTINGS = Question(Request("rest_settings_anonymous", "/rest/settings"), "settings before sign-in")
METRICS = Question(Request("metrics_version", "/metrics", headers={"accept": "text/plain"}), "metrics")
OPEN_QUESTIONS = (NO_KEY, OPEN_SETTINGS, METRICS)

OWNER_SETTINGS = Question(Request("rest_settings", "/rest/settings"), "settings")
OWNER_API_KEYS = Question(
    Request("rest_api_keys_all", "/rest/api-keys", params={"take": str(_REST_PAGE), "ownership": "all"}),
    "API keys of all users",
    paging=_SKIP,
)
OWNER_USERS = Question(
    Request("rest_users", "/rest/users", params={"take": str(_REST_PAGE)}), "last activity of users", paging=_SKIP
)
OWNER_PROJECTS = Question(Request("rest_projects", "/rest/projects"), "personal projects", paging=_SKIP)
OWNER_VETTED = Question(
    Request("rest_community_node_types", "/rest/community-node-types"), "community nodes n8n vetted", paging=_SKIP
)
OWNER_QUESTIONS = (OWNER_SETTINGS, OWNER_API_KEYS, OWNER_USERS, OWNER_PROJECTS, OWNER_VETTED)


def workflow_by_id(ordinal: int, quoted_id: str) -> Request:
    """One workflow with the project it belongs to. The first is recorded as `workflow_by_id`, the second as `..._2`."""
    name = "workflow_by_id" if ordinal == 1 else f"workflow_by_id_{ordinal}"
    return Request(name, f"{API}/workflows/{quoted_id}", params={"excludePinnedData": "true"})


def project_members(ordinal: int, quoted_id: str) -> Question:
    """The members of one project; recorded as `project_users_1`, `project_users_2`, ... by the order of ids."""
    return _listed(f"project_users_{ordinal}", f"/projects/{quoted_id}/users", "members of projects", "user:list")
