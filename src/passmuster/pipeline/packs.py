"""Jobs on control packs: list those that ship, verify one, start a new one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from passmuster.controls.catalogue import find_pack, shipped_packs
from passmuster.controls.load import load_pack
from passmuster.documents.atomic import new_folder
from passmuster.evaluate.verify import Verified, verify_pack
from passmuster.model.control import Pack


def list_packs() -> list[Pack]:
    """Every pack that ships."""
    return [load_pack(folder, is_trusted=True) for folder in shipped_packs().values()]


def verify(name_or_path: str, *, only: tuple[str, ...] = ()) -> Iterator[Verified]:
    """Run the cases of a pack, or of some of its controls."""
    yield from verify_pack(find_pack(name_or_path, only=only))


def new_pack(folder: Path) -> None:
    """Write a pack with one working control to start from; raises OutputRefused where the folder is not empty."""
    with new_folder(folder) as scratch:
        (scratch / "pack.yaml").write_text(_PACK.format(id=_pack_id(folder)), encoding="utf-8")
        (scratch / "params.yaml").write_text(_PARAMS, encoding="utf-8")
        control = scratch / "HOUSE-01"
        control.mkdir()
        (control / "control.yaml").write_text(_CONTROL, encoding="utf-8")
        (control / "control.sql").write_text(_SQL, encoding="utf-8")
        (control / "cases.yaml").write_text(_CASES, encoding="utf-8")


def _pack_id(folder: Path) -> str:
    words = "".join(letter if letter.isalnum() else "-" for letter in folder.name.lower()).strip("-")
    return words if words[:1].isalpha() and len(words) > 1 else "house-pack"


_PACK = """\
id: {id}
version: 0.1.0
title: House rules
description: What this house asks of its platforms beyond the shipped packs.
domains:
  HOUSE: House rules
renamed: {{}}
retired: []
"""

_PARAMS = """\
# House limits; used in SQL as $name and in settings as {param: name}.
max_app_age_days: {value: 730, unit: days, text: an app not changed for longer is looked at again}
"""

_CONTROL = """\
id: HOUSE-01
title: Active apps were changed or confirmed within two years
rationale: An app nobody has touched for years is an app nobody remembers how to run.
severity: low
responsibility: customer
hosting: any
check:
  kind: sql
  needs: [apps]
  population: |
    SELECT app_id AS resource_id, modified_at FROM apps WHERE is_active
  must_know: [modified_at]
maps: {nist_800_53_r5: [CM-8]}
remediation: Ask the app's owner whether it is still needed; change, confirm or retire it.
"""

_SQL = """\
SELECT app_id AS resource_id, name, 'last changed ' || strftime(modified_at, '%Y-%m-%d') AS detail
FROM apps
WHERE is_active AND modified_at < $as_of - to_days(cast($max_app_age_days AS INTEGER))
"""

_CASES = """\
cases:
  - name: an active app changed last month passes
    tables:
      apps: [{app_id: a1, name: Orders, is_active: true, modified_at: 2026-05-01T00:00:00Z}]
    expect: {status: pass}
  - name: an active app untouched for three years fails
    tables:
      apps: [{app_id: a1, name: Orders, is_active: true, modified_at: 2023-05-01T00:00:00Z}]
    expect: {status: fail, resources: [a1]}
  - name: an app whose last change is not known leaves the answer open
    tables:
      apps: [{app_id: a1, name: Orders, is_active: true}]
    expect: {status: unknown}
  - name: apps that could not be read leave the answer open
    unreadable: {apps: denied}
    expect: {status: unknown, reason: "apps: denied"}
"""
