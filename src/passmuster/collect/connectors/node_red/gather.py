"""From answers to tables, each with the truth about how it was obtained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from passmuster.collect.answers import Answer
from passmuster.collect.connectors.node_red import exposure, instance, links, palette, steps
from passmuster.collect.connectors.node_red.addresses import addresses_of
from passmuster.collect.connectors.node_red.flows import Flows, parse_flows
from passmuster.collect.connectors.node_red.instance import ENVIRONMENT_ID, Instance
from passmuster.collect.connectors.node_red.reading import Readings
from passmuster.collect.statuses import Verdict, judge, worst
from passmuster.collect.unlocks import by_declaring
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gap, Gathered

_PERMISSION = "a user or token with the permission {0} (`read` holds it)"
_IN_SETTINGS_JS = "users, their permissions and static tokens live in settings.js; no interface tells them"
_UNSUPPORTED = {
    **dict.fromkeys(("principals", "roles", "role_permissions", "grants"), _IN_SETTINGS_JS),
    "credentials": f"{_IN_SETTINGS_JS}; stored credentials of nodes cannot be listed",
    "log_sources": "what is logged, and where to, stands in settings.js; no interface tells it",
    "backups": "Node-RED makes no backups and knows of none",
    "data_stores": "Node-RED keeps data in other systems; no interface describes them",
}
_TO_DECLARE: Mapping[str, tuple[str, ...]] = {
    "principals": ("principal_id", "kind", "login", "is_enabled", "auth_source", "mfa", "last_sign_in_at"),
    "roles": ("role_id", "name", "is_privileged"),
    "role_permissions": ("role_id", "permission", "capability", "effect"),
    "grants": ("grant_id", "subject_kind", "subject_id", "role_id", "object_kind"),
    "credentials": ("credential_id", "kind", "owner_principal_id", "created_at", "has_expiry", "expires_at"),
    "log_sources": ("log_source_id", "kind", "is_enabled", "event_classes", "retention_days", "delivered_to"),
    "backups": ("backup_id", "kind", "taken_at", "encrypted", "separate_admin", "restore_tested_at"),
    "data_stores": ("data_store_id", "name", "kind", "classification", "contains_personal_data"),
}
_NO_AUDIT_LOG = (
    "Node-RED keeps no log of changes: at most it writes calls of its editor to the console (logging.console.audit in "
    "settings.js), and no interface lists them"
)
_NO_SUCH_THING = {
    "groups": "Node-RED has no groups",
    "memberships": "Node-RED has no groups",
    "role_inclusions": "roles of Node-RED contain no other roles",
    "data_policies": "Node-RED has no data policies",
    "data_policy_rules": "Node-RED has no data policies",
    "verdicts": "no verdicts of other tools are read from Node-RED",
}


_EDITOR_OFF = Verdict(
    CollectionStatus.PARTIAL,
    "GET /settings: tells less where the editor is switched off",
    "disableEditor: false in settings.js",
)
_NOT_TRIED = Verdict(
    CollectionStatus.PARTIAL,
    "what a visitor without sign-in may read could not be told: GET /auth/login, GET /settings",
)


@dataclass(frozen=True)
class _Verdicts:
    """What became of each question."""

    settings: Verdict
    flows: Verdict
    nodes: Verdict
    diagnostics: Verdict


def tables_of(readings: Readings, known: Instance, name: str) -> dict[str, Gathered]:
    """Every table that Node-RED's admin API, or its absence of one, has something to say about."""
    flows = None if readings.refused else parse_flows(readings.flows.body) if readings.flows.is_ok else None
    sets = None if readings.refused else palette.node_sets(readings.nodes)
    verdicts = _judge_all(readings, flows, sets)
    tables = _instance_tables(readings, known, verdicts, name)
    tables |= _flow_tables(flows, known, verdicts)
    tables |= _palette_tables(sets, flows, verdicts)
    tables |= {
        table: Gathered(CollectionStatus.UNSUPPORTED, (), reason, by_declaring(table, *_TO_DECLARE[table]))
        for table, reason in _UNSUPPORTED.items()
    }
    tables["audit_events"] = Gathered(CollectionStatus.UNSUPPORTED, (), _NO_AUDIT_LOG)
    for table, reason in _NO_SUCH_THING.items():
        # Only of something that answers as Node-RED can this be said.
        tables[table] = (
            Gathered(CollectionStatus.EMPTY, (), reason) if verdicts.settings.is_ok else _unread(verdicts.settings)
        )
    return tables


def _judge_all(readings: Readings, flows: Flows | None, sets: Sequence[Any] | None) -> _Verdicts:
    if readings.refused:
        return _Verdicts(*([readings.refused] * 4))
    settings = _judge(readings.settings, "settings", is_known=_has(readings.settings, "version"))
    return _Verdicts(
        settings,
        _flows_verdict(_judge(readings.flows, "flows", is_known=flows is not None), flows),
        _judge(readings.nodes, "nodes", is_known=sets is not None),
        _judge(readings.diagnostics, "diagnostics", is_known=_has(readings.diagnostics, "runtime")),
    )


def _judge(answer: Answer, what: str, *, is_known: bool) -> Verdict:
    verdict = judge(
        answer,
        what=f"GET /{what}",
        unlock=_PERMISSION.format(f"{what}.read"),
        platform_says=_switched_off,
    )
    if verdict.is_ok and not is_known:
        return Verdict(CollectionStatus.ERROR, f"GET /{what}: the answer is not one of Node-RED; check the address")
    if verdict.status is CollectionStatus.UNSUPPORTED and what in ("settings", "flows"):
        return Verdict(
            CollectionStatus.ERROR, f"{verdict.reason.split(':')[0]}: no admin API of Node-RED at this address"
        )
    return verdict


def _switched_off(answer: Answer) -> Verdict | None:
    code = answer.body.get("code") if isinstance(answer.body, Mapping) else None
    if code != "diagnostics.disabled":
        return None
    unlock = "diagnostics: { enabled: true } in settings.js"
    return Verdict(CollectionStatus.DENIED, "GET /diagnostics: switched off in settings.js", unlock)


def _flows_verdict(verdict: Verdict, flows: Flows | None) -> Verdict:
    if flows is not None and flows.unreadable:
        return Verdict(CollectionStatus.PARTIAL, f"GET /flows: {flows.unreadable} entries are no nodes")
    return verdict


def _instance_tables(readings: Readings, known: Instance, verdicts: _Verdicts, name: str) -> dict[str, Gathered]:
    told = Verdict(_softened(verdicts.settings), verdicts.settings.reason, verdicts.settings.unlock)
    settings = instance.setting_rows(readings, known) if verdicts.settings.is_ok else ()
    keys = instance.key_rows(readings.settings) if verdicts.settings.is_ok else ()
    about_keys = verdicts.settings if keys or not verdicts.settings.is_ok else _EDITOR_OFF
    environments = instance.environment_rows(known, name)
    return {
        "platforms": _table(told, instance.platform_rows(known, name), "GET /settings", instance.PLATFORM_GAPS),
        "environments": _table(told, environments, "GET /settings", instance.ENVIRONMENT_GAPS),
        "settings": _table(_about_settings(readings, known, verdicts), settings, "GET /settings, GET /diagnostics"),
        "keys": _table(about_keys, keys, "GET /settings", instance.KEY_GAPS),
    }


def _about_settings(readings: Readings, known: Instance, verdicts: _Verdicts) -> Verdict:
    """Settings are whole only with the answers of all who tell some of them."""
    if not verdicts.settings.is_ok:
        return verdicts.settings
    hardening = verdicts.diagnostics
    parts = [Verdict(_softened(hardening), hardening.reason, hardening.unlock)]
    if not _has(readings.settings, "flowEncryptionType"):
        parts.append(_EDITOR_OFF)
    if known.has_sign_in is None or known.anonymous_access is None:
        parts.append(_NOT_TRIED)
    return worst(*parts)


def _softened(verdict: Verdict) -> CollectionStatus:
    """The status of a table of which something is known without the answer."""
    is_refused = verdict.status in (CollectionStatus.DENIED, CollectionStatus.UNSUPPORTED)
    return CollectionStatus.PARTIAL if is_refused else verdict.status


def _flow_tables(flows: Flows | None, known: Instance, verdicts: _Verdicts) -> dict[str, Gathered]:
    names = ("apps", "app_steps", "connections", "data_flows", "endpoints")
    if flows is None:
        return {name: _unread(verdicts.flows) for name in names}
    verdict, source = verdicts.flows, "GET /flows"
    addresses = addresses_of(flows)
    used = links.connections_of_steps(flows, addresses)
    edges = links.flow_rows(flows, addresses, exposure.endpoint_of_step(flows))
    exposed = exposure.endpoint_rows(flows, known)
    return {
        "apps": _table(verdict, steps.app_rows(flows, ENVIRONMENT_ID), source, steps.APP_GAPS),
        "app_steps": _table(verdict, steps.step_rows(flows, used, known.node_auth), source, steps.STEP_GAPS),
        "connections": _table(
            verdict, links.connection_rows(flows, addresses, ENVIRONMENT_ID), source, links.CONNECTION_GAPS
        ),
        "data_flows": _table(verdict, edges, source, links.FLOW_GAPS),
        "endpoints": _table(
            verdict, exposed, f"{source}, GET /diagnostics", _told_gaps(known) + exposure.ENDPOINT_GAPS
        ),
    }


def _told_gaps(known: Instance) -> tuple[Gap, ...]:
    gaps = []
    if known.node_auth is None:
        gaps.append(Gap("auth_mode", "GET /diagnostics was not readable", _PERMISSION.format("diagnostics.read")))
    if known.node_root is None:
        gaps.append(Gap("url", "GET /settings was not readable", _PERMISSION.format("settings.read")))
    return tuple(gaps)


def _palette_tables(
    sets: Sequence[Mapping[str, Any]] | None, flows: Flows | None, verdicts: _Verdicts
) -> dict[str, Gathered]:
    connectors = _unread(verdicts.flows)
    if flows is not None:
        modules = palette.module_of_type(sets or ())
        found = links.connector_rows(flows, addresses_of(flows), modules)
        connectors = _table(_short_of(verdicts.flows, verdicts.nodes), found, "GET /flows, GET /nodes")
    if sets is None:
        return {"connectors": connectors, "add_ons": _unread(verdicts.nodes)}
    gaps: tuple[Gap, ...] = palette.ADD_ON_GAPS
    if flows is None:
        gaps = (*gaps, Gap("in_use", verdicts.flows.reason, verdicts.flows.unlock))
    add_ons = _table(
        _short_of(verdicts.nodes, verdicts.flows), palette.add_on_rows(list(sets), flows), "GET /nodes", gaps
    )
    return {"connectors": connectors, "add_ons": add_ons}


def _short_of(main: Verdict, other: Verdict) -> Verdict:
    """The verdict of a table that needs `main` and is only partly filled without `other`."""
    return worst(main, Verdict(_softened(other), other.reason, other.unlock)) if main.is_ok else main


def _table(verdict: Verdict, rows: Sequence[Mapping[str, Any]], source: str, gaps: tuple[Gap, ...] = ()) -> Gathered:
    if verdict.is_ok:
        gathered = Gathered.of(rows, source=source)
        return Gathered(gathered.status, rows, gathered.reason, "", source, _open_gaps(gaps, rows))
    return Gathered(verdict.status, rows, verdict.reason, verdict.unlock, source, _open_gaps(gaps, rows))


def _open_gaps(gaps: tuple[Gap, ...], rows: Sequence[Mapping[str, Any]]) -> tuple[Gap, ...]:
    """The gaps that show: of a column only the first, and only where a row lacks it."""
    first = {gap.column: gap for gap in reversed(gaps)}
    return tuple(gap for gap in first.values() if any(row.get(gap.column) is None for row in rows))


def _unread(verdict: Verdict) -> Gathered:
    return Gathered(verdict.status, (), verdict.reason, verdict.unlock)


def _has(answer: Answer, key: str) -> bool:
    return isinstance(answer.body, Mapping) and key in answer.body
