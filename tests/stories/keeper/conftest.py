"""A keeper that is served, a clock, people, and a face; each story runs once by the pages and once by the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from tests.browser.chromium import driver
from tests.browser.serving import served
from tests.keeping import NOW, durable_db, keeper_process
from tests.stories.keeper.browser import Browser
from tests.stories.keeper.clock import Clock
from tests.stories.keeper.faces import ApiFace, Face, PagesFace
from tests.stories.keeper.house import House
from tests.stories.keeper.program import Program

__all__ = ["driver", "durable_db", "keeper_process"]


@pytest.fixture
def clock() -> Iterator[Clock]:
    with Clock(NOW).running() as clock:
        yield clock


@pytest.fixture
def house(durable_db: Path, clock: Clock, tmp_path: Path) -> House:
    cache.clear()
    outside = tmp_path / "outside"
    outside.mkdir()
    return House(clock, durable_db, outside)


@pytest.fixture
def address(house: House) -> Iterator[str]:
    with served() as address:
        yield address


@pytest.fixture
def browser(address: str, clock: Clock, tmp_path: Path, request: pytest.FixtureRequest) -> Browser:
    """A Chromium; asked for here and not by name, so that stories by the API need none."""
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    return Browser(request.getfixturevalue("driver"), address, clock, downloads)


@pytest.fixture
def program(address: str, clock: Clock) -> Iterator[Program]:
    program = Program(address, clock)
    yield program
    program.close()


BOTH = [pytest.param("pages", marks=pytest.mark.browser), "api"]
_FACES: dict[str, tuple[str, Callable[[Any], Face]]] = {"pages": ("browser", PagesFace), "api": ("program", ApiFace)}


@pytest.fixture(params=BOTH)
def face(request: pytest.FixtureRequest) -> Face:
    means, made = _FACES[request.param]
    return made(request.getfixturevalue(means))
