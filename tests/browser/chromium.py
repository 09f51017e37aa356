"""A Chromium for tests, and axe to ask in it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Right after loading a page may have no size yet, and nothing in it be displayed.
IS_DRAWN = """
return document.readyState === "complete" && !!document.body && document.body.scrollHeight > 0
  && document.body.scrollWidth > 0 && !window.isLeft;
"""
_LONGEST_SECONDS = 90.0


def wait_until(is_so: Callable[[], object], else_: str) -> None:
    """Raises AssertionError with the words of `else_` where it does not become so."""
    end = time.monotonic() + _LONGEST_SECONDS
    while not is_so():
        if time.monotonic() > end:
            raise AssertionError(else_)
        time.sleep(0.01)


def missing(what: str) -> NoReturn:
    """Skips with the reason; in continuous integration the tests must run, so there it fails."""
    reason = f"{what}: the pages were not tried in a browser"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def axe_source() -> str:
    """The text of axe.min.js: of PASSMUSTER_AXE_JS, else of the development requirement that carries it."""
    named = os.environ.get("PASSMUSTER_AXE_JS")
    if named:
        return Path(named).read_text(encoding="utf-8")
    for package in ("axe_playwright_python", "axe_core_python"):
        spec = importlib.util.find_spec(package)
        for folder in (spec.submodule_search_locations or []) if spec else []:
            found = Path(folder) / "axe.min.js"
            if found.is_file():
                return found.read_text(encoding="utf-8")
    missing("axe-core is not installed")


@contextmanager
def chromium(profile: Path, *logs: str) -> Iterator[Any]:
    """A browser that keeps these logs, each of which costs time, and its data in `profile`; ends with the block.

    Its `get` ends when the page is there. By itself the driver at times answers while the page before is still shown.
    """
    program = shutil.which("chromium") or shutil.which("google-chrome")
    chromedriver = shutil.which("chromedriver")
    if not program or not chromedriver:
        missing("Chromium or chromedriver is not installed")
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", dict.fromkeys(logs, "ALL"))

    class Patient(webdriver.Chrome):
        def get(self, url: str) -> None:
            self.execute_script("window.isLeft = true;")
            super().get(url)
            wait_until(lambda: self.execute_script(IS_DRAWN), f"{url} is not drawn")

    driver = Patient(options=options, service=webdriver.ChromeService(executable_path=chromedriver))
    driver.set_script_timeout(_LONGEST_SECONDS)
    yield driver
    driver.quit()


def hold_cookies(driver: Any, address: str, cookies: Mapping[str, str]) -> None:
    """Have the browser hold these cookies for the address, and no others, from a page that asks for nothing.

    What a page still asks for, its icon too, goes with the cookies of before; the answer may take new ones away.
    """
    driver.get("about:blank")
    driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
    for name, value in cookies.items():
        driver.execute_cdp_cmd("Network.setCookie", {"name": name, "value": value, "url": address})


@pytest.fixture(scope="module")
def axe() -> str:
    return axe_source()


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with chromium(tmp_path_factory.mktemp("profile"), "browser") as driver:
        yield driver
