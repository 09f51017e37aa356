"""What the connectors say of themselves."""

from __future__ import annotations

import sys
from importlib.resources import files

from passmuster.collect.interface import Connector
from passmuster.collect.registry import all_connectors, find_connector


def list_connectors() -> list[Connector]:
    """Every connector, by kind."""
    return [connector for _, connector in sorted(all_connectors().items())]


def connector_page(kind: str) -> str:
    """The page of one connector (Markdown); raises UsageError where there is no such connector."""
    connector = find_connector(kind)
    package = sys.modules[type(connector).__module__].__package__ or ""
    page = files(package).joinpath("README.md")
    return page.read_text(encoding="utf-8") if page.is_file() else f"{connector.title}: has no page\n"
