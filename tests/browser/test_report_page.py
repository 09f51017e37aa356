"""The report pages in a real Chromium: accessibility by axe-core, no console messages, no requests, no overflow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from passmuster.report.html import write_fleet, write_review
from passmuster.report.html.page import write_patches, write_plan
from tests.browser.chromium import axe, chromium
from tests.report import sample
from tests.report.patched import REPORT, evil_patches
from tests.report.test_html_report import evil_review
from tests.report.test_plan_page import MADE, PLANNED, evil_plan

__all__ = ["axe"]

pytestmark = pytest.mark.browser

DESKTOP, PHONE = (1280, 900), (360, 780)
VIEWS = {
    "light": (DESKTOP, "light"),
    "dark": (DESKTOP, "dark"),
    "phone": (PHONE, "light"),
    "dark phone": (PHONE, "dark"),
}
PAGES = ("review", "hostile", "fleet", "plan", "hostile plan", "patches", "hostile patches")
# What other colours can break; all else of a page is the same by any light.
OF_COLOURS = ["color-contrast", "link-in-text-block"]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A browser that tells of each request."""
    with chromium(tmp_path_factory.mktemp("profile"), "browser", "performance") as driver:
        yield driver


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    found = {name: folder / f"{name}.html" for name in PAGES}
    with found["review"].open("w", encoding="utf-8") as out:
        write_review(sample.review(), out)
    with found["hostile"].open("w", encoding="utf-8") as out:
        write_review(evil_review(), out)
    with found["fleet"].open("w", encoding="utf-8") as out:
        write_fleet(replace(sample.fleet(), patches=REPORT), out)
    for name, plan in (("plan", PLANNED), ("hostile plan", evil_plan())):
        with found[name].open("w", encoding="utf-8") as out:
            write_plan(*plan, out, provenance=MADE)
    for name, report in (("patches", REPORT), ("hostile patches", evil_patches())):
        with found[name].open("w", encoding="utf-8") as out:
            write_patches(report, out, provenance=MADE)
    return found


def visit(driver: Any, page: Path, view: str = "light") -> None:
    """Opens the page in a view, with every part of it unfolded. What was logged before is forgotten."""
    (width, height), scheme = VIEWS[view]
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
    )
    features = [
        {"name": "prefers-color-scheme", "value": scheme},
        {"name": "prefers-reduced-motion", "value": "reduce"},
    ]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    driver.get("about:blank")
    driver.get_log("browser")
    driver.get_log("performance")
    driver.get(page.as_uri())


def unfold(driver: Any) -> None:
    driver.execute_script("for (const part of document.querySelectorAll('details')) part.open = true;")


def violations(driver: Any, axe: str, rules: list[str] | None = None) -> list[str]:
    """What axe finds, by all its rules or by some."""
    # The page's own policy forbids foreign scripts; the driver's may run all the same, as an extension's would.
    if not driver.execute_script("return !!window.axe"):
        driver.execute_script(axe)
    run = "axe.run(document, {runOnly: arguments[0], resultTypes: ['violations']})"
    answer = ".then((found) => arguments[1](found.violations), (error) => arguments[1](String(error)))"
    found = driver.execute_async_script(run + answer, rules or WCAG)
    assert isinstance(found, list), found
    return [f"{rule['id']}: {node['html'][:160]}: {node['failureSummary']}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_wrong(driver: Any, axe: str, pages: dict[str, Path], name: str, view: str):
    visit(driver, pages[name], view)
    unfold(driver)
    assert violations(driver, axe, OF_COLOURS if "dark" in view else None) == []


@pytest.mark.parametrize("rules", [None, OF_COLOURS])
def test_axe_does_find_what_is_wrong(driver: Any, axe: str, tmp_path: Path, rules: list[str] | None):
    page = tmp_path / "bad.html"
    page.write_text("<!doctype html><title>x</title><p style='color:#ccc'>pale</p>", encoding="utf-8")
    visit(driver, page)
    assert any(found.startswith("color-contrast") for found in violations(driver, axe, rules))


@pytest.mark.parametrize("name", PAGES)
def test_the_page_asks_for_nothing_and_complains_of_nothing(driver: Any, pages: dict[str, Path], name: str):
    visit(driver, pages[name])
    unfold(driver)
    assert driver.get_log("browser") == []
    events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    asked = {e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"}
    assert {url for url in asked if not url.startswith("data:")} <= {pages[name].as_uri()}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [320, 360, 768, 1024, 1280])
def test_the_page_never_scrolls_sideways(driver: Any, pages: dict[str, Path], name: str, width: int):
    visit(driver, pages[name])
    metrics = {"width": width, "height": 780, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    unfold(driver)
    assert driver.execute_script("return document.documentElement.scrollWidth") <= width


def test_hostile_names_run_nothing(driver: Any, pages: dict[str, Path]):
    visit(driver, pages["hostile"])
    assert driver.execute_script("return document.scripts.length") == 1
    assert driver.execute_script("return document.querySelectorAll('img, iframe, [onload], [onerror]').length") == 0


def test_the_filter_narrows_the_findings_and_says_how_many_are_left(driver: Any, pages: dict[str, Path]):
    visit(driver, pages["review"])
    driver.find_element("id", "f-text").send_keys("DEPLOY-BOT")
    shown = [f for f in driver.find_elements("css selector", ".finding") if f.is_displayed()]
    assert [finding.find_element("css selector", "code").text for finding in shown] == ["PRV-08"]
    assert driver.find_element("id", "f-status").text == "1 of 14 shown"


def test_a_link_to_a_finding_unfolds_it(driver: Any, pages: dict[str, Path]):
    visit(driver, pages["review"])
    driver.find_element("css selector", ".first a").click()
    assert driver.find_element("css selector", "details.finding[open] h3").get_attribute("id") == "c-IAM-04"


def test_the_page_can_be_read_without_javascript(driver: Any, pages: dict[str, Path]):
    visit(driver, pages["review"])
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        driver.get(pages["review"].as_uri())
        assert not driver.find_element("id", "filter").is_displayed()
        driver.find_element("css selector", ".finding summary").click()
        assert driver.find_element("css selector", ".finding .resources").is_displayed()
    finally:
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_print_shows_what_is_folded_on_screen(driver: Any, pages: dict[str, Path]):
    visit(driver, pages["review"])
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    height = driver.execute_script(
        "return document.querySelector('.finding .resources').getBoundingClientRect().height"
    )
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert height > 0
