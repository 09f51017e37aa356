"""The instance as a whole: platform, environment, hardening settings, the key of stored credentials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from passmuster.collect.answers import Answer
from passmuster.collect.base_url import BaseUrl
from passmuster.collect.connectors.node_red.reading import Readings, is_anonymous
from passmuster.collect.unlocks import by_declaring
from passmuster.documents.secrets import mask_secrets, strip_url
from passmuster.snapshot.gathered import Gap

ENVIRONMENT_ID = "instance"
PLATFORM_GAPS = (
    Gap("criticality", "Node-RED does not know how much depends on it", by_declaring("platforms", "criticality")),
    Gap("region", "Node-RED does not tell where it runs", by_declaring("platforms", "region")),
)
ENVIRONMENT_GAPS = (
    Gap("kind", "Node-RED does not tell production from test", by_declaring("environments", "kind")),
    Gap(
        "owner_principal_id",
        "Node-RED keeps no owner of an instance",
        by_declaring("environments", "owner_principal_id"),
    ),
    Gap("region", "Node-RED does not tell where it runs", by_declaring("environments", "region")),
)
KEY_GAPS = (
    Gap("created_at", "the interface does not tell when the key was set", by_declaring("keys", "created_at")),
    Gap("rotated_at", "the interface does not tell when the key was changed", by_declaring("keys", "rotated_at")),
)
_MISSING = object()
# Path in the answer of GET /settings, kind of value, and what Node-RED does where settings.js says nothing.
_FROM_SETTINGS: tuple[tuple[str, str, bool | None], ...] = (
    ("flowEncryptionType", "enum", None),
    ("externalModules.autoInstall", "bool", False),
    ("externalModules.palette.allowInstall", "bool", True),
    ("externalModules.palette.allowUpload", "bool", True),
    ("externalModules.modules.allowInstall", "bool", True),
    ("functionExternalModules", "bool", None),
    ("functionTimeout", "int", None),
    ("tlsConfigDisableLocalFiles", "bool", None),
    ("diagnostics.enabled", "bool", None),
    ("diagnostics.ui", "bool", None),
    ("runtimeState.enabled", "bool", None),
    ("telemetryEnabled", "bool", None),
    ("editorTheme.projects.enabled", "bool", None),
    ("httpNodeRoot", "text", None),
)
# Of these GET /diagnostics tells only whether they are set.
_SET_OR_NOT = ("adminAuth", "httpNodeAuth", "httpAdminCors", "httpNodeCors", "httpStatic", "httpStaticCors", "nodesDir")
_ENCRYPTED = ("system", "user", "project")
_VALUE_COLUMN = {"bool": "value_bool", "int": "value_int", "text": "value_text", "enum": "value_text"}


@dataclass(frozen=True)
class Instance:
    """What rows of several tables need to know of the instance; None where it could not be told."""

    platform_id: str
    base_url: str = ""
    origin: str = ""
    version: str | None = None
    node_root: str | None = None
    has_sign_in: bool | None = None
    anonymous_access: bool | None = None
    node_auth: bool | None = None
    has_node_cors: bool | None = None
    is_tls: bool | None = None


def read_instance(readings: Readings, platform_id: str, base: BaseUrl | None) -> Instance:
    """The instance as the answers tell it."""
    settings = {} if readings.refused else _mapping(readings.settings)
    hardening = _hardening(readings)
    has_sign_in = _has_sign_in(readings, hardening)
    version, root = settings.get("version"), settings.get("httpNodeRoot")
    return Instance(
        platform_id,
        base_url=base.text if base else "",
        origin=f"{base.scheme}://{base.authority}" if base else "",
        version=version if isinstance(version, str) else None,
        node_root=root if isinstance(root, str) else None,
        has_sign_in=has_sign_in,
        anonymous_access=_anonymous_access(readings, has_sign_in),
        node_auth=_is_set(hardening.get("httpNodeAuth")),
        has_node_cors=_is_set(hardening.get("httpNodeCors")),
        is_tls=base.scheme == "https" if base else None,
    )


def platform_rows(instance: Instance, name: str) -> list[dict[str, Any]]:
    """The platform itself. Who hosts it is not told; Node-RED is software that one runs oneself."""
    return [
        {
            "vendor": "OpenJS Foundation",
            "product": "node_red",
            "name": name,
            "base_url": strip_url(instance.base_url) or None,
            "hosting": "self",
            "version": instance.version,
            "version_scheme": "semver",
        }
    ]


def environment_rows(instance: Instance, name: str) -> list[dict[str, Any]]:
    """The one environment an instance is."""
    return [{"environment_id": ENVIRONMENT_ID, "name": name, "is_default": True, "version": instance.version}]


def key_rows(settings: Answer) -> list[dict[str, Any]]:
    """The key that encrypts stored credentials: unset, made by Node-RED itself, or set by its owner."""
    kind = _mapping(settings).get("flowEncryptionType")
    if not isinstance(kind, str):
        return []
    is_unset = kind == "disabled"
    return [
        {
            "key_id": "flow-credentials",
            "kind": "instance_secret",
            "purpose": "credential_store",
            "algorithm": "aes-256-ctr" if kind in _ENCRYPTED else None,
            "size_bits": 256 if kind in _ENCRYPTED else None,
            "custody": "customer",
            # `system` is a random key of this instance, kept beside the flows: no default that others know.
            "is_default_value": is_unset if is_unset or kind in _ENCRYPTED else None,
        }
    ]


def setting_rows(readings: Readings, instance: Instance) -> list[dict[str, Any]]:
    """One row a setting that the answers tell, by its path in settings.js."""
    settings, hardening = _mapping(readings.settings), _hardening(readings)
    is_full = "flowEncryptionType" in settings
    rows = [_told(path, kind, default, settings) for path, kind, default in _FROM_SETTINGS if is_full]
    rows += [_set_row(name, _is_set(hardening.get(name))) for name in _SET_OR_NOT if name != "adminAuth"]
    rows.append(_set_row("adminAuth", instance.has_sign_in))
    if hardening:
        rows.append(_row("disableEditor", "bool", hardening.get("disableEditor") is True))
    runtime = _mapping(readings.diagnostics).get("nodejs")
    if isinstance(runtime, Mapping) and isinstance(runtime.get("version"), str):
        rows.append(_row("runtime.nodejs.version", "text", runtime["version"].removeprefix("v"), prefix=""))
    if instance.anonymous_access is not None:
        rows.append(_row("anonymous_access", "bool", instance.anonymous_access, native="adminAuth.default"))
    if instance.is_tls is not None:
        rows.append(_row("https", "bool", instance.is_tls))
    return [{"scope_kind": "platform", "scope_id": instance.platform_id, **row} for row in rows if row]


def _told(path: str, kind: str, default: bool | None, settings: Mapping[str, Any]) -> dict[str, Any]:
    value: Any = settings
    for part in path.split("."):
        value = value.get(part, _MISSING) if isinstance(value, Mapping) else _MISSING
    if value is _MISSING:
        return {} if default is None else {**_row(path, kind, default), "is_set": False, "is_default": True}
    fits = {"bool": isinstance(value, bool), "int": isinstance(value, int) and not isinstance(value, bool)}
    if not fits.get(kind, isinstance(value, str)):
        return {}
    return _row(path, kind, mask_secrets(value) if isinstance(value, str) else value)


def _set_row(name: str, is_set: bool | None) -> dict[str, Any]:
    return {} if is_set is None else {**_row(name, "bool", is_set), "is_set": is_set}


def _row(path: str, kind: str, value: Any, *, prefix: str = "settings.", native: str = "") -> dict[str, Any]:
    native_path = f"settings.js {native or path}" if prefix else path
    row = {"key": f"{prefix}{path}", "value_kind": kind, _VALUE_COLUMN[kind]: value, "native_path": native_path}
    return {**row, "unit": "s"} if path == "functionTimeout" else row


def _has_sign_in(readings: Readings, hardening: Mapping[str, Any]) -> bool | None:
    if readings.login.is_ok and isinstance(readings.login.body, Mapping):
        return bool(readings.login.body.get("type"))
    return _is_set(hardening.get("adminAuth"))


def _anonymous_access(readings: Readings, has_sign_in: bool | None) -> bool | None:
    if has_sign_in is False or is_anonymous(readings.settings):
        return True
    asked = (readings.settings_anonymous, readings.flows_anonymous)
    if any(_is_admin_answer(answer) for answer in asked):
        return True
    return False if all(answer.status in (401, 403) for answer in asked) else None


def _is_admin_answer(answer: Answer) -> bool:
    # A sign-in page of a proxy in front also comes with HTTP 200.
    return answer.is_ok and (isinstance(answer.body, list) or "version" in _mapping(answer))


def _hardening(readings: Readings) -> Mapping[str, Any]:
    runtime = {} if readings.refused else _mapping(readings.diagnostics).get("runtime")
    settings = runtime.get("settings") if isinstance(runtime, Mapping) else None
    return settings if isinstance(settings, Mapping) else {}


def _is_set(value: Any) -> bool | None:
    return {"SET": True, "UNSET": False}.get(value) if isinstance(value, str) else None


def _mapping(answer: Answer) -> Mapping[str, Any]:
    return answer.body if answer.is_ok and isinstance(answer.body, Mapping) else {}
