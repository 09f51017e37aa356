"""Every request the connector makes, what it needs, and how its list pages. Besides signing in and out all are GET."""

from __future__ import annotations

from typing import Any

from passmuster.collect.answers import Request
from passmuster.collect.paging import Paging
from passmuster.collect.reads import Question

_PAGE = 100
_SUPER = "sign in as a super admin: set PASSMUSTER_NOCODB_USER and PASSMUSTER_NOCODB_PASSWORD"
_CREATOR = "the account must be a super admin, or at least creator of the base"


def _list(body: Any) -> list[Any] | None:
    items = body.get("list") if isinstance(body, dict) else None
    return items if isinstance(items, list) else None


def _next_offset(body: Any, count: int) -> dict[str, str] | None:
    page = body.get("pageInfo")
    total = page.get("totalRows") if isinstance(page, dict) else None
    is_more = isinstance(total, int) and not isinstance(total, bool) and count < total
    return {"offset": str(count)} if is_more else None


def _people(body: Any) -> list[Any] | None:
    return _list(body.get("users")) if isinstance(body, dict) else None


def _more_people(body: Any, count: int) -> dict[str, str] | None:
    return _next_offset(body["users"], count)


_OFFSET = Paging(_list, _next_offset)
_LIMIT = {"limit": str(_PAGE)}

ME = Question(Request("me", "/api/v1/auth/user/me"), "who is asking")
INFO = Question(Request("info", "/api/v2/meta/nocodb/info"), "the instance's own description")
VERSION = Question(Request("version", "/api/v1/version"), "the version")
APP_SETTINGS = Question(Request("app_settings", "/api/v1/app-settings"), "settings", _SUPER)
USERS = Question(Request("users", "/api/v1/users", params=_LIMIT), "users", _SUPER, _OFFSET, "id")
TOKENS = Question(Request("tokens", "/api/v1/tokens", params=_LIMIT), "API tokens", _SUPER, _OFFSET, "id")
BASES = Question(Request("bases", "/api/v2/meta/bases", params=_LIMIT), "bases", _SUPER, _OFFSET, "id")
INTEGRATIONS = Question(
    Request("integrations", "/api/v2/meta/integrations", params=_LIMIT), "integrations", _SUPER, _OFFSET, "id"
)
PLUGINS = Question(Request("plugins", "/api/v1/db/meta/plugins"), "plugins", _SUPER, _OFFSET, "id")
SIGNED_IN = (INFO, VERSION, APP_SETTINGS, USERS, TOKENS, BASES, INTEGRATIONS, PLUGINS)
ANONYMOUS = Question(Request("bases_anonymous", "/api/v2/meta/bases"), "bases, without a credential")


def base_users(ordinal: int, quoted_id: str) -> Question:
    """The members of one base; recorded as `base_users_1`, `base_users_2`, ... by the order of base ids."""
    request = Request(f"base_users_{ordinal}", f"/api/v2/meta/bases/{quoted_id}/users", params=_LIMIT)
    return Question(request, "members of bases", _CREATOR, Paging(_people, _more_people), "id")


def base_tables(ordinal: int, quoted_id: str) -> Question:
    """The tables of one base; numbered as its members are."""
    request = Request(f"base_tables_{ordinal}", f"/api/v2/meta/bases/{quoted_id}/tables")
    return Question(request, "tables", _CREATOR, _OFFSET, "id")


def table_views(ordinal: int, quoted_id: str) -> Question:
    """The views of one table, shared or not; recorded as `table_views_1`, ... by the order of table ids."""
    request = Request(f"table_views_{ordinal}", f"/api/v2/meta/tables/{quoted_id}/views")
    return Question(request, "views", _CREATOR, _OFFSET, "id")


def table_hooks(ordinal: int, quoted_id: str) -> Question:
    """The webhooks of one table; numbered as its views are."""
    request = Request(f"table_hooks_{ordinal}", f"/api/v2/meta/tables/{quoted_id}/hooks")
    return Question(request, "webhooks", _CREATOR, _OFFSET, "id")
