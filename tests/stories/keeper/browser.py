"""A person at a browser: reads what is displayed, follows links and presses buttons by their words.

Nothing is found by an id or a class: whatever has no words for a person to find it by is a defect of the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from tests.browser.chromium import IS_DRAWN, hold_cookies, wait_until
from tests.stories.keeper.clock import Clock
from tests.stories.keeper.people import Refused, Somebody

_TEXT = "normalize-space(.)"
# Every row of the tables displayed (of the one with that caption, where it is given): the row, and pairs of a column's
# heading and the text in it.
_ROWS = """
const words = (cell) => (cell.innerText || "").replace(/[ \\t]+/g, " ").trim();
return Array.from(document.querySelectorAll("main table"))
  .filter((table) => !arguments[0] || (table.caption && table.caption.textContent.includes(arguments[0])))
  .flatMap((table) => Array.from(table.tBodies).flatMap((body) => Array.from(body.rows)).map((row) => {
    const heads = table.tHead ? Array.from(table.tHead.rows[0].cells, words) : [];
    return [row, Array.from(row.cells, (cell, at) => [heads[at] || String(at), words(cell)])];
  }));
"""
# What stands between the heading of these words and the next heading of its rank.
_UNDER = """
const at = Array.from(document.querySelectorAll("main h1, main h2, main h3"))
  .find((head) => head.innerText.trim() === arguments[0]);
if (!at) return null;
let told = "";
for (let next = at.nextElementSibling; next && !["H1", "H2", at.tagName].includes(next.tagName);
     next = next.nextElementSibling) told += next.innerText + "\\n";
return told.trim();
"""
_FACTS = """
return Array.from(document.querySelectorAll("main dl dt"),
  (dt) => [dt.innerText.trim(), dt.nextElementSibling.innerText.replace(/\\s+/g, " ").trim()]);
"""
# Somebody at the browser's own tools: a form that the page does not offer, with the page's own token.
_FORGE = """
const form = document.createElement("form");
form.method = "post"; form.action = arguments[0];
const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
for (const [name, value] of [["csrfmiddlewaretoken", token], ...Object.entries(arguments[1])]) {
  const field = document.createElement("input");
  field.type = "hidden"; field.name = name; field.value = value; form.append(field);
}
document.body.append(form); form.submit();
"""
_SET_DAY = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('change', {bubbles: true}));"


class NotOffered(Refused):
    """The page has no such link, button or field."""


class Browser:
    """One Chromium; whoever sits down at it finds their own cookies, as at a machine of their own."""

    def __init__(self, driver: Any, address: str, clock: Clock, downloads: Path) -> None:
        self.driver, self.address, self._clock, self._downloads = driver, address, clock, downloads
        self._kept: dict[str, dict[str, str]] = {}
        self._who: Somebody | None = None
        driver.set_window_size(1400, 1000)
        driver.execute_cdp_cmd(
            "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(downloads), "eventsEnabled": False}
        )
        # A page that scrolls gently would move under the click.
        calm = [{"name": "prefers-reduced-motion", "value": "reduce"}]
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": calm})
        hold_cookies(driver, address, {})

    # Coming and going

    def sit_down(self, who: Somebody) -> None:
        """From now on this person is at the browser; they sign in where they are not, or no longer."""
        if self._who is not None:
            self._kept[self._who.email] = {each["name"]: each["value"] for each in self.driver.get_cookies()}
        self._who = who
        hold_cookies(self.driver, self.address, self._kept.get(who.email, {}))
        self.visit("/")

    def visit(self, path: str) -> None:
        """Type an address; a person whose session is over signs in and is led on."""
        self.driver.get(self.address + path)
        self._sign_in_again()

    def _sign_in_again(self) -> None:
        if self._who is not None and self.heading() == "Sign in":
            self._sign_in(self._who)

    def _sign_in(self, who: Somebody) -> None:
        self.fill_in("Sign in", Email=who.email, Password=who.password)
        self.fill_in("Sign in", Code=who.fresh_code(self._clock))
        if self.heading() in ("Sign in", "The second step"):
            raise Refused(self.words())

    def go(self, *links: str) -> None:
        """Follow links by their words, one after the other, the first from the navigation."""
        for link in links:
            self.follow(link)
            self._sign_in_again()

    def follow(self, words: str, *, within: Any = None) -> None:
        """Follow the link of exactly these words, or else the first that begins with them."""
        place = within or self.driver
        for test in (f"{_TEXT} = {_quoted(words)}", f"starts-with({_TEXT}, {_quoted(words)})"):
            for found in place.find_elements("xpath", f".//a[@href][{test}]"):
                self._unfold(found)
                if found.is_displayed():
                    self._leave(found)
                    return
        raise NotOffered(f"no link {words!r} on {self.driver.current_url}")

    def follow_in_row(self, link_in: str, **cells: str) -> None:
        """Follow the link in that column of the first row whose cells hold these words."""
        wanted = {label.replace("_", " "): words for label, words in cells.items()}
        for element, row in self._rows():
            if all(words in row.get(label, "") for label, words in wanted.items()):
                cell = element.find_elements("xpath", "./td | ./th")[list(row).index(link_in)]
                self._leave(cell.find_element("xpath", ".//a[@href]"))
                return
        raise NotOffered(f"no row with {wanted} on {self.driver.current_url}")

    def follow_row(self, number: int) -> None:
        """Follow the first link of that row."""
        self._leave(self._rows()[number][0].find_element("xpath", ".//a[@href]"))

    # Reading

    def heading(self) -> str:
        found = self.driver.find_elements("tag name", "h1")
        return found[0].text if found else ""

    def lead(self) -> str:
        """What stands right under the page's heading, in one line."""
        return " ".join(self.driver.find_element("xpath", "//h1/following-sibling::*[1]").text.split())

    def words(self) -> str:
        """All that the page says, without its frame."""
        return str(self.driver.find_element("tag name", "main").text)

    def rows(self, caption: str = "") -> list[dict[str, str]]:
        """The rows of the page's tables, or of those whose caption holds these words: texts by their column."""
        return [row for _, row in self._rows(caption)]

    def all_rows(self, caption: str = "") -> list[dict[str, str]]:
        """The same over all pages of a list, from where it is, with all that is folded away in it."""
        self.unfold_all()
        found = self.rows(caption)
        while self.driver.find_elements("xpath", "//main//a[@rel = 'next']"):
            self._leave(self.driver.find_element("xpath", "//main//a[@rel = 'next']"))
            self.unfold_all()
            found += self.rows(caption)
        return found

    def facts(self) -> dict[str, str]:
        """What the page tells as a name and its value."""
        return dict(self.driver.execute_script(_FACTS))

    def under(self, heading: str) -> str:
        """What stands under a heading; empty where there is no such heading."""
        return str(self.driver.execute_script(_UNDER, heading) or "")

    def told(self) -> str:
        """What the page says became of what was just done."""
        return str(self.driver.find_element("xpath", "//main/*[@role = 'status'][1]").text)

    def offers(self, button: str) -> bool:
        return self._button(button) is not None

    def unfold_all(self) -> None:
        """Open whatever is folded away, as one who reads everything."""
        self.driver.execute_script("for (const part of document.querySelectorAll('main details')) part.open = true;")

    # Doing

    def press(self, button: str, **fields: str) -> str:
        """Fill in what belongs to the button, press it, and give what the page then tells; raises Refused."""
        self.fill_in(button, **fields)
        self._require_done()
        return self.told()

    def fill_in(self, button: str, **fields: str) -> None:
        """Fill in the fields of the button's form by their labels, and press it. Spaces in labels are written `_`."""
        found = self._button(button)
        if found is None:
            raise NotOffered(f"no button {button!r} on {self.driver.current_url}")
        form = found.find_element("xpath", "./ancestor::form")
        for label, value in fields.items():
            self._fill(form, label.replace("_", " "), value)
        if not found.is_enabled():
            raise Refused(form.text)
        self._leave(found)

    def tick(self, rows: Sequence[int]) -> None:
        """Tick the boxes of these rows, counted as `rows` gives them."""
        shown = self._rows()
        for row in rows:
            self._click(shown[row][0].find_element("xpath", ".//input[@type = 'checkbox']"))

    def tick_all(self) -> None:
        self.driver.find_element("xpath", "//main//input[@aria-label = 'Choose all on this page']").click()

    def choose_filter(self, **fields: str) -> None:
        """Set filters by their labels and press the button."""
        self.fill_in("Filter", **fields)

    def send_anyway(self, path: str, **fields: str) -> None:
        """Send a form that the page does not offer; raises Refused where the keeper says no, which it should."""
        self._leave_by(lambda: self.driver.execute_script(_FORGE, path, fields))
        self._require_done()

    def save(self, link: str) -> bytes:
        """Follow a link that saves a file, and give what was saved."""
        before = set(self._downloads.iterdir())
        found = self.driver.find_elements("xpath", f"//main//a[{_TEXT} = {_quoted(link)}]")
        if not found:
            raise NotOffered(f"no link {link!r} on {self.driver.current_url}")
        found[0].click()
        wait_until(lambda: self._saved(before), f"{link!r} saved nothing")
        return self._saved(before).pop().read_bytes()

    def _saved(self, before: set[Path]) -> set[Path]:
        """What was saved since; nothing while some of it is still on its way."""
        new = set(self._downloads.iterdir()) - before
        if any(path.suffix == ".crdownload" or path.name.startswith(".") for path in new):
            return set()
        # The name may be taken before the first byte comes.
        return {path for path in new if path.stat().st_size}

    # Underneath

    def _require_done(self) -> None:
        if self.heading() == "Not allowed":
            raise Refused(self.words())
        alerts = self.driver.find_elements("xpath", "//main//*[contains(@class, 'alert-danger')]/p")
        if alerts:
            raise Refused("\n".join(each.text for each in alerts))

    def _fill(self, form: Any, label: str, value: str) -> None:
        element = self._field(form, label)
        kind = element.get_attribute("type") or ""
        self._unfold(element)
        if element.tag_name == "select":
            self._select(element, value)
        elif kind == "checkbox":
            if element.is_selected() != (value == "yes"):
                element.click()
        elif kind == "date":
            # How a day is typed depends on the machine's language.
            self.driver.execute_script(_SET_DAY, element, date.fromisoformat(value).isoformat())
        elif kind == "file":
            element.send_keys(value)
        else:
            element.clear()
            element.send_keys(value)

    def _field(self, form: Any, label: str) -> Any:
        for test in (f"{_TEXT} = {_quoted(label)}", f"starts-with({_TEXT}, {_quoted(label + ' (')})"):
            for found in form.find_elements("xpath", f".//label[{test}]"):
                name = found.get_attribute("for")
                return form.find_element("id", name) if name else found.find_element("xpath", ".//input")
        raise NotOffered(f"no field {label!r} on {self.driver.current_url}")

    def _select(self, element: Any, words: str) -> None:
        options = {option.text.strip(): option for option in element.find_elements("tag name", "option")}
        for text, option in options.items():
            if text == words or text.startswith(f"{words} ("):
                option.click()
                return
        raise NotOffered(f"no choice {words!r} among {', '.join(options)}")

    def _button(self, words: str) -> Any:
        path = f"//main//button[{_TEXT} = {_quoted(words)}]"
        for found in self.driver.find_elements("xpath", path):
            self._unfold(found)
            if found.is_displayed() or self._is_in_bar(found):
                return found
        return None

    def _is_in_bar(self, button: Any) -> bool:
        """Whether it belongs to a list's bar, which comes up once rows are chosen."""
        return bool(button.find_elements("xpath", "./ancestor::*[@role = 'group']"))

    def _unfold(self, element: Any) -> None:
        for details in element.find_elements("xpath", "./ancestor::details[not(@open)]"):
            details.find_element("tag name", "summary").click()

    def _rows(self, caption: str = "") -> list[tuple[Any, dict[str, str]]]:
        return [(row, dict(cells)) for row, cells in self.driver.execute_script(_ROWS, caption)]

    def _leave(self, element: Any) -> None:
        self._leave_by(lambda: self._click(element))

    def _click(self, element: Any) -> None:
        # A page that scrolls gently would move under the click, and at its edges a list's bar lies over the rows.
        self.driver.execute_script("arguments[0].scrollIntoView({behavior: 'instant', block: 'center'});", element)
        element.click()

    def _leave_by(self, going: Any) -> None:
        """Go to another page, and wait until it is there."""
        here = self.driver.find_element("tag name", "html")
        going()
        wait_until(lambda: self._is_gone(here) and self._is_drawn(), "no other page came")

    def _is_drawn(self) -> bool:
        return bool(self.driver.execute_script(IS_DRAWN))

    @staticmethod
    def _is_gone(page: Any) -> bool:
        from selenium.common.exceptions import WebDriverException  # noqa: PLC0415 - only where a browser is

        try:
            page.is_enabled()
        except WebDriverException:
            return True
        return False


def _quoted(words: str) -> str:
    """The words as XPath spells them."""
    if "'" not in words:
        return f"'{words}'"
    return "concat(" + ', "\'", '.join(f"'{part}'" for part in words.split("'")) + ")"
