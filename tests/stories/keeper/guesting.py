"""A vendor is asked, its contact answers, and tries every address with what a guest has at hand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
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
    """Something that is asked of a vendor, as its contact reads it, with the files handed in."""

    title: str
    platform: str
    due_on: date | None
    status: str
    answer: str = ""
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answered:
    """What came of asking: the status, where one was led, and what was told."""

    status: int
    led_to: str
    text: str


class GuestFace(Face, Protocol):
    """What those do who ask a vendor, and its contact."""

    def ask_vendor(self, vendor: str, platform: str, title: str, due_on: date) -> None: ...

    def answered(self, title: str) -> tuple[str, str, tuple[str, ...]]:
        """As whoever asked sees it: the status, the answer, and the files."""

    def accept(self, title: str, note: str) -> None: ...

    def asked(self) -> list[AskedSeen]:
        """What is asked of one's company."""

    def own_requests(self) -> set[int]:
        """The numbers of what is asked of one's company."""

    def newest_message_leads_to(self) -> str:
        """The page that a message names, as far as one gets there."""

    def answer_asked(self, title: str, words: str) -> None: ...

    def hand_in_for(self, title: str, shows: str, file: Path) -> None:
        """Hand in a report for what is asked."""

    def addresses(self, there: Mapping[str, Sequence[str]]) -> list[Address]:
        """All addresses of this face; `there` are the values for their holes."""

    def ask(self, addresses: Sequence[Address]) -> list[Answered]:
        """Ask each, as whoever is signed in."""


class GuestPages(PagesFace):
    """By the pages."""

    browser: Browser

    def ask_vendor(self, vendor: str, platform: str, title: str, due_on: date) -> None:
        self.browser.go("Evidence", "Asked of vendors", "Ask a vendor")
        self.browser.press(
            "Ask", Vendor=vendor, About_the_platform=platform, What_is_asked=title, By=due_on.isoformat()
        )

    def _go_to_request(self, title: str) -> None:
        self.browser.go("Evidence", "Asked of vendors", title)

    def answered(self, title: str) -> tuple[str, str, tuple[str, ...]]:
        self._go_to_request(title)
        status = self.browser.lead().partition(" Asked of ")[0]
        told = self.browser.under("The vendor's answer").partition("Files from the vendor")[0].splitlines()
        files = self.browser.under("Files from the vendor").splitlines()
        words = [line for line in told if line.strip()]
        return status, words[1] if len(words) > 1 else "", tuple(line.partition(", ")[0] for line in files if line)

    def accept(self, title: str, note: str) -> None:
        self._go_to_request(title)
        self.browser.press("Accept", **{"Note;_of_what_is_sent_back_the_reason,_which_the_vendor_reads": note})

    def asked(self) -> list[AskedSeen]:
        self.browser.go("Asked of you")
        places = self.browser.driver.find_elements("xpath", "//main//section[.//h2]")
        return [self._asked(place) for place in places]

    def _asked(self, place: Any) -> AskedSeen:
        (field,) = place.find_elements("tag name", "textarea") or (None,)
        about = " ".join(place.find_element("xpath", ".//h2/following-sibling::p").text.split())
        status, rest = leading(about, ("open", "answered", "accepted"))
        return AskedSeen(
            title=place.find_element("tag name", "h2").text,
            platform=rest.partition(", by ")[0],
            due_on=day_in(rest),
            status=status,
            answer=field.get_property("value") if field else place.text.partition("Your answer was: ")[2],
            files=tuple(link.text for link in place.find_elements("xpath", ".//li/a")),
        )

    def own_requests(self) -> set[int]:
        self.browser.go("Asked of you")
        forms = self.browser.driver.find_elements("xpath", "//main//form")
        found = (re.search(r"/asked/(\d+)", form.get_attribute("action")) for form in forms)
        return {int(each[1]) for each in found if each}

    def newest_message_leads_to(self) -> str:
        self.browser.follow(self.messages()[0])
        assert self.browser.heading() != "Not allowed"
        return str(self.browser.driver.current_url).removeprefix(self.browser.address)

    def answer_asked(self, title: str, words: str) -> None:
        assert [each.title for each in self.asked()] == [title]
        self.browser.press("Send the answer", Your_answer=words)

    def hand_in_for(self, title: str, shows: str, file: Path) -> None:
        self.browser.go("Asked of you", f"Hand in a file for: {title}")
        self.browser.press("Hand it in", File=str(file), What_it_shows=shows, Kind="report")

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

    def ask_vendor(self, vendor: str, platform: str, title: str, due_on: date) -> None:
        key = next(row["id"] for row in self.program.all("/vendors") if row["name"] == vendor)
        asked = {"title": title, "platform": self.slug(platform), "due_on": due_on.isoformat()}
        self.program.post("/vendor-requests", vendor=key, **asked)

    def _find_request(self, title: str) -> dict[str, Any]:
        return next(row for row in self.program.all("/vendor-requests") if row["title"] == title)

    def answered(self, title: str) -> tuple[str, str, tuple[str, ...]]:
        row = self._find_request(title)
        files = self.program.all("/evidence", vendor_request=row["id"])
        return row["status"], row["answer"], tuple(file["title"] for file in files)

    def accept(self, title: str, note: str) -> None:
        self.program.post(f"/vendor-requests/{self._find_request(title)['id']}/accept", why=note)

    def asked(self) -> list[AskedSeen]:
        return [
            AskedSeen(
                title=row["title"],
                platform=row["platform"],
                due_on=maybe_day(row["due_on"]) if row["status"] != "accepted" else None,
                status=row["status"],
                answer=row["answer"],
                files=tuple(file["title"] for file in self.program.all(f"/asked/{row['id']}/files")),
            )
            for row in self.program.all("/asked")
        ]

    def own_requests(self) -> set[int]:
        return {row["id"] for row in self.program.all("/asked")}

    def newest_message_leads_to(self) -> str:
        return str(self.program.all("/messages")[0]["link"])

    def _find_asked(self, title: str) -> int:
        return int(next(row["id"] for row in self.program.all("/asked") if row["title"] == title))

    def answer_asked(self, title: str, words: str) -> None:
        self.program.post(f"/asked/{self._find_asked(title)}/answer", answer=words)

    def hand_in_for(self, title: str, shows: str, file: Path) -> None:
        path = f"/asked/{self._find_asked(title)}/files"
        self.program.send(path, {"title": shows, "kind": "report"}, (file.name, file.read_bytes()))

    def addresses(self, there: Mapping[str, Sequence[str]]) -> list[Address]:
        return list(addresses_of_api(self.program.get("/openapi.json"), there))

    def ask(self, addresses: Sequence[Address]) -> list[Answered]:
        told = []
        for each in addresses:
            status, text = self.program.ask(each.method, each.path, each.body)
            told.append(Answered(status, each.path, text))
        return told
