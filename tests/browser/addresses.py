"""Every address of the pages, from the list of addresses itself, with things that are there in its holes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db.models import Model, QuerySet
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from passmuster.records.models import (
    AuditEvent,
    Change,
    Collection,
    Deviation,
    Environment,
    Evidence,
    Finding,
    Person,
    Plan,
    Platform,
    Review,
    Ticket,
    Vendor,
    VendorRequest,
    Work,
)

# What answers a reader with something else than a page.
NO_PAGES = {
    "health": "for a load balancer",
    "feed": "a calendar's file",
    "work_part": "a part of the page of work",
    "ticket_hook": "for a ticket system",
    "register_file": "a register's file",
    "registers_xlsx": "a file",
    "review_report": "files of a sealed review",
    "evidence-file": "a file, to be saved",
    "evidence-bundle": "a file of a review that has evidence",
    "asked": "a guest's; looked at as one",
    "asked_calendar": "a guest's; looked at as one",
    "answer_asked": "a guest's answer",
    "asked_hand_in": "a guest's; looked at as one",
    "asked_file": "a guest's own file",
}
# A page that shows different things by what is asked: the first is what one meets first.
QUERIES: Mapping[str, tuple[str, ...]] = {
    "calendar": ("", "?view=timeline", "?view=list"),
    "changes": ("", "?status=all"),
    "deviations": ("", "?status=refused"),
    "findings": ("", "?status=whatever", "?late=1", "?status=any&severity=info&due=soon"),
    "tickets": ("", "?state=settled&telling=to_be_told_again"),
    "messages": ("", "?show=all"),
    "vulnerabilities": ("", "?find=nothing+of+the+kind"),
}
Holes = list[dict[str, Any]]
# `<int:pk>` of a path, `(?P<key>` of an expression.
_HOLE = re.compile(r"<(?:(\w+):)?(\w+)>")


def _each(rows: QuerySet[Any], column: str, key: str = "pk") -> Holes:
    """One row of every state."""
    return [{key: row.pk} for row in rows.order_by(column, "-pk").distinct(column)]


def _newest(rows: type[Model], key: str = "pk", n: int = 1) -> Holes:
    return [{key: row.pk} for row in rows._default_manager.order_by("-pk")[:n]]


def _platforms() -> Holes:
    return [{"slug": slug} for slug in Platform.objects.order_by("pk").values_list("slug", flat=True)[:3]]


_HOLES: Mapping[str, Callable[[], Holes]] = {
    "change": lambda: _each(Change.objects.all(), "status"),
    "plan": lambda: _newest(Plan, n=2),
    "platform": _platforms,
    "platform_setting": lambda: _platforms()[:1],
    "cadence": lambda: _platforms()[:1],
    "environment_times": lambda: [
        {"slug": each.platform.slug, "pk": each.pk} for each in Environment.objects.order_by("pk")[:1]
    ],
    "vendor_request": lambda: _each(VendorRequest.objects.all(), "status"),
    "work_page": lambda: _each(Work.objects.all(), "state", "identity"),
    "collection": lambda: [*_each(Collection.objects.all(), "state"), *_newest(Collection, n=2)],
    "what_changed": lambda: [
        {"pk": each.pk, "against": "baseline"}
        for each in Collection.objects.exclude(drift_from_baseline={}).order_by("-pk")[:1]
    ],
    "review": lambda: _each(Review.objects.all(), "status"),
    "finding": lambda: _each(Finding.objects.all(), "status"),
    "ticket": lambda: _each(Ticket.objects.all(), "external_status"),
    "deviation": lambda: _each(Deviation.objects.all(), "status"),
    "evidence-detail": lambda: _newest(Evidence, "number"),
    "evidence-supersede": lambda: _newest(Evidence, "number"),
    "record-event": lambda: [{"number": AuditEvent.objects.order_by("-number")[0].number}],
    "person": lambda: [{"pk": Person.objects.order_by("pk")[0].pk}],
    "vendor": lambda: _newest(Vendor),
}


def _walk(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, str]]:
    for each in patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _walk(each.url_patterns, route)
        else:
            yield each.name or "", route


def page_addresses(*, are_empty: bool = False) -> Iterator[tuple[str, str]]:
    """The name and path of every page outside of signing in; of one with several states, one of each.

    Where nothing is there yet, `are_empty`, only those of nothing in particular.
    """
    for name, route in _walk(get_resolver().url_patterns):
        is_left_out = are_empty and _HOLE.search(route) is not None
        if name and name not in NO_PAGES and not is_left_out and not route.startswith(("api/", "account/")):
            for given in _HOLES[name]() if name in _HOLES else [_anything(route)]:
                for query in ("",) if are_empty else QUERIES.get(name, ("",)):
                    yield name, reverse(name, kwargs=given) + query


def account_addresses() -> Iterator[tuple[str, str]]:
    """The name and a path of every address of signing in."""
    for name, route in _walk(get_resolver().url_patterns):
        if name and route.startswith("account/"):
            yield name, reverse(name, kwargs=_anything(route))


def _anything(route: str) -> dict[str, Any]:
    """Something that is nowhere; an address that is only sent forms does not look."""
    return {name: 0 if kind == "int" else "x" for kind, name in _HOLE.findall(route)}


def what_answers(client: Client, path: str) -> str:
    """`page`, `file`, `form only`, or what is wrong with the answer."""
    answer = client.get(path)
    if answer.status_code == 405:
        return "form only"
    if answer.status_code != 200:
        return f"answers {answer.status_code}"
    if not answer.headers["content-type"].startswith("text/html") or "content-disposition" in answer.headers:
        return "file"
    return "page" if b"<h1" in answer.content else "is no whole page"
