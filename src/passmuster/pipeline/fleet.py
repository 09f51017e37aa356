"""A fleet file: many platforms, one run, one roll-up."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import passmuster
from passmuster.access.across import people_across, read_accounts
from passmuster.controls.complaints import schema_complaints
from passmuster.documents.atomic import new_folder, refuse_full
from passmuster.documents.yaml_file import plain, read_yaml
from passmuster.errors import PassmusterError, UnreadableInput, UsageError
from passmuster.model.report import FleetLine, FleetPerson, FleetReport
from passmuster.pipeline.collecting import Collecting, prepare
from passmuster.pipeline.evaluating import Judging
from passmuster.pipeline.reviewing import Patcher, Review, review
from passmuster.report.fleet_json import write_fleet_json
from passmuster.report.html.page import write_fleet
from passmuster.report.summary import fleet_line
from passmuster.snapshot.read import open_snapshot
from passmuster.snapshot.registers import Registers, read_registers

SCHEMA = "passmuster/fleet@1"
_OWN_FILES = ("fleet.json", "fleet.html", "triage.json", "problem.json", "plan.json", "plan.ics")


@dataclass(frozen=True)
class Member:
    """One platform of a fleet: its folder's name, and its review."""

    name: str
    job: Review


def read_fleet(
    path: Path, judging: Judging, *, environ: Mapping[str, str] | None = None, progress: Callable[[str], None]
) -> tuple[Member, ...]:
    """The members of a fleet file, paths relative to it; raises UnreadableInput with all mistakes."""
    document = plain(read_yaml(path))
    complaints = schema_complaints("fleet", document, str(path))
    if complaints:
        raise UnreadableInput("\n".join(complaints))
    names = [entry["name"] for entry in document["platforms"]]
    # Some file systems do not tell upper from lower case, and a name is also a folder.
    lowered = [name.lower() for name in names]
    doubled = sorted({name for name in names if lowered.count(name.lower()) > 1})
    if doubled:
        raise UnreadableInput(f"{path}: the name {', '.join(doubled)} is given twice; each platform has its own")
    members: list[Member] = []
    mistakes = [f"{path}: {name}: is the name of the roll-up; choose another" for name in names if name in _OWN_FILES]
    for entry in document["platforms"]:
        try:
            members.append(_member(entry, path.parent, judging, environ or dict(os.environ), progress))
        except PassmusterError as error:
            mistakes.append(f"{path}: {entry['name']}: {error}")
    if mistakes:
        raise UnreadableInput("\n".join(mistakes))
    return tuple(members)


def _member(
    entry: Mapping[str, Any],
    folder: Path,
    judging: Judging,
    environ: Mapping[str, str],
    progress: Callable[[str], None],
) -> Member:
    registers: Registers = read_registers(folder / entry["registers"]) if "registers" in entry else judging.registers
    own = replace(judging, registers=registers)
    for name in ("snapshot", "against"):
        if name in entry and not (folder / entry[name]).exists():
            raise UnreadableInput(f"{name}: {folder / entry[name]} is not there; check the path")
    against = folder / entry["against"] if "against" in entry else None
    if "snapshot" in entry:
        return Member(entry["name"], Review(own, snapshot=folder / entry["snapshot"], against=against))
    # A platform's own credentials: each of its variables may be read from another variable of the environment.
    given = _own_secrets(entry, environ)
    order = Collecting(
        kind=entry["kind"],
        url=entry.get("url"),
        path=folder / entry["from"] if "from" in entry else None,
        declared=folder / entry["declared"] if "declared" in entry else None,
        platform_id=entry.get("platform_id"),
        name=entry["name"],
        environ={**environ, **given},
        progress=lambda text: progress(f"{entry['name']}: {text}"),
    )
    prepare(order)
    return Member(entry["name"], Review(own, order=order, against=against))


def _own_secrets(entry: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, str]:
    """A secret is in the variable the entry names, or in the file that variable's sibling `..._FILE` names."""
    given: dict[str, str] = {}
    for name, source in entry.get("secrets", {}).items():
        value, file = environ.get(source, ""), environ.get(f"{source}_FILE", "")
        if not value and not file and "url" in entry:
            raise UsageError(f"secrets: neither {source} nor {source}_FILE is set in the environment")
        given |= {name: value, f"{name}_FILE": file}
    return given


def review_fleet(
    members: tuple[Member, ...], out: Path, *, as_of: datetime | None = None, patcher: Patcher | None = None
) -> FleetReport:
    """Review each member into `out/NAME`, the roll-up beside; one that cannot be reviewed is told, not fatal."""
    refuse_full(out)
    with new_folder(out) as scratch:
        lines = tuple(_line(member, scratch) for member in members)
        snapshots = [scratch / line.name / "snapshot" for line in lines if not line.problem]
        patches = patcher(scratch, snapshots) if patcher else None
        instant = as_of or datetime.now(UTC)
        people, untold = _people(lines, scratch, instant)
        report = FleetReport(instant, lines, passmuster.__version__, patches, people, untold)
        with (scratch / "fleet.json").open("w", encoding="utf-8") as stream:
            write_fleet_json(report, stream)
        with (scratch / "fleet.html").open("w", encoding="utf-8") as stream:
            write_fleet(report, stream)
    return report


def _people(
    lines: tuple[FleetLine, ...], folder: Path, as_of: datetime
) -> tuple[tuple[FleetPerson, ...], tuple[tuple[str, str], ...]]:
    """The same person across platforms, and the platforms that could not tell."""
    looks = [
        read_accounts(open_snapshot(folder / line.name / "snapshot"), line.name, as_of=as_of)
        for line in lines
        if not line.problem
    ]
    untold = [(look.platform, look.reason) for look in looks if look.reason]
    return people_across(looks, today=as_of.astimezone(UTC).date()), tuple(untold)


def _line(member: Member, folder: Path) -> FleetLine:
    try:
        report = review(member.job, folder / member.name)
    except PassmusterError as error:
        product = member.job.order.kind if member.job.order else ""
        return FleetLine(name=member.name, product=product, problem=str(error))
    return replace(fleet_line(report.evaluation, href=f"{member.name}/report.html"), name=member.name)
