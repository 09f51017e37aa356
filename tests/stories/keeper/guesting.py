"""A vendor's contact: what is asked of them, and every address tried with what a guest has at hand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from tests.stories.keeper.addresses import Address, addresses_of_api, addresses_of_pages
from tests.stories.keeper.browser import Browser
from tests.stories.keeper.faces import ApiFace, Face, PagesFace
from tests.stories.keeper.program import Program
from tests.stories.keeper.reviewing_calls import maybe_day
from tests.stories.keeper.reviewing_pages import day_in, leading

# What forms of ours ask for, so that none is refused for being empty.
_FIELDS = dict.fromkeys(("note", "why", "reason", "answer", "because", "name", "decision", "number", "by"), "x")
# Asked from the browser's own tools, with the session and the token of the page that is open.
_ASK = """
const [asked, fields, done] = arguments;
const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
(async () => {
  const told = [];
  for (const [method, path] of asked) {
    const sent = method === "GET" ? {method} :
      {method, body: new URLSearchParams(fields), headers: {"X-CSRFToken": token}};
    const answer = await fetch(path, sent);
    told.push([answer.status, new URL(answer.url).pathname, await answer.text()]);
  }
  done(told);
})();
"""
_AT_ONCE = 50
# Every page has a token of its own against forgery.
_TOKEN = re.compile(r"[A-Za-z0-9]{64}")


@dataclass(frozen=True)
class AskedSeen:
    """Something that is asked of a vendor."""

    title: str
    platform: str
    due_on: date | None
    answer: str


@dataclass(frozen=True)
class Answered:
    """What came of asking: the status, where one was led, and what was told."""

    status: int
    led_to: str
    text: str


class GuestFace(Face, Protocol):
    """What a vendor's contact does."""

    def asked(self) -> list[AskedSeen]:
        """What is asked of one's company."""

    def own_requests(self) -> set[int]:
        """The numbers of what is asked of one's company."""

    def answer_asked(self, title: str, words: str) -> None: ...

    def addresses(self, there: Mapping[str, Sequence[str]]) -> list[Address]:
        """All addresses of this face; `there` are the values for their holes."""

    def ask(self, addresses: Sequence[Address]) -> list[Answered]:
        """Ask each, as whoever is signed in."""


class GuestPages(PagesFace):
    """By the pages."""

    browser: Browser

    def asked(self) -> list[AskedSeen]:
        self.browser.go("Asked of you")
        places = self.browser.driver.find_elements("xpath", "//main//section[.//h2]")
        return [self._asked(place) for place in places]

    def _asked(self, place: Any) -> AskedSeen:
        (field,) = place.find_elements("tag name", "textarea") or (None,)
        about = place.find_element("xpath", ".//h2/following-sibling::p").text
        return AskedSeen(
            title=place.find_element("tag name", "h2").text,
            platform=leading(about.partition(", by ")[0], ("open", "answered"))[1],
            due_on=day_in(about),
            answer=field.get_property("value") if field else place.text.partition("Your answer was: ")[2],
        )

    def own_requests(self) -> set[int]:
        self.browser.go("Asked of you")
        forms = self.browser.driver.find_elements("xpath", "//main//form")
        found = (re.search(r"/asked/(\d+)", form.get_attribute("action")) for form in forms)
        return {int(each[1]) for each in found if each}

    def answer_asked(self, title: str, words: str) -> None:
        assert [each.title for each in self.asked()] == [title]
        self.browser.press("Send the answer", Your_answer=words)

    def addresses(self, there: Mapping[str, Sequence[str]]) -> list[Address]:
        return list(addresses_of_pages(there))

    def ask(self, addresses: Sequence[Address]) -> list[Answered]:
        self.browser.go("Overview")
        told: list[list[Any]] = []
        for start in range(0, len(addresses), _AT_ONCE):
            wanted = [[each.method, each.path] for each in addresses[start : start + _AT_ONCE]]
            told += self.browser.driver.execute_async_script(_ASK, wanted, _FIELDS)
        return [Answered(status, path, _TOKEN.sub("", text)) for status, path, text in told]


class GuestCalls(ApiFace):
    """By the API."""

    program: Program

    def asked(self) -> list[AskedSeen]:
        rows = self.program.all("/asked")
        return [
            AskedSeen(row["title"], row["platform"], maybe_day(row["due_on"]), row["answer"])
            for row in sorted(rows, key=lambda row: (row["due_on"] or "", row["id"]))
        ]

    def own_requests(self) -> set[int]:
        return {row["id"] for row in self.program.all("/asked")}

    def answer_asked(self, title: str, words: str) -> None:
        key = next(row["id"] for row in self.program.all("/asked") if row["title"] == title)
        self.program.post(f"/asked/{key}/answer", answer=words)

    def addresses(self, there: Mapping[str, Sequence[str]]) -> list[Address]:
        return list(addresses_of_api(self.program.get("/openapi.json"), there))

    def ask(self, addresses: Sequence[Address]) -> list[Answered]:
        told = []
        for each in addresses:
            status, text = self.program.ask(each.method, each.path, each.body)
            told.append(Answered(status, each.path, text))
        return told
