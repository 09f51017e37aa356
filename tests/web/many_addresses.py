"""Where pages and API list or count findings: the addresses a house with many of them is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from passmuster.records.models import Finding, Person, Platform, Ticket
from passmuster.web.lists import cursor_of

WORST_FIRST = ("severity_rank", "id")


def page_addresses(large: Platform, tiny: Platform) -> Iterator[str]:
    """The overview, the platforms, and the findings by every single filter and by some two together."""
    yield "/"
    yield "/platforms/"
    someone = Finding.objects.filter(owner_id__isnull=False)[0]
    chosen: list[dict[str, object]] = [
        {},
        *({"status": word} for word in ("open", "in_progress", "accepted", "closed")),
        {"severity": "critical"},
        {"severity": "info", "status": "closed"},
        {"platform": large.pk},
        {"platform": tiny.pk},
        {"control": "CTL-007"},
        {"control": "CTL-007", "platform": tiny.pk},
        {"control": "CTL-007", "platform": large.pk, "severity": "medium"},
        {"owner": "me"},
        {"owner": "me", "platform": large.pk},
        {"owner": "none"},
        {"owner": "none", "platform": tiny.pk},
        {"late": 1},
        {"late": 1, "owner": "me"},
        {"late": 1, "platform": tiny.pk},
        {"due": "soon"},
        {"due": "soon", "owner": "me"},
        {"status": "any"},
        {"late": 1, "control": "CTL-007"},
        {"owner": someone.owner_id, "platform": someone.platform_id, "late": 1},
        {"owner": someone.owner_id},
        *({"ticket": ticket.pk, **more} for ticket in Ticket.objects.all()[:1] for more in ({}, {"status": "any"})),
    ]
    for each in chosen:
        yield f"/findings/?{urlencode(each)}"
    yield "/findings/tickets/"
    yield "/findings/tickets/?state=settled"
    yield from (f"/findings/tickets/{ticket.pk}/" for ticket in Ticket.objects.all()[:1])


def deep_addresses(large: Platform, tiny: Platform) -> Iterator[str]:
    """Pages in the middle of a list, forwards and backwards."""
    for narrowed in ({}, {"platform": large.pk}, {"platform": tiny.pk}, {"control": "CTL-007"}):
        columns = {("platform_id" if name == "platform" else name): value for name, value in narrowed.items()}
        cursor = deep_cursor(status="open", **columns)
        for way in ("after", "before"):
            yield f"/findings/?{urlencode({**narrowed, 'status': 'open', way: cursor})}"


def api_addresses(large: Platform, tiny: Platform, owner: Person) -> Iterator[str]:
    """The same of the API, whose filters are more."""
    someone = Finding.objects.filter(deviation_id__isnull=False)[0]
    chosen: list[dict[str, object]] = [
        {},
        {"status": "open"},
        {"severity": "low"},
        {"platform": tiny.slug},
        {"platform": large.slug, "status": "closed"},
        {"control": "CTL-007"},
        {"control": "CTL-007", "platform": tiny.slug},
        {"environment": "environment-7"},
        {"owner": owner.pk},
        {"deviation": someone.deviation_id},
        {"late_on": "2026-06-01", "status": "open"},
        {"is_owned": "false", "platform": tiny.slug},
        {"cursor": deep_cursor(), "limit": 200},
    ]
    for each in chosen:
        yield f"/api/v1/findings?{urlencode(each)}"


def deep_cursor(**narrowed: object) -> str:
    """The cursor of a place in the middle of a list."""
    rows = Finding.objects.filter(**narrowed)
    return cursor_of(rows.order_by(*WORST_FIRST)[rows.count() // 2], WORST_FIRST)
