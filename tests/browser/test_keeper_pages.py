"""The keeper's pages in a real Chromium: no dead links, colours, keys, pictures, paper, and a keeper that is new.

How each page looks is the other module's: `test_every_page.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import Resolver404, resolve
from selenium.webdriver.common.keys import Keys

from passmuster.records.models import Finding, FindingStep, Person, Review
from tests.browser.addresses import page_addresses, what_answers
from tests.browser.chromium import IS_DRAWN, axe, driver, hold_cookies, wait_until
from tests.browser.looking import Eyes, picture_folder, show
from tests.browser.organisation import make_organisation
from tests.browser.serving import served
from tests.keeping import make_person, make_platform
from tests.web.test_lists import make_findings

__all__ = ["axe", "driver"]

pytestmark = pytest.mark.browser


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
    with served() as found:
        yield found


def pages_of(client: Client) -> tuple[dict[str, str], list[str]]:
    """One address a kind of page, by its pattern, found by following links from the first page; and dead links."""
    found: dict[str, str] = {}
    dead: list[str] = []
    waiting = [("/", "the start")]
    while waiting:
        path, source = waiting.pop(0)
        try:
            route = resolve(urlsplit(path).path).route
        except Resolver404:
            dead.append(f"{source} leads to {path}, where nothing is")
            continue
        if route in found:
            continue
        response = client.get(path)
        if response.status_code != 200:
            if response.status_code != 302:
                dead.append(f"{source} leads to {path}, which answers {response.status_code}")
            continue
        if not response.headers["content-type"].startswith("text/html"):
            continue
        found[route] = path
        links = Links()
        links.feed(response.content.decode())
        joined = (urlsplit(urljoin(f"http://here{path}", link)) for link in links.found)
        there = (part.path + (f"?{part.query}" if part.query else "") for part in joined if part.netloc == "here")
        waiting += [(each, path) for each in there]
    return found, dead


def sign_in(driver: Any, address: str, person: Person) -> Client:
    client = Client()
    client.force_login(person)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    hold_cookies(driver, address, {cookie.key: cookie.value})
    return client


def look(driver: Any, url: str, view: str) -> None:
    show(driver, view)
    driver.get_log("browser")
    driver.get(url)


def test_no_link_leads_nowhere(person: Person) -> None:
    client = Client()
    client.force_login(person)
    pages, dead = pages_of(client)
    assert dead == []
    assert {"", "keyboard/", "deviations/", "messages/", "work/", "account/logout/"} <= set(pages)


def test_a_new_keeper_teaches_what_comes_first(driver: Any, axe: str, address: str) -> None:
    client = sign_in(driver, address, make_person("ada", "administrator", "platform_owner", "sponsor"))
    eyes = Eyes(driver, axe, picture_folder())
    for name, path in page_addresses(are_empty=True):
        if what_answers(client, path) == "page":
            eyes.at(address + path, f"new-{name}", is_whole=False)
    assert {"new-overview", "new-findings", "new-patches", "new-evidence", "new-record"} <= set(eyes.seen)
    assert not eyes.wrong, "\n".join(eyes.wrong)


def press(driver: Any, keys: str) -> None:
    driver.find_element("css selector", "body").send_keys(keys)


def arrive(driver: Any, path: str) -> None:
    """Wait until that page is there: what a key or a click leads to may come after the driver has answered."""

    def is_there() -> bool:
        return urlsplit(driver.current_url).path == path and bool(driver.execute_script(IS_DRAWN))

    wait_until(is_there, f"{path} did not come")


def told(driver: Any) -> str:
    """What the page at hand tells, whichever it is this moment."""
    return str(driver.execute_script("return (document.getElementById('messages') || {}).textContent || ''"))


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
    """The colours the page has, once its script has chosen them."""
    chosen = "return document.documentElement.dataset.bsTheme"
    wait_until(lambda: driver.execute_script(chosen), "no colours were chosen")
    return str(driver.execute_script(chosen))


def test_lists_are_walked_by_keys_until_they_are_switched_off(driver: Any, person: Person, address: str) -> None:
    sign_in(driver, address, person)
    look(driver, f"{address}/", "light")
    press(driver, "jjk")
    rows = driver.find_elements("css selector", "[data-list] > li")
    assert [row for row in rows if "is-at" in row.get_attribute("class")] == [rows[0]]
    driver.find_element("css selector", "a[data-keyboard]").click()
    arrive(driver, "/keyboard/")
    driver.find_element("id", "shortcuts-on").click()
    press(driver, "go")
    assert driver.current_url.endswith("/keyboard/")
    driver.find_element("id", "shortcuts-on").click()
    press(driver, "go")
    arrive(driver, "/")


def test_the_keys_are_told_beside_a_list_and_shown_over_it_so_that_choices_stay(driver: Any, address: str) -> None:
    make_findings(make_platform(), 5, status="open")
    sign_in(driver, address, make_person("ada", "platform_owner"))
    look(driver, f"{address}/findings/", "light")
    assert driver.find_element("css selector", ".keys-hint").is_displayed()
    press(driver, "jx?")
    wait_until(lambda: driver.find_elements("css selector", "dialog[open]"), "the keys were not shown")
    sheet = driver.find_element("css selector", "dialog[open]")
    assert "choose the row" in sheet.text
    sheet.send_keys("j", Keys.ESCAPE)
    wait_until(lambda: not driver.find_elements("css selector", "dialog"), "the keys stayed")
    assert driver.find_element("css selector", "[data-chosen]").text == "1 chosen"
    rows = driver.find_elements("css selector", "[data-list] > tbody > tr")
    assert "is-at" in rows[0].get_attribute("class")


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


_OF_LINES = """
const rows = document.querySelectorAll('.checklist tbody tr'), parts = ['.name', '.state', '.more', '.kind', '.who'];
return Array.from(rows, (row) => parts.filter((part) => row.querySelector(part).checkVisibility()).join(' '));
"""


def test_on_a_phone_a_line_of_a_checklist_is_short_until_it_is_opened(
    driver: Any, person: Person, address: str
) -> None:
    sign_in(driver, address, person)
    review = Review.objects.filter(items__isnull=False).distinct()[0]
    lines = review.items.count()
    assert lines > 1
    look(driver, f"{address}/reviews/{review.pk}/", "phone")
    assert driver.execute_script(_OF_LINES) == [".name .state .more"] * lines
    assert not driver.find_element("css selector", "#f-status").is_displayed()
    # By keys as by touch: what opens a line is a part of the page that keys reach.
    first = driver.find_element("css selector", ".checklist summary")
    first.send_keys(Keys.ENTER)
    opened = ".name .state .more .kind .who"
    assert driver.execute_script(_OF_LINES) == [opened, *[".name .state .more"] * (lines - 1)]
    driver.find_element("xpath", "//summary[text()='Filter the checklist']").click()
    assert driver.find_element("css selector", "#f-status").is_displayed()
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    on_paper = driver.execute_script(_OF_LINES)
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    look(driver, f"{address}/reviews/{review.pk}/", "light")
    assert on_paper == driver.execute_script(_OF_LINES) == [".name .state .kind .who"] * lines


def test_five_hundred_findings_are_decided_on_by_keys_alone(driver: Any, address: str) -> None:
    person = make_person("ada", "platform_owner")
    make_findings(make_platform(), 500, status="open")
    make_findings(make_platform("Elsewhere"), 20, status="open", seed=2)
    sign_in(driver, address, person)
    narrowed = f"{address}/findings/?platform={Finding.objects.order_by('pk')[0].platform_id}"
    look(driver, narrowed, "light")
    bar = driver.find_element("css selector", ".bulk")
    assert not bar.is_displayed()
    press(driver, "jjx")
    assert bar.find_element("css selector", "[data-chosen]").text == "1 chosen"
    press(driver, "a")
    assert bar.find_element("css selector", "[data-chosen]").text == "50 chosen"
    press(driver, "A")
    assert bar.find_element("css selector", "[data-chosen]").text == "500 chosen"
    press(driver, "d")
    driver.switch_to.active_element.send_keys("known, and mended with the move in autumn", Keys.ENTER)
    wait_until(lambda: "500 findings changed" in told(driver), "nothing was told of 500 findings")
    assert driver.current_url == narrowed
    assert Finding.objects.filter(status="in_progress").count() == 500
    assert FindingStep.objects.filter(why="known, and mended with the move in autumn").count() == 500


def test_whoever_takes_one_row_back_does_not_decide_on_the_other_pages(driver: Any, address: str) -> None:
    person = make_person("ada", "platform_owner")
    make_findings(make_platform(), 60, status="open")
    sign_in(driver, address, person)
    look(driver, f"{address}/findings/", "light")
    press(driver, "Ajx")
    assert driver.find_element("css selector", "[data-chosen]").text == "49 chosen"
    assert not driver.find_element("css selector", "[data-pick-filter]").is_selected()


# What has the focus and the bar that lies over the page, as they are in the window.
_UNDER_THE_BAR = """
const held = document.activeElement.getBoundingClientRect();
const bar = document.querySelector('.bulk').getBoundingClientRect();
const isOfTheList = document.activeElement.matches('main form :not(.bulk *)');
return isOfTheList && held.bottom > bar.top + 0.5 && held.top < bar.bottom;
"""


@pytest.mark.parametrize("view", ["light", "phone"])
def test_the_bar_for_many_at_once_never_covers_what_has_the_focus(driver: Any, address: str, view: str) -> None:
    make_findings(make_platform(), 40, status="open")
    sign_in(driver, address, make_person("ada", "platform_owner"))
    look(driver, f"{address}/findings/", view)
    bar = driver.find_element("css selector", ".bulk")
    covered = 0
    press(driver, "jx")
    assert bar.is_displayed()
    for key in [*"jjjjxjjjjjjxjjjjjj", *([Keys.TAB] * 12), *"kkk"]:
        driver.switch_to.active_element.send_keys(key)
        covered += driver.execute_script(_UNDER_THE_BAR)
    assert covered == 0
    height = driver.execute_script("return document.querySelector('.bulk').offsetHeight / window.innerHeight")
    # It leaves most of the window to the list.
    assert height < 0.5
    press(driver, "a")
    press(driver, "a")
    assert not bar.is_displayed()
    assert driver.execute_script("return document.documentElement.style.scrollPaddingBottom") == ""
