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
    driver.get_log("browser")
    driver.get(url)


def keep_picture(driver: Any, name: str) -> None:
    folder = os.environ.get("PASSMUSTER_SCREENSHOTS")
    if folder:
        shot = driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))


def complaints(driver: Any, axe: str, width: int) -> list[str]:
    found = [f"console: {entry['message']}" for entry in driver.get_log("browser")]
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
            keep_picture(driver, f"{re.sub(r'[^a-z0-9]+', '-', route.lower()).strip('-') or 'overview'}-{view}")
            if found := complaints(driver, axe, width):
                wrong[f"{path} {view}"] = found
    assert wrong == {}


@pytest.mark.parametrize("path", ["/nothing-here"])
def test_pages_without_a_person_are_fit_too(driver: Any, axe: str, person: Person, address: str, path: str) -> None:
    driver.get(f"{address}/health")
    driver.delete_all_cookies()
    for view, ((width, _height), _scheme) in SEEN.items():
        look(driver, address + path, view)
        keep_picture(driver, f"{path.strip('/').replace('/', '-')}-{view}")
        found = [each for each in complaints(driver, axe, width) if "404" not in each]
        assert found == []
