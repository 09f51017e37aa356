"""What the pages show and do, the API does too, by the same use cases; what it does not is said here, with why."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import types
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

import passmuster.application
import passmuster.web

_WEB = Path(passmuster.web.__file__).parent
_APPLICATION = Path(passmuster.application.__file__).parent

# Use cases of the pages that no route calls.
NOT_BY_API: Mapping[str, str] = {
    "calendar.calendar_feed.calendar_feed": "the subscription has an address with its own token, which is its route",
    "findings.ticketing.hear_ticket": "the hook is a route for programs itself, signed by the ticket system",
    "changes.approving.has_role": "says which buttons to show; a program asks, and is refused in words",
    "changes.authorship.may_decide": "says which buttons to show; a program asks, and is refused in words",
    "reviews.reviewing.may_cancel": "says which buttons to show; a program asks, and is refused in words",
    "people.signing_in.record_own_step": "belongs to the sign-in forms: a person sets passwords and factors",
    "people.signing_in.set_own_password": "belongs to the sign-in forms",
}

# Each page that shows something, and the routes that tell the same.
TOLD_BY: Mapping[str, tuple[str, ...]] = {
    "overview": ("/overview", "/trends"),
    "my_account": ("/me", "/me/tokens", "/me/calendar-feeds"),
    "settings": (),
    "access": ("/access",),
    "people": ("/people", "/people/without-second-factor"),
    "person": ("/people/{pk}",),
    "groups": ("/groups",),
    "vendors": ("/vendors",),
    "vendor": ("/vendors/{pk}",),
    "escalation": ("/escalation",),
    "owners_csv": ("/owners/export",),
    "owners_xlsx": ("/owners/export",),
    "platform_settings": ("/platforms",),
    "platform_setting": (
        "/platforms/{slug}",
        "/environments",
        "/platforms/{slug}/owners",
        "/platforms/{slug}/escalation",
        "/platforms/{slug}/registers",
        "/tier-proposals",
    ),
    "registers_xlsx": ("/platforms/{slug}/registers-workbook",),
    "register_file": ("/platforms/{slug}/registers/{name}",),
    "asked": ("/asked",),
    "asked_calendar": ("/asked-calendar",),
    "asked_hand_in": ("/asked/{pk}/files",),
    "asked_file": ("/asked-files/{pk}",),
    "vendor_requests": ("/vendor-requests",),
    "vendor_request": ("/vendor-requests/{pk}",),
    "cadence": ("/platforms/{slug}/cadence",),
    "environment_times": ("/environments/{pk}/times",),
    "platforms": ("/platforms", "/overview"),
    "platform": (
        "/platforms/{slug}",
        "/platforms/{slug}/posture",
        "/platforms/{slug}/inventory",
        "/finding-counts",
        "/collections",
        "/reviews",
    ),
    "collections": ("/collections",),
    "collection": ("/collections/{pk}", "/collections/{pk}/notices", "/evaluations"),
    "what_changed": ("/collections/{pk}/drift/{against}",),
    "reviews": ("/reviews",),
    "review": ("/reviews/{pk}", "/reviews/{pk}/items", "/reviews/{pk}/seal"),
    "review_report": ("/reviews/{pk}/report/{name}",),
    "findings": ("/findings", "/finding-summary", "/finding-counts", "/finding-due-counts"),
    "finding": ("/findings/{pk}",),
    "tickets": ("/tickets",),
    "ticket": ("/tickets/{pk}", "/findings"),
    "deviations": ("/deviations",),
    "deviation": ("/deviations/{pk}", "/deviations/{pk}/would-cover", "/findings"),
    "evidence": ("/evidence",),
    "evidence-detail": ("/evidence/{pk}", "/record"),
    "evidence-file": ("/evidence/{pk}/file",),
    "record": ("/record", "/record/head", "/checkpoints"),
    "record-event": ("/record/{number}",),
    "record-export": ("/record/export",),
    "evidence-bundle": ("/reviews/{pk}/evidence-bundle",),
    "messages": ("/messages",),
    "message_choices": ("/me/message-choices",),
    "work": ("/work", "/workers"),
    "work_page": ("/work/{pk}",),
    "work_part": ("/work/{pk}",),
    "calendar": ("/calendar",),
    "subscriptions": ("/me/calendar-feeds",),
    "changes": ("/changes",),
    "change": ("/changes/{pk}",),
    "patches": ("/plans", "/changes", "/change-counts", "/measures/patches"),
    "plan": ("/plans/{pk}",),
    "vulnerabilities": ("/vulnerabilities", "/triages", "/feeds"),
}

# Pages that tell nothing a program could want, or are asked for by other means.
NOTHING_TO_TELL: Mapping[str, str] = {
    "keyboard": "which keys the pages know",
    "health": "answers to load balancers, without a sign-in",
    "feed": "has a token of its own",
    "new_platform": "an empty form",
    "request_deviation": "an empty form",
    "ask_vendor": "an empty form",
    "evidence-new": "an empty form",
    "evidence-supersede": "a form, filled in from GET /evidence/{pk}",
}


def _use_cases(paths: Iterator[Path]) -> set[str]:
    """`module.function` of every use case (its first parameter is the actor) that these files call."""
    found = set()
    for path in paths:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        modules: dict[str, str] = {}
        for node in ast.walk(tree):
            if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("passmuster.application"):
                continue
            topic = (node.module or "").removeprefix("passmuster.application").lstrip(".")
            # A use case is a function of a module, the module a name in a package.
            for name in node.names:
                if _is_module(whole := f"{topic}.{name.name}".lstrip(".")):
                    modules[name.asname or name.name] = whole
                else:
                    found.add(whole)
        found |= {
            f"{modules[node.value.id]}.{node.attr}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules
        }
    return {name for name in found if _takes_an_actor(name)}


def _is_module(name: str) -> bool:
    where = _APPLICATION.joinpath(*name.split("."))
    return where.is_dir() or where.with_suffix(".py").is_file()


def _takes_an_actor(name: str) -> bool:
    topic, _, function = name.rpartition(".")
    found = getattr(importlib.import_module(f"passmuster.application.{topic}"), function)
    if topic == "access" or not isinstance(found, types.FunctionType):
        return False
    return next(iter(inspect.signature(found).parameters), "") == "actor"


@pytest.mark.usefixtures("db")
def test_every_use_case_of_a_page_is_one_of_the_api_too() -> None:
    pages = _use_cases(path for path in _WEB.rglob("*.py") if "api" not in path.relative_to(_WEB).parts)
    routes = _use_cases(iter((_WEB / "api").glob("*.py")))
    assert len(pages) > 50
    assert pages - routes == set(NOT_BY_API)


def _walk(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for each in patterns:
        path = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _walk(each.url_patterns, path)
        else:
            yield path, each


def _pages() -> dict[str, str]:
    """Addresses by name, of all pages that a GET can ask for."""
    return {
        each.name or path: path
        for path, each in _walk(get_resolver().url_patterns)
        if not path.startswith(("account/", "^account/", "api/v1/")) and not _takes_posts_only(each)
    }


def _takes_posts_only(each: URLPattern) -> bool:
    # The refusal of other methods comes before the view, as an inner wrapper of it.
    view = each.callback
    while view is not None:
        code = getattr(view, "__code__", None)
        cells = dict(zip(code.co_freevars, view.__closure__ or (), strict=True)) if code else {}
        methods = cells["request_method_list"].cell_contents if "request_method_list" in cells else None
        if methods is not None:
            return "GET" not in methods
        view = getattr(view, "__wrapped__", None)
    return False


@pytest.mark.usefixtures("db")
def test_every_page_is_told_by_routes_or_tells_nothing() -> None:
    pages = _pages()
    assert set(pages) == set(TOLD_BY) | set(NOTHING_TO_TELL)
    assert not set(TOLD_BY) & set(NOTHING_TO_TELL)
    told = json.loads(Client().get("/api/v1/openapi.json").content)["paths"]
    routes = {path.removeprefix("/api/v1") for path, methods in told.items() if "get" in methods}
    assert sorted(route for named in TOLD_BY.values() for route in named if route not in routes) == []
    # A route that tells what no page shows would be one of the two lists out of date.
    assert len(routes) > 50
