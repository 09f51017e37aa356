"""What a notice touches: the apps, steps and connections that use a connector, interface or module; pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from passmuster.model.decision import Touch

Row = Mapping[str, Any]
_JOINTS = re.compile(r"[^a-z0-9]+")
_KINDS = frozenset(
    {"connector", "node", "nodes", "module", "interface", "api", "action", "trigger", "package", "plugin"}
)
_ROLE_PREFIXES = ("shared_",)


def words_of(name: str) -> frozenset[str]:
    """The spellings under which a thing may be named: whole, its last part, and without words such as `connector`."""
    text = name.strip().lower()
    for prefix in _ROLE_PREFIXES:
        text = text.removeprefix(prefix)
    parts = {text, re.split(r"[./]", text)[-1]}
    found = {_squeeze(part) for part in parts} | {_squeeze(part, drop=_KINDS) for part in parts}
    return frozenset(word for word in found if len(word) > 1)


def _squeeze(text: str, drop: frozenset[str] = frozenset()) -> str:
    return "".join(word for word in _JOINTS.split(text) if word and word not in drop)


@dataclass(frozen=True)
class Uses:
    """Which things of a snapshot use what, looked up by spelling."""

    connectors: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Spelling to connector ids."""
    connections: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    """Connector id to its connections."""
    steps_by_word: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    """Spelling of a step's type to steps."""
    steps_by_link: Mapping[tuple[str, str], tuple[Row, ...]] = field(default_factory=dict)
    """(`connector` or `connection`, id) to steps."""
    add_ons: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    apps: Mapping[str, str] = field(default_factory=dict)
    """App id to name."""

    @staticmethod
    def of(rows: Mapping[str, Sequence[Row]]) -> Uses:
        """Index the rows of `apps`, `app_steps`, `connectors`, `connections` and `add_ons`."""
        connectors: dict[str, set[str]] = defaultdict(set)
        known = [(row["connector_id"], row.get("name")) for row in rows.get("connectors", ())]
        known += [(row["connector_id"], None) for row in rows.get("connections", ()) if row.get("connector_id")]
        for connector, name in known:
            for word in words_of(connector) | (words_of(name) if name else frozenset()):
                connectors[word].add(connector)
        steps, add_ons = rows.get("app_steps", ()), rows.get("add_ons", ())
        links = [
            ((kind, row[f"{kind}_id"]), row)
            for row in steps
            for kind in ("connector", "connection")
            if row.get(f"{kind}_id")
        ]
        return Uses(
            connectors={word: frozenset(ids) for word, ids in connectors.items()},
            connections=_grouped((row["connector_id"], row) for row in rows.get("connections", ())),
            steps_by_word=_grouped((word, row) for row in steps for word in words_of(row.get("step_type") or "")),
            steps_by_link=_grouped(links),
            add_ons=_grouped((word, row) for row in add_ons for word in words_of(row.get("name") or "")),
            apps={row["app_id"]: row.get("name") or "" for row in rows.get("apps", ())},
        )


def touched_by(names: Iterable[str], uses: Uses) -> tuple[Touch, ...]:
    """Connectors, connections, add-ons, steps and apps that use any of `names`, each once, in that order."""
    words = frozenset(word for name in names for word in words_of(name))
    connectors = sorted({connector for word in words for connector in uses.connectors.get(word, ())})
    links = {row["connection_id"]: row for connector in connectors for row in uses.connections.get(connector, ())}
    steps = [row for word in words for row in uses.steps_by_word.get(word, ())]
    steps += [row for connector in connectors for row in uses.steps_by_link.get(("connector", connector), ())]
    steps += [row for link in links for row in uses.steps_by_link.get(("connection", link), ())]
    add_ons = {row["add_on_id"]: row for word in words for row in uses.add_ons.get(word, ())}
    apps = {row["app_id"] for row in steps} | {row["app_id"] for row in links.values() if row.get("app_id")}
    named = {(row["app_id"], row["step_id"]): row for row in steps}
    return (
        *(Touch("connector", connector) for connector in connectors),
        *(Touch("connection", link, "", links[link].get("app_id") or "") for link in sorted(links)),
        *(Touch("add_on", each, add_ons[each].get("name") or "") for each in sorted(add_ons)),
        *(Touch("step", step, named[app, step].get("name") or "", app) for app, step in sorted(named)),
        *(Touch("app", app, uses.apps.get(app, "")) for app in sorted(apps)),
    )


def _grouped(pairs: Iterable[tuple[Any, Row]]) -> dict[Any, tuple[Row, ...]]:
    found: dict[Any, list[Row]] = defaultdict(list)
    for key, row in pairs:
        found[key].append(row)
    return {key: tuple(rows) for key, rows in found.items()}
