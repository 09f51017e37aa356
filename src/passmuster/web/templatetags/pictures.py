"""Small pictures made by the server, readable without a script and in print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

_SEVERITIES = ("critical", "high", "medium", "low", "info")
_RECT = '<rect x="{}" width="{}" height="10" class="seg-{}"></rect>'
# Unlike a picture, a group may hold links. A pointer takes a part; the keyboard stops once a row, at its number.
_LINKED = '<a href="{}" tabindex="-1" aria-label="{} {}: {}"><title>{} {}</title>{}</a>'
_OUTCOMES = ("fail", "error", "unknown", "manual", "pass")


@dataclass(frozen=True)
class Parts:
    """Of what a bar is, and where its parts lead, by their word."""

    name: str
    links: Mapping[str, str]


@register.simple_tag
def severity_bar(counts: Mapping[str, int], links: Mapping[str, str], name: str) -> SafeString:
    """Findings of a platform by severity as one bar, each part of which leads to its list."""
    return stacked_bar([(word, counts.get(word, 0)) for word in _SEVERITIES], Parts(name, links))


@register.simple_tag
def outcome_bar(counts: Mapping[str, int]) -> SafeString:
    """Controls by outcome as one bar."""
    return stacked_bar([(word, counts.get(word, 0)) for word in _OUTCOMES])


@register.filter
def worst_of(counts: Mapping[str, int]) -> str:
    """The worst two severities in words: "2 critical, 11 high"."""
    return ", ".join(f"{counts.get(word, 0)} {word}" for word in _SEVERITIES[:2])


@register.filter
def in_words(counts: Mapping[str, int]) -> str:
    """All severities that are there, worst first: "2 critical, 11 high, 1 low"."""
    return ", ".join(f"{counts[word]} {word}" for word in _SEVERITIES if counts.get(word)) or "none"


@register.filter
def past_their_date(n: int, missed: int = 0) -> str:
    """How many of the patches under way are late, and how many missed their window, where any did."""
    told = f"{n} past {'its' if n == 1 else 'their'} date" if n else "none past its date"
    return f"{told}, {missed} missed {'its' if missed == 1 else 'their'} window" if missed else told


def stacked_bar(parts: Sequence[tuple[str, int]], leading: Parts | None = None) -> SafeString:
    """One bar of parts, with the numbers as its name; every part that is there can be seen, and leads to its list."""
    shown = [(word, n) for word, n in parts if n > 0]
    total = sum(n for _, n in shown)
    if not total:
        return format_html('<svg class="bar" viewBox="0 0 {} 10" height="10" role="img" aria-label="none"></svg>', 400)
    # A part of one in a million still gets two units of the four hundred.
    widths = [max(2.0, 400 * n / total) for _, n in shown]
    scale = 400 / sum(widths)
    places, at = [], 0.0
    for (word, n), width in zip(shown, widths, strict=True):
        rect = format_html(_RECT, f"{at:.2f}", f"{width * scale:.2f}", word)
        places.append((_leading(rect, word, n, leading) if leading else rect,))
        at += width * scale
    rects = format_html_join("", "{}", places)
    label = ", ".join(f"{n} {word}" for word, n in shown)
    return format_html(
        '<svg class="bar" viewBox="0 0 400 10" height="10" preserveAspectRatio="none" role="{}" aria-label="{}">'
        "{}</svg>",
        "group" if leading else "img",
        label,
        rects,
    )


def _leading(rect: SafeString, word: str, n: int, leading: Parts) -> SafeString:
    link = leading.links.get(word, "")
    return format_html(_LINKED, link, n, word, leading.name, n, word, rect) if link else rect
