"""YAML from outside: safe types only, no aliases, no doubled keys, bounded."""

from __future__ import annotations

import datetime
import math
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from passmuster.documents.limits import MAX_DEPTH, depth_of, read_text
from passmuster.errors import UnreadableInput

MAX_YAML_BYTES = 16 * 1024 * 1024


class _Loader(yaml.SafeLoader):
    """A safe loader that refuses aliases (they explode) and keys given twice (one would be lost)."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.constructor.ConstructorError(None, None, "aliases are not accepted", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable) or key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is given twice or cannot be a key", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)

    def construct_yaml_float(self, node: yaml.ScalarNode) -> float:
        number = super().construct_yaml_float(node)
        # What is no number passes every comparison with a limit.
        if not math.isfinite(number):
            raise yaml.constructor.ConstructorError(
                None, None, f"{node.value} is not a number that can be used", node.start_mark
            )
        return number


_Loader.add_constructor("tag:yaml.org,2002:float", _Loader.construct_yaml_float)


def read_yaml(path: Path) -> Any:
    """The value of a YAML file; raises UnreadableInput that names file, line and mend."""
    return parse_yaml(read_text(path, max_bytes=MAX_YAML_BYTES), str(path))


def parse_yaml(text: str, where: str) -> Any:
    """The value of a YAML text; times without a zone are refused nowhere here, the reader of the field decides."""
    try:
        value = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader, made stricter
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "unknown place"
        raise UnreadableInput(f"{where}: is not YAML we accept: {place}: {error.problem}; mend it there") from None
    except (yaml.YAMLError, ValueError) as error:
        raise UnreadableInput(f"{where}: is not YAML we accept: {error}") from None
    except RecursionError:
        raise UnreadableInput(f"{where}: nests deeper than {MAX_DEPTH} levels") from None
    if depth_of(value) > MAX_DEPTH:
        raise UnreadableInput(f"{where}: nests deeper than {MAX_DEPTH} levels")
    return value


def plain(value: Any) -> Any:
    """A parsed YAML value with times and dates as RFC 3339 text, as JSON Schema expects."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, datetime.datetime | datetime.date):
        return value.isoformat()
    return value
