"""Every request the connector makes: its path, the right it needs, and how its list pages. All of them are GET."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from passmuster.collect.answers import Request
from passmuster.collect.audit_log import MOST_ENTRIES
from passmuster.collect.paging import Paging
from passmuster.collect.reads import Question

USUAL_PAGE = 100
_USER_FIELDS = "id,email,first_name,last_name,status,role,provider,last_access,tfa_secret,token"
_SHARE_FIELDS = "id,collection,item,password,date_end"
_RIGHT = "give the policy of the token read on {}: all fields, no item rule"

# What a token may read of it decides whether a list is whole.
COLLECTION_OF: Mapping[str, str] = {
    **{name: f"directus_{name}" for name in ("users", "roles", "policies", "access", "permissions", "flows", "shares")},
    **{name: f"directus_{name}" for name in ("settings", "extensions")},
    **dict.fromkeys(
        ("activity", "activity_sign_ins", "activity_runs", "activity_users", "activity_changes"), "directus_activity"
    ),
}

# What of the project is changed by people, by the table that it stands in.
CHANGED: Mapping[str, str] = {
    "directus_users": "principals",
    "directus_access": "grants",
    "directus_roles": "groups",
    "directus_policies": "roles",
    "directus_flows": "apps",
    "directus_operations": "app_steps",
    "directus_permissions": "role_permissions",
    "directus_settings": "settings",
    "directus_collections": "data_stores",
    "directus_shares": "endpoints",
}

SERVER_INFO = Question(Request("server_info", "/server/info"), "the server's own description")
OWN_ACCESS = Question(Request("policies_me_globals", "/policies/me/globals"), "whether the token administers")
OWN_RIGHTS = Question(Request("permissions_me", "/permissions/me"), "what the token may read")
LICENSE = Question(Request("license", "/license"), "the licence", "a token of an administrator")
SETTINGS = Question(Request("settings", "/settings"), "settings", _RIGHT.format("directus_settings"))
PROVIDERS = Question(Request("auth_providers", "/auth"), "identity providers")
SINGLE = (SETTINGS, LICENSE)
OPEN_INFO = Question(Request("server_info_anonymous", "/server/info"), "the server's description before sign-in")
OPEN = (OPEN_INFO, PROVIDERS)


def lists(page: int, since: datetime) -> tuple[Question, ...]:
    """The lists, asked for `page` records at a time (a server may allow fewer than is usual); the log from `since`."""
    return (
        _paged("users", "users", page, fields=_USER_FIELDS),
        _paged("roles", "roles", page, fields="id,name,parent"),
        _paged("policies", "policies", page, fields="id,name,admin_access,app_access,enforce_tfa,ip_access"),
        _paged("access", "who holds which policy", page),
        # Directus answers these whole, whatever limit is asked for, and adds some of its own that have no id.
        replace(_paged("permissions", "permissions", page), identity=""),
        _paged("flows", "flows", page, fields="*,operations.*"),
        _paged("shares", "shares", page, fields=_SHARE_FIELDS),
        _whole("extensions", "/extensions", "extensions", "directus_extensions"),
        _whole("collections", "/collections", "collections", "directus_collections"),
        *_activity(page, since),
    )


def _activity(page: int, since: datetime) -> tuple[Question, ...]:
    """Times of events. Addresses and browsers of people are not asked for."""
    return (
        Question(
            Request("activity", "/activity", params={"limit": "1", "sort": "-id", "fields": "action,timestamp"}),
            "the activity log",
            _RIGHT.format("directus_activity"),
            _ONCE,
        ),
        _latest("activity_sign_ins", "sign-ins", "user", page, {"filter[action][_eq]": "login"}),
        _latest(
            *("activity_runs", "runs of flows", "item", page),
            {"filter[action][_eq]": "run", "filter[collection][_eq]": "directus_flows"},
        ),
        _created(page),
        _changes(page, since),
    )


def _changes(page: int, since: datetime) -> Question:
    """The changes of what makes up the project from `since` on, newest first, and by whom."""
    params = {
        "limit": str(page),
        "sort": "-id",
        "fields": "id,action,user,timestamp,collection,item",
        "filter[action][_in]": "create,update,delete",
        "filter[collection][_in]": ",".join(CHANGED),
        "filter[timestamp][_gte]": since.isoformat().replace("+00:00", "Z"),
    }
    request = Request("activity_changes", "/activity", params=params)
    what = "the newest changes"
    return Question(request, what, _RIGHT.format("directus_activity"), _by_falling_id(page), "id")


def _created(page: int) -> Question:
    question = _paged("activity_users", "creation of users", page, fields="id,item,timestamp")
    only = {"filter[collection][_eq]": "directus_users", "filter[action][_eq]": "create"}
    request = replace(question.request, path="/activity", params={**question.request.params, **only})
    return replace(question, request=request)


def _paged(name: str, what: str, page: int, *, fields: str = "*") -> Question:
    params = {"limit": str(page), "meta": "filter_count", "sort": "id", "fields": fields}
    return Question(
        Request(name, f"/{name}", params=params), what, _RIGHT.format(COLLECTION_OF[name]), _by_offset(page), "id"
    )


def _latest(name: str, what: str, by: str, page: int, filters: dict[str, str]) -> Question:
    """The time of the last event for each of what `by` names."""
    params = {"aggregate[max]": "timestamp", "groupBy[]": by, "limit": str(page), "sort": by, **filters}
    return Question(
        Request(name, "/activity", params=params), what, _RIGHT.format("directus_activity"), _by_offset(page)
    )


def _whole(name: str, path: str, what: str, collection: str) -> Question:
    return Question(Request(name, path), what, _RIGHT.format(collection), _ONCE)


def _data(body: Any) -> list[Any] | None:
    items = body.get("data") if isinstance(body, dict) else None
    return items if isinstance(items, list) else None


def _by_offset(page: int) -> Paging:
    def more(body: Any, count: int) -> dict[str, str] | None:
        meta = body.get("meta")
        total = meta.get("filter_count") if isinstance(meta, dict) else None
        if isinstance(total, int) and not isinstance(total, bool):
            return {"offset": str(count)} if count < total else None
        # Some lists do not tell their length (12.4 and 11.17: shares); a full page may not be the last.
        return {"offset": str(count)} if len(body["data"]) == page else None

    return Paging(_data, more)


def _by_falling_id(page: int) -> Paging:
    """Newest first, each page from below the last id: what is logged meanwhile moves no page."""

    def more(body: Any, count: int) -> dict[str, str] | None:
        last = body["data"][-1] if body["data"] else None
        number = last.get("id") if isinstance(last, Mapping) else None
        if len(body["data"]) < page or count >= MOST_ENTRIES or not isinstance(number, int):
            return None
        return {"filter[id][_lt]": str(number)}

    return Paging(_data, more)


_ONCE = Paging(_data, lambda _body, _count: None)
