"""Lists that come in pages: read to the end, or as far as it goes, and told which."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from passmuster.collect.answers import Answer, Answers, Request

_MOST_PAGES = 2_000
_MOST_ITEMS = 5_000_000


@dataclass(frozen=True)
class Paging:
    """How a platform pages: the items of a body (None if it is none), and the parameters of the next page, if any."""

    items: Callable[[Any], list[Any] | None]
    more: Callable[[Any, int], dict[str, str] | None]


@dataclass(frozen=True)
class Listing:
    """The items read. `answer` is the first one, or the one that failed; `cut_short` says why not all were read."""

    items: list[Any]
    answer: Answer
    cut_short: str = ""


def read_all(answers: Answers, request: Request, paging: Paging) -> Listing:
    """All pages (NAME, NAME_page2, ...), up to a failure, a cursor or page seen before, an empty one, or too many."""
    found: list[Any] = []
    previous: list[Any] = []
    seen: set[str] = set()
    asked, first = request, None
    for page in range(1, _MOST_PAGES + 1):
        answer = answers.ask(asked)
        items = paging.items(answer.body) if answer.is_ok else None
        if items is None:
            return _broken(found, page, answer)
        first = first or answer
        found += items
        more = paging.more(answer.body, len(found))
        if more is None:
            return Listing(found, first)
        spelled = repr(sorted(more.items()))
        if spelled in seen:
            return Listing(found, first, f"page {page} points back to a page that was read before")
        if not items:
            return Listing(found, first, f"page {page} is empty but names a next page")
        if items == previous:
            return Listing(found[: -len(items)], first, f"page {page} is the same as the one before")
        previous = items
        if len(found) > _MOST_ITEMS:
            break
        seen.add(spelled)
        asked = replace(request, name=f"{request.name}_page{page + 1}", params={**request.params, **more})
    return Listing(found, first or Answer(None, problem="no page was read"), f"more than {len(found)} items")


def _broken(found: list[Any], page: int, answer: Answer) -> Listing:
    if answer.is_ok:
        answer = replace(answer, problem=f"the answer is not the list it should be ({_kind(answer.body)})")
    if page == 1:
        return Listing([], answer)
    why = answer.problem or f"HTTP {answer.status}"
    return Listing(found, answer, f"page {page} could not be read: {why}")


def _kind(body: Any) -> str:
    if body is None:
        return "empty"
    if isinstance(body, str):
        return "a web page; is the address right?" if "<html" in body[:500].lower() else "text"
    return "other JSON"
