"""How values are shown: words without underscores, times both exact and near, dates as people count them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from django import template
from django.http import QueryDict
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from passmuster.pipeline.describing import list_connectors
from passmuster.pipeline.what_changed import Thing
from passmuster.report.html import prose as _prose
from passmuster.web.changed_words import Fact, facts_of
from passmuster.web.column_words import column_words

register = template.Library()

# Not within an address, a path, an identifier with dots or a name of a file.
_COLUMN = re.compile(r"(?<![\w@./:-])[a-z]+(?:_[a-z0-9]+)+(?![\w@/-]|[.:]\w)")

_TONES: Mapping[str, frozenset[str]] = {
    "good": frozenset(
        "pass done met closed verified sealed signed approved active ok current success deployed passed told".split()
    ),
    "bad": frozenset(
        "fail failed error late overdue regressed rolled_back refused revoked expired incomplete not_taken".split()
    ),
    "wait": frozenset(
        "open opening requested planned waiting running in_progress unknown manual accepted waived soon".split()
    ),
}
_SEVERITIES = frozenset("critical high medium low info".split())


@register.filter
def prose(value: str) -> SafeString:
    """A control's prose as safe HTML: paragraphs, lists, emphasis, code and links; raw HTML is shown, not obeyed."""
    return SafeString(str(_prose.prose(value)))


@register.filter
def words(value: object) -> str:
    """A word of a closed list as people read it: `in_progress` is "in progress"."""
    return "" if value is None else str(value).replace("_", " ")


@register.filter
def column(value: str) -> str:
    """A column of a snapshot as people read it."""
    return column_words(value)


@register.filter
def facts(thing: Thing) -> list[Fact]:
    """What there is to tell of a thing that changed, each column in words."""
    return facts_of(thing)


@register.filter
def fact_value(value: str | datetime) -> SafeString | str:
    """Words as they are, a time as `moment`."""
    return moment(value) if isinstance(value, datetime) else value


@register.filter
def spoken(value: object) -> str:
    """A sentence that names columns, as people read it; names of files stay as they are."""
    return _COLUMN.sub(lambda found: found[0].replace("_", " "), "" if value is None else str(value))


@register.filter
def plain(value: object) -> str:
    """A value of a snapshot as people read it: yes, no, "not known", a list with commas."""
    if value is None or value == "":
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    listed = _listed(value) if isinstance(value, str) and value[:1] == "[" else value
    return ", ".join(map(plain, listed)) or "none" if isinstance(listed, list) else str(listed)


def _listed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


@register.filter
def product(kind: str) -> str:
    """What a kind of platform is called: `power-platform` is "Power Platform"."""
    return _titles().get(kind, words(kind))


@cache
def _titles() -> Mapping[str, str]:
    return {each.kind: each.title for each in list_connectors() if each.kind != "declared"}


@register.filter
def called(address: str, names: Mapping[str, str]) -> str:
    """The name of whoever has that address; where nobody has, the address."""
    return names.get(address, address)


@register.filter
def sentence(value: object) -> str:
    """The same with a capital first letter."""
    text = words(value)
    return text[:1].upper() + text[1:]


@register.filter
def badge(value: object) -> SafeString | str:
    """A severity or a state as a badge; colour never says what the word does not."""
    word = "" if value is None else str(value)
    if not word:
        return ""
    kind = word if word in _SEVERITIES else next((tone for tone, held in _TONES.items() if word in held), "plain")
    return format_html('<span class="badge is-{}">{}</span>', kind, words(word))


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """A time as `2026-06-01 09:00`, exact for machines."""
    if value is None:
        return "–"
    at = value.astimezone(UTC)
    return format_html(
        '<time datetime="{}">{}</time>', at.strftime("%Y-%m-%dT%H:%M:%SZ"), at.strftime("%Y-%m-%d %H:%M")
    )


@register.filter
def local_moment(value: datetime) -> SafeString:
    """A time in the zone it is in, with its weekday: `Sun 2026-06-07 22:00`."""
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), value.strftime("%a %Y-%m-%d %H:%M"))


@register.filter
def day(value: date | datetime | None) -> SafeString | str:
    """A date as `2026-06-01`."""
    if value is None:
        return "–"
    text = _as_date(value).isoformat()
    return format_html('<time datetime="{}">{}</time>', text, text)


@register.filter
def due(value: date | datetime | None, today: date | None = None) -> SafeString | str:
    """A due date with how far it is: "2026-06-01, 3 days late"; late ones stand out in words and colour."""
    if value is None:
        return "–"
    on = _as_date(value)
    apart = (on - (today or timezone.now().date())).days
    return format_html(
        '<span class="due{}"><time datetime="{}">{}</time> <span class="apart">{}</span></span>',
        " is-late" if apart < 0 else "",
        on.isoformat(),
        on.isoformat(),
        apart_in_words(apart),
    )


def apart_in_words(days: int) -> str:
    """How far a day is from today: negative is past."""
    if days == 0:
        return "today"
    if days in (1, -1):
        return "tomorrow" if days == 1 else "1 day late"
    return f"in {days} days" if days > 0 else f"{-days} days late"


@register.filter
def count(value: int | None) -> str:
    """A whole number with thin groups: 1 234 567."""
    return "–" if value is None else f"{value:,}".replace(",", "\u202f")


@register.simple_tag(takes_context=True)
def with_query(context: Mapping[str, Any], **changed: object) -> str:
    """This page's query with some parameters changed (None or empty: taken out); a page's position is forgotten."""
    request = context.get("request")
    query = request.GET.copy() if request is not None else QueryDict(mutable=True)
    for gone in {"after", "before"} - set(changed):
        query.pop(gone, None)
    for name, value in changed.items():
        if value is None or value == "":
            query.pop(name, None)
        else:
            query[name] = str(value)
    return "?" + query.urlencode()


def _as_date(value: date | datetime) -> date:
    return value.astimezone(UTC).date() if isinstance(value, datetime) else value
