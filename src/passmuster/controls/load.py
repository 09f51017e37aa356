"""Loading a pack: every complaint about every file at once, or a Pack that can be run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from passmuster.controls.complaints import schema_complaints
from passmuster.controls.settings_table import Tabled, read_settings_table
from passmuster.documents.limits import read_text
from passmuster.documents.yaml_file import MAX_YAML_BYTES, parse_yaml, plain
from passmuster.errors import PackErrors, UnreadableInput
from passmuster.model.control import Control, Look, Pack, Param, SettingLook, SettingRule, SqlLook
from passmuster.model.words import Responsibility, Severity

_MAX_SQL_BYTES = 64 * 1024
_MAX_CONTROLS = 5_000
# Longer texts are not held in memory.
_KEPT_LENGTH = 64 * 1024


def load_pack(folder: Path, *, is_trusted: bool, only: tuple[str, ...] = ()) -> Pack:
    """The pack in `folder`, or `only` some of its controls; raises UnreadableInput or PackErrors with all mistakes."""
    if not (folder / "pack.yaml").is_file():
        raise UnreadableInput(f"{folder}: is no pack: it holds no pack.yaml; `passmuster packs new` makes one")
    complaints: list[str] = []
    head = _document(folder / "pack.yaml", "pack", folder, complaints) or {}
    params = _params(folder, complaints)
    folders = sorted(path.parent for path in folder.glob("*/control.yaml") if not only or path.parent.name in only)
    tabled = read_settings_table(folder, head.get("settings_table", {}), complaints)
    tabled = [each for each in tabled if not only or each.document["id"] in only]
    present = {path.name for path in folders} | {each.document["id"] for each in tabled}
    complaints += [f"there is no control {name!r} in this pack" for name in only if name not in present]
    if not present and not only and not complaints:
        complaints.append("no control: every control is a folder with a control.yaml, or a line of settings.csv")
    if len(folders) + len(tabled) > _MAX_CONTROLS:
        raise PackErrors(str(folder), [f"more than {_MAX_CONTROLS} controls"])
    controls = [control for path in folders if (control := _control(path, folder, params, complaints))]
    controls += [control for each in tabled if (control := _tabled(each, params, complaints))]
    controls.sort(key=lambda control: control.id)
    complaints += [] if only else _cross_complaints(head, controls)
    if complaints:
        raise PackErrors(str(folder), complaints)
    return Pack(
        id=head["id"],
        version=head["version"],
        title=head["title"],
        folder=folder,
        is_trusted=is_trusted,
        controls=tuple(controls),
        params=params,
        domains=head.get("domains", {}),
        renamed=head.get("renamed", {}),
        description=head.get("description", ""),
    )


def read_params(path: Path) -> dict[str, Any]:
    """House limits from a file; raises PackErrors with all mistakes."""
    complaints: list[str] = []
    params = _parsed_params(path, path.parent, complaints)
    if complaints:
        raise PackErrors(str(path), complaints)
    return params


def _params(folder: Path, complaints: list[str]) -> dict[str, Any]:
    path = folder / "params.yaml"
    return _parsed_params(path, folder, complaints) if path.is_file() else {}


def _parsed_params(path: Path, folder: Path, complaints: list[str]) -> dict[str, Any]:
    document = _document(path, "params", folder, complaints) or {}
    return {name: entry["value"] if isinstance(entry, dict) else entry for name, entry in document.items()}


def _document(path: Path, schema: str, folder: Path, complaints: list[str]) -> dict[str, Any] | None:
    where = str(path.relative_to(folder))
    if not path.resolve().is_relative_to(folder.resolve()):
        complaints.append(f"{where}: leads out of the pack")
        return None
    try:
        text = read_text(path, max_bytes=MAX_YAML_BYTES)
        document = plain(_parsed(text, where) if len(text) <= _KEPT_LENGTH else parse_yaml(text, where))
    except UnreadableInput as error:
        complaints.append(str(error).replace(str(path), where))
        return None
    found = schema_complaints(schema, document, where)
    if schema == "control" and isinstance(document, dict) and document.get("id") != path.parent.name:
        found.append(
            f"{where}: the id is {document.get('id')!r} but the folder is {path.parent.name!r}; they must be the same"
        )
    complaints += found
    return document if not found and isinstance(document, dict) else None


# Each sealed review has a copy of its packs: what the same file says in all of them is parsed once. Nobody is handed
# what is kept here, only the copy that `plain` makes.
@lru_cache(maxsize=1024)
def _parsed(text: str, where: str) -> Any:
    return parse_yaml(text, where)


def _control(path: Path, pack: Path, params: Mapping[str, Any], complaints: list[str]) -> Control | None:
    document = _document(path / "control.yaml", "control", pack, complaints)
    if document is None:
        return None
    sql = _sql_file(path, pack, complaints)
    return _made(document, sql, f"{path.name}/control.yaml", params, complaints)


def _tabled(tabled: Tabled, params: Mapping[str, Any], complaints: list[str]) -> Control | None:
    found = schema_complaints("control", tabled.document, tabled.where)
    complaints += found
    control = None if found else _made(tabled.document, None, tabled.where, params, complaints)
    return replace(control, is_tabled=True) if control else None


def _made(
    document: Mapping[str, Any], sql: str | None, where: str, params: Mapping[str, Any], complaints: list[str]
) -> Control | None:
    """The control a valid document describes; None where it names what is not there, with complaints."""
    before = len(complaints)
    looks = _looks(document["check"], sql, where, complaints)
    complaints += _param_complaints(looks, params, where)
    if len(complaints) > before:
        return None
    platforms = document.get("platforms", "any")
    return Control(
        id=document["id"],
        title=document["title"],
        severity=Severity(document["severity"]),
        responsibility=Responsibility(document["responsibility"]),
        looks=looks,
        must_attest=document["check"]["kind"].endswith("attest"),
        remediation=document["remediation"].strip(),
        hosting=document.get("hosting", "any"),
        platforms=() if platforms == "any" else tuple(platforms),
        supersedes=tuple(document.get("supersedes", ())),
        rationale=document.get("rationale", "").strip(),
        maps=document.get("maps", {}),
        references=tuple(document.get("references", ())),
        statement_suffices=document["check"]["kind"].endswith("-or-attest"),
    )


def _sql_file(path: Path, pack: Path, complaints: list[str]) -> str | None:
    file = path / "control.sql"
    if not file.is_file():
        return None
    where = str(file.relative_to(pack))
    if not file.resolve().is_relative_to(pack.resolve()):
        complaints.append(f"{where}: leads out of the pack")
        return None
    try:
        return read_text(file, max_bytes=_MAX_SQL_BYTES).strip().removesuffix(";")
    except UnreadableInput as error:
        complaints.append(str(error).replace(str(file), where))
        return None


def _looks(check: Mapping[str, Any], sql: str | None, where: str, complaints: list[str]) -> tuple[Look, ...]:
    kind = check["kind"].removesuffix("+attest").removesuffix("-or-attest")
    if kind == "attest":
        extra = sorted(set(check) - {"kind", "needs"})
        if extra or sql is not None:
            complaints.append(f"{where}: check: a control of kind attest has no {', '.join(extra) or 'control.sql'}")
        return ()
    if "alternatives" in check:
        if sql is not None:
            complaints.append(f"{where}: check: with alternatives, each has its own violations; remove control.sql")
        found = [
            _look(alternative, alternative["kind"], None, f"{where}: check.alternatives.{number}", complaints)
            for number, alternative in enumerate(check["alternatives"])
        ]
    else:
        found = [_look(check, kind, sql, f"{where}: check", complaints)]
    return tuple(look for look in found if look is not None)


def _look(check: Mapping[str, Any], kind: str, sql: str | None, where: str, complaints: list[str]) -> Look | None:
    if kind == "setting":
        return _setting_look(check, where, complaints)
    violations = check.get("violations", sql)
    missing = [name for name in ("needs", "population") if not check.get(name)]
    if missing:
        complaints.append(f"{where}: {' and '.join(missing)} must be given")
    if violations is None:
        complaints.append(f"{where}: the SELECT of violations is missing; write it into control.sql")
    if "violations" in check and sql is not None:
        complaints.append(f"{where}: violations stand both here and in control.sql; keep one")
    if missing or violations is None:
        return None
    parts = [name.partition("@") for name in check["needs"]]
    names_from = tuple(name for name in check.get("names_from", ()) if name not in [table for table, _, _ in parts])
    return SqlLook(
        needs=tuple(dict.fromkeys([*(table for table, _, _ in parts), *names_from])),
        population=check["population"].strip().removesuffix(";"),
        violations=violations.strip().removesuffix(";"),
        must_know=tuple(check.get("must_know", ())),
        must_decide=tuple(check.get("must_decide", ())),
        sources=tuple((table, source) for table, _, source in parts if source),
        names_from=names_from,
    )


def _setting_look(check: Mapping[str, Any], where: str, complaints: list[str]) -> SettingLook | None:
    rules = check.get("settings") or ([check] if "key" in check and "operator" in check else [])
    if not rules:
        complaints.append(f"{where}: a control of kind setting names a key and an operator, or a list of settings")
        return None
    parsed = []
    for number, rule in enumerate(rules):
        value = rule.get("value")
        if rule["operator"] != "is_set" and "value" not in rule:
            complaints.append(
                f"{where}: setting {number} ({rule['key']}): the operator {rule['operator']} needs a value"
            )
        if isinstance(value, dict):
            if set(value) != {"param"}:
                complaints.append(f"{where}: setting {number} ({rule['key']}): a value is a literal or {{param: name}}")
                continue
            value = Param(value["param"])
        parsed.append(
            SettingRule(
                key=rule["key"],
                operator=rule["operator"],
                value=value,
                unit=rule.get("unit", ""),
                when_missing=rule.get("when_missing", check.get("when_missing", "unknown")),
                platforms=tuple(rule.get("platforms", ())),
                text=rule.get("text", ""),
            )
        )
    return SettingLook(tuple(parsed))


def _param_complaints(looks: tuple[Look, ...], params: Mapping[str, Any], where: str) -> list[str]:
    used: set[str] = set()
    for look in looks:
        if isinstance(look, SqlLook):
            used |= look.parameters - {"as_of"}
        else:
            used |= {rule.value.name for rule in look.rules if isinstance(rule.value, Param)}
    return [f"{where}: the house limit ${name} is not in params.yaml" for name in sorted(used - set(params))]


def _last_name(name: str, renamed: Mapping[str, str]) -> str:
    """Where a chain of renamings ends; a name inside it where it goes in circles."""
    seen: set[str] = set()
    while name in renamed and name not in seen:
        seen.add(name)
        name = renamed[name]
    return name


def _cross_complaints(head: Mapping[str, Any], controls: list[Control]) -> list[str]:
    ids = {control.id for control in controls}
    found = [f"pack.yaml: retired id {old!r} is in use again" for old in head.get("retired", ()) if old in ids]
    found += [f"pack.yaml: renamed id {old!r} is in use again" for old in head.get("renamed", {}) if old in ids]
    found += [
        f"pack.yaml: {old!r} was renamed to {new!r}, which is no control of this pack"
        for old, new in head.get("renamed", {}).items()
        if _last_name(old, head["renamed"]) not in ids | set(head.get("retired", ()))
    ]
    doubled = sorted(name for name in ids if sum(control.id == name for control in controls) > 1)
    found += [f"{name}: is a folder and a line of settings.csv; keep one" for name in doubled]
    lowered: dict[str, str] = {}
    for control in sorted(ids):
        if control.lower() in lowered:
            found.append(f"{control}: differs from {lowered[control.lower()]} only in case")
        lowered[control.lower()] = control
    return found
