"""Every page of the keeper in a real Chromium: light, dark and phone; axe, no complaints, no sideways scrolling.

Which pages there are is found by following their links, so a new page is looked at without being named here. With
PASSMUSTER_SCREENSHOTS naming a folder a picture of each is kept there.
"""

from __future__ import annotations

import base64
import os
import re
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import urljoin, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import Client
from django.urls import resolve

from passmuster.records.models import Person
from tests.browser.organisation import make_organisation
from tests.browser.test_report_page import VIEWS, axe, driver, unfold, violations

__all__ = ["axe", "driver"]

pytestmark = pytest.mark.browser
SEEN = {name: VIEWS[name] for name in ("light", "dark", "phone")}
# Not pages to look at: files, feeds, signing out, and what belongs to others.
SKIPPED = re.compile(r"^/(static|api)/|logout|^.account.|download|\.(ics|csv|json|xlsx|pdf)$|/feed/")


class Quiet(WSGIRequestHandler):
    def log_message(self, *_args: object) -> None:
        pass


class Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        super().process_request_thread(request, client_address)
        # Each request has a thread of its own, and with it a connection that nobody else would close.
        connections.close_all()


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a" and (href := dict(attrs).get("href")):
            self.found.append(href)


@pytest.fixture
def person(durable_db: Path) -> Person:
    return make_organisation()


@pytest.fixture
def address(durable_db: Path) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, get_wsgi_application(), Threaded, Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    connections.close_all()


def pages_of(client: Client) -> dict[str, str]:
    """One address a kind of page, by the kind's pattern, found by following links from the first page."""
    found: dict[str, str] = {}
    waiting = ["/"]
    while waiting:
        path = waiting.pop(0)
        if SKIPPED.search(path):
            continue
        route = resolve(urlsplit(path).path).route
        if route in found:
            continue
        response = client.get(path)
        if response.status_code == 302:
            continue
        assert response.status_code == 200, path
        if not response.headers["content-type"].startswith("text/html"):
            continue
        found[route] = path
        links = Links()
        links.feed(response.content.decode())
        joined = (urlsplit(urljoin(f"http://here{path}", link)) for link in links.found)
        waiting += [part.path + (f"?{part.query}" if part.query else "") for part in joined if part.netloc == "here"]
    return found


def sign_in(driver: Any, address: str, person: Person) -> Client:
    client = Client()
    client.force_login(person)
    driver.get(f"{address}/health")
    driver.delete_all_cookies()
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    driver.add_cookie({"name": cookie.key, "value": cookie.value})
    return client


def look(driver: Any, url: str, view: str) -> None:
    (width, height), scheme = SEEN[view]
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    features = [
        {"name": "prefers-color-scheme", "value": scheme},
        {"name": "prefers-reduced-motion", "value": "reduce"},
    ]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    driver.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
    driver.get_log("browser")
    driver.get(url)


def keep_picture(driver: Any, name: str) -> None:
    folder = os.environ.get("PASSMUSTER_SCREENSHOTS")
    # A page that came out empty has no picture; axe says what is wrong with it.
    if folder and driver.execute_script("return document.body && document.body.scrollHeight"):
        shot = driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))


def complaints(driver: Any, axe: str, width: int) -> list[str]:
    logged = (entry for entry in driver.get_log("browser") if entry["level"] in ("WARNING", "SEVERE"))
    found = [f"console: {entry['message']}" for entry in logged]
    if driver.execute_script("return document.documentElement.scrollWidth") > width:
        found.append("scrolls sideways")
    unfold(driver)
    return found + violations(driver, axe)


def test_every_page_is_fit_to_be_seen(driver: Any, axe: str, person: Person, address: str) -> None:
    client = sign_in(driver, address, person)
    pages = pages_of(client)
    assert {"", "keyboard/"} <= set(pages)
    wrong = {}
    for route, path in pages.items():
        for view, ((width, _height), _scheme) in SEEN.items():
            look(driver, address + path, view)
            keep_picture(driver, f"{re.sub(r'[^a-z0-9]+', '-', route.lower()).strip('-')[:60] or 'overview'}-{view}")
            if found := complaints(driver, axe, width):
                wrong[f"{path} {view}"] = found
    assert not wrong, "\n".join(f"{where}: {what}" for where, found in wrong.items() for what in found)


@pytest.mark.parametrize("path", ["/nothing-here"])
def test_pages_without_a_person_are_fit_too(driver: Any, axe: str, person: Person, address: str, path: str) -> None:
    driver.get(f"{address}/health")
    driver.delete_all_cookies()
    for view, ((width, _height), _scheme) in SEEN.items():
        look(driver, address + path, view)
        keep_picture(driver, f"{path.strip('/').replace('/', '-')}-{view}")
        found = [each for each in complaints(driver, axe, width) if "404" not in each]
        assert found == []


def press(driver: Any, keys: str) -> None:
    driver.find_element("css selector", "body").send_keys(keys)


def test_colours_are_chosen_and_kept_and_the_picture_follows(driver: Any, person: Person, address: str) -> None:
    sign_in(driver, address, person)
    look(driver, f"{address}/", "light")
    assert theme(driver) == "light"
    driver.find_element("css selector", '[data-theme-choice="dark"]').click()
    assert theme(driver) == "dark"
    driver.get(f"{address}/keyboard/")
    assert theme(driver) == "dark"
    assert driver.find_element("css selector", '[data-theme-choice="dark"]').get_attribute("aria-pressed") == "true"
    driver.find_element("css selector", '[data-theme-choice=""]').click()
    assert theme(driver) == "light"


def theme(driver: Any) -> str:
    return str(driver.execute_script("return document.documentElement.dataset.bsTheme"))


def test_lists_are_walked_by_keys_until_they_are_switched_off(driver: Any, person: Person, address: str) -> None:
    sign_in(driver, address, person)
    look(driver, f"{address}/", "light")
    press(driver, "jjk")
    rows = driver.find_elements("css selector", "[data-list] > li")
    assert [row for row in rows if "is-at" in row.get_attribute("class")] == [rows[0]]
    press(driver, "?")
    assert driver.current_url.endswith("/keyboard/")
    driver.find_element("id", "shortcuts-on").click()
    press(driver, "go")
    assert driver.current_url.endswith("/keyboard/")
    driver.find_element("id", "shortcuts-on").click()
    press(driver, "go")
    assert urlsplit(driver.current_url).path == "/"


def test_a_picture_is_drawn_from_its_table_which_stays(driver: Any, person: Person, address: str) -> None:
    sign_in(driver, address, person)
    look(driver, f"{address}/", "light")
    for figure in driver.find_elements("css selector", "figure[data-chart]"):
        assert figure.find_element("css selector", ".chart canvas").is_displayed()
        figure.find_element("css selector", "summary").click()
        assert len(figure.find_elements("css selector", "tbody tr")) == 12
        assert figure.find_element("css selector", "table").is_displayed()


def test_without_a_script_everything_is_there_to_read(driver: Any, person: Person, address: str) -> None:
    sign_in(driver, address, person)
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        look(driver, f"{address}/", "phone")
        assert driver.find_element("css selector", ".side nav a").is_displayed()
        assert driver.find_element("css selector", "figure table").is_displayed()
        assert not driver.find_element("css selector", ".theme-switch").is_displayed()
    finally:
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_print_leaves_the_ways_around_out(driver: Any, person: Person, address: str) -> None:
    sign_in(driver, address, person)
    look(driver, f"{address}/", "dark")
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    shown = driver.execute_script(
        "return [document.querySelector('.side'), document.querySelector('.foot'), document.querySelector('h1')]"
        ".map((part) => part.getBoundingClientRect().height > 0)"
    )
    ink = driver.execute_script("return getComputedStyle(document.body).color")
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert shown == [False, False, True]
    # Dark on white, whatever the screen shows.
    assert ink == "rgb(27, 36, 48)"
