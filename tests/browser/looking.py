"""What is looked at on every page, three ways: light, dark, and on a phone; with a picture of each for who wants it."""

from __future__ import annotations

import base64
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser.test_report_page import OF_COLOURS, VIEWS, violations

SEEN = {name: VIEWS[name] for name in ("light", "dark", "phone")}
# What a narrow screen can break, and other colours; names are the same at any width and by any light.
_ON_A_PHONE = ["target-size", "scrollable-region-focusable", "link-in-text-block"]
_HAS_SIZE = "return document.body && document.body.scrollHeight > 0 && document.body.scrollWidth > 0"
_UNFOLD = """
for (const part of document.querySelectorAll('details:not([open])')) { part.open = true; part.dataset.wasFolded = ''; }
"""
_FOLD = """
for (const part of document.querySelectorAll('details[data-was-folded]')) {
  part.open = false;
  delete part.dataset.wasFolded;
}
"""
# Every piece of text a person reads, but for what is a machine's, or given by a platform, by its element.
_TEXTS = """
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const found = [];
while (walker.nextNode()) {
  const node = walker.currentNode, text = node.textContent.trim();
  if (!text || node.parentElement.closest('script, style, code, pre, kbd, textarea, noscript, .given')) continue;
  if (!node.parentElement.closest('option') && !node.parentElement.checkVisibility()) continue;
  found.push(text);
}
return found;
"""
# A ring of at least two pixels around each thing that keys reach; the skip link shows itself.
_UNSEEN_FOCUS = """
const wanted = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
const bad = [];
for (const each of Array.from(document.querySelectorAll(wanted)).slice(0, 400)) {
  each.focus({preventScroll: true});
  if (document.activeElement !== each) continue;
  const shown = getComputedStyle(each);
  if (shown.outlineStyle === 'none' || parseFloat(shown.outlineWidth) < 2) bad.push(each.outerHTML.slice(0, 120));
}
document.activeElement.blur();
return bad;
"""
_WIDER = """
const width = document.documentElement.clientWidth;
return Array.from(document.body.querySelectorAll('*')).filter((each) => each.getBoundingClientRect().right > width + 1
  && !each.closest('.scroll, .table-responsive, .visually-hidden, svg')).slice(-2)
  .map((each) => each.outerHTML.slice(0, 120));
"""
_A_WORD_OF_THE_CODE = re.compile(r"(?<![\w@./:-])[a-z]+(?:_[a-z0-9]+)+(?![\w@/-]|[.:]\w)")
# Where nothing is known Python writes this; a sentence may begin with the word.
_NOTHING = re.compile(r"^None$|[^.!?\s]\s*\bNone\b")


def picture_folder() -> Path | None:
    """Where PASSMUSTER_SCREENSHOTS wants the pictures; nobody looks at them in a run of the tests."""
    named = os.environ.get("PASSMUSTER_SCREENSHOTS")
    return Path(named) if named else None


@dataclass
class Eyes:
    """Looks at what the browser shows and remembers what is wrong; `folder` takes the pictures, where there is one."""

    driver: Any
    axe: str
    folder: Path | None
    wrong: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def at(self, url: str, name: str, *, is_whole: bool = True) -> None:
        """Go there and look; `is_whole` False leaves out what was looked at on a page of the same kind."""
        self.driver.get_log("browser")
        show(self.driver, "light")
        self.driver.get(url)
        self.here(name, is_whole=is_whole)

    def here(self, name: str, *, is_whole: bool = True, status: int = 200) -> None:
        """Look at what is shown now, without loading it again; an answer of another `status` is no complaint."""
        self.seen.append(name)
        logged = [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] != "INFO"]
        found = [f"console: {text}" for text in logged if not (status != 200 and f"status of {status}" in text)]
        # The browser looks for one by itself beside an answer that is no page.
        self.tell(name, [text for text in found if "/favicon.ico" not in text])
        for view in SEEN:
            show(self.driver, view)
            if self.folder:
                self.keep(self.folder / f"{name}-{view}.png")
            self.driver.execute_script(_UNFOLD)
            self.tell(f"{name} {view}", self.complaints(view, is_whole))
            self.driver.execute_script(_FOLD)
        show(self.driver, "light")

    def complaints(self, view: str, is_whole: bool) -> list[str]:
        """What is wrong with the page as it is shown, unfolded."""
        found = []
        (width, _), _ = SEEN[view]
        if (wide := self.driver.execute_script("return document.documentElement.scrollWidth")) > width:
            found.append(f"scrolls sideways: {wide}: {self.driver.execute_script(_WIDER)}")
        if view == "light":
            found += [*self.words(), *self.focus()]
        if view == "phone":
            return found + violations(self.driver, self.axe, _ON_A_PHONE)
        rules = OF_COLOURS if view == "dark" else None
        return found + (violations(self.driver, self.axe, rules) if is_whole else [])

    def words(self) -> list[str]:
        """Headings, the title, and words that are not a person's."""
        title = self.driver.title
        heads = [each.text for each in self.driver.find_elements("css selector", "h1")]
        found = [] if len(heads) == 1 and heads[0] else [f"heads of the page: {heads}"]
        if not re.fullmatch(r"\S.* · Passmuster", title):
            found.append(f"title: {title!r}")
        for text in self.driver.execute_script(_TEXTS):
            if _A_WORD_OF_THE_CODE.search(text) or _NOTHING.search(text):
                found.append(f"words: {text[:120]!r}")
        return found

    def focus(self) -> list[str]:
        """Whatever keys reach without showing it."""
        # From a key on, the browser shows where it stands.
        self.driver.find_element("css selector", "body").send_keys(Keys.TAB)
        return [f"focus is not seen: {each}" for each in self.driver.execute_script(_UNSEEN_FOCUS)]

    def keep(self, picture: Path) -> None:
        """Write the picture of the whole page."""
        WebDriverWait(self.driver, 10).until(lambda each: each.execute_script(_HAS_SIZE))
        asked = {"captureBeyondViewport": True, "optimizeForSpeed": True}
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", asked)
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.write_bytes(base64.b64decode(shot["data"]))

    def tell(self, where: str, found: list[str]) -> None:
        """Remember what is wrong."""
        self.wrong += [f"{where}: {each}" for each in found]


def show(driver: Any, view: str) -> None:
    """The window and the colours of that view, from now on and on the page that is open."""
    (width, height), scheme = SEEN[view]
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    features = [
        {"name": "prefers-color-scheme", "value": scheme},
        {"name": "prefers-reduced-motion", "value": "reduce"},
    ]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    driver.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
