"""Access certification: freeze the population, take answers in, tell how far it is, verify revocations."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from passmuster.access.campaign import (
    WORKBOOKS,
    Answer,
    Campaign,
    freeze,
    read_answers,
    read_campaign,
    sha256_of,
    slug,
    write_answer,
)
from passmuster.access.form import write_form
from passmuster.access.freezing import items_of
from passmuster.access.population import Population, read_population
from passmuster.access.returned import read_returned
from passmuster.access.reviewers import Reviewers
from passmuster.access.risks import Limits
from passmuster.access.verifying import OPEN, UNSETTLED, Verified, decided, verify
from passmuster.documents.atomic import new_folder, refuse_full, write_text
from passmuster.documents.csv_file import read_csv
from passmuster.documents.workbook_in import read_workbook
from passmuster.errors import IncompleteRead, UsageError
from passmuster.pipeline.evaluating import locate_snapshot
from passmuster.report.csv_writer import safe_cell
from passmuster.snapshot.read import open_snapshot
from passmuster.snapshot.register_tables import REGISTERS
from passmuster.snapshot.registers import read_registers


@dataclass(frozen=True)
class Freezing:
    """How to freeze: who confirms what, house limits, and whether a partial population may be frozen as partial."""

    registers: Path | None = None
    reviewer: str = ""
    by_manager: bool = False
    dormant_days: int = 90
    is_partial_allowed: bool = False
    as_of: datetime | None = None


@dataclass(frozen=True)
class Certification:
    """A campaign, its answers, every line with its decision and, after verifying, what became of it."""

    campaign: Campaign
    answers: dict[str, Answer]
    lines: list[Verified]
    new: tuple[str, ...] = field(default=())
    """What is held now and was not frozen, in words."""
    cannot_tell: tuple[str, ...] = ()
    verified_at: datetime | None = None

    @property
    def reviewers(self) -> dict[str, int]:
        """Every reviewer, and how many lines are theirs."""
        found: dict[str, int] = {}
        for item in self.campaign.items:
            found[item.reviewer] = found.get(item.reviewer, 0) + 1
        return dict(sorted(found.items()))

    @property
    def still_held(self) -> list[Verified]:
        """Lines that were to be revoked or changed, and were not."""
        return [line for line in self.lines if line.outcome in OPEN]

    @property
    def is_unclear(self) -> bool:
        """Whether a line is not settled, or the population was not all there is."""
        return not self.campaign.is_complete or any(line.outcome in UNSETTLED for line in self.lines)

    @property
    def is_answered(self) -> bool:
        """Whether every line has a decision."""
        return all(line.decision for line in self.lines)


def freeze_access(snapshot: Path, out: Path, by: Freezing) -> Campaign:
    """Write the certification's folder; raises IncompleteRead where the population is not all there is."""
    refuse_full(out)
    opened = open_snapshot(locate_snapshot(snapshot))
    population = read_population(opened, as_of=(by.as_of or opened.manifest.taken_at).astimezone(UTC))
    if not population.is_complete and not by.is_partial_allowed:
        raise IncompleteRead(
            "who holds what could not be read in full: "
            + "; ".join(population.missing)
            + "; look again with the right "
            "permissions, or freeze what there is, marked as partial, with --partial"
        )
    if not population.entitlements:
        raise UsageError(f"{snapshot}: nobody holds anything there; there is nothing to certify")
    items = items_of(population, _reviewers(by, population), Limits(by.dormant_days))
    with new_folder(out) as scratch:
        campaign = freeze(
            scratch,
            items,
            platform_id=population.platform_id,
            snapshot_id=population.snapshot_id,
            frozen_at=population.as_of,
            missing=population.missing,
        )
        (scratch / WORKBOOKS).mkdir()
        for name in sorted({item.reviewer for item in items}):
            own = [item for item in items if item.reviewer == name]
            write_form(scratch / WORKBOOKS / f"{slug(name)}.xlsx", campaign, name, own)
    return campaign


def _reviewers(by: Freezing, population: Population) -> Reviewers:
    """What the register says goes before what the platform tells."""
    owners: dict[tuple[str, str], tuple[str, ...]] = {key: (name,) for key, name in population.object_owners.items()}
    table = read_registers(by.registers).tables.get("owners") if by.registers else None
    for row in table.to_pylist() if table is not None else ():
        names = tuple(name for name in (row["owner"], row["deputy"]) if name)
        if names:
            owners[row["scope_kind"], row["scope_id"]] = names
    return Reviewers(owners, population.platform_id, by.reviewer, by.by_manager, population.people)


def import_answer(
    folder: Path, workbook: Path, *, now: datetime, despite: str = "", is_replacing: bool = False
) -> Answer:
    """Take in one returned workbook; raises PassmusterError with every mistake, and then nothing is written."""
    campaign = read_campaign(folder)
    returned = read_returned(read_workbook(workbook), campaign, today=now.astimezone(UTC).date())
    earlier = read_answers(folder).get(returned.reviewer)
    digest = sha256_of(workbook)
    if earlier is not None and earlier.workbook_sha256 == digest:
        return earlier
    if earlier is not None and not is_replacing:
        raise UsageError(
            f"{workbook}: {returned.reviewer} answered on {earlier.signed_on} already; "
            "take the new answer in its place with --replace (the earlier one is kept)"
        )
    if returned.doubts and not despite.strip():
        raise UsageError(
            f"{workbook}: this looks like a rubber stamp: {'; '.join(returned.doubts)}; "
            "ask the reviewer to look again, or take it in with --despite REASON"
        )
    answer = Answer(
        reviewer=returned.reviewer,
        signed_by=returned.signed_by,
        signed_on=returned.signed_on.isoformat(),
        imported_at=now.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        workbook=workbook.name,
        workbook_sha256=digest,
        decisions=returned.decisions,
        doubts=returned.doubts,
        despite=despite.strip() if returned.doubts else "",
    )
    write_answer(folder, answer, workbook)
    return answer


def read_certification(folder: Path) -> Certification:
    """How far it is; raises PassmusterError where anything was changed since."""
    campaign, answers = read_campaign(folder), read_answers(folder)
    return Certification(campaign, answers, decided(campaign, answers))


def verify_access(folder: Path, snapshot: Path) -> Certification:
    """Hold every decision against a later snapshot; raises UsageError where it is of another platform or older."""
    known = read_certification(folder)
    opened = open_snapshot(locate_snapshot(snapshot))
    manifest = opened.manifest
    if manifest.platform_id != known.campaign.platform_id:
        raise UsageError(
            f"{snapshot}: is of {manifest.platform_id}, the certification of {known.campaign.platform_id}; "
            "name a later snapshot of the same platform"
        )
    if manifest.id == known.campaign.snapshot_id or manifest.taken_at <= known.campaign.frozen_at:
        raise UsageError(f"{snapshot}: is not later than the freeze; take a new snapshot and verify by that")
    population = read_population(opened, as_of=manifest.taken_at)
    held = {each.item(population.platform_id): each for each in population.entitlements}
    lines = verify(known.lines, {name: each.path for name, each in held.items()}, is_complete=population.is_complete)
    frozen = {item.item for item in known.campaign.items}
    new = tuple(
        f"{each.holder.shown}: {each.role} on {each.object_name}" for name, each in held.items() if name not in frozen
    )
    return Certification(known.campaign, known.answers, lines, new, population.missing, manifest.taken_at)


def attest(certification: Certification, registers: Path, *, valid_days: int, today: date) -> Path:
    """Add the line to attestations.csv that answers PRV-13; raises UsageError where this attests nothing yet."""
    path = registers / "attestations.csv"
    columns = list(REGISTERS["attestations"].column_names)
    rows = []
    if path.is_file():
        given, lines = read_csv(path)
        rows = [row for _, row in lines]
        columns += [name for name in given if name not in columns]
    new = _attestation(certification, valid_days=valid_days, today=today)
    rows = [row for row in rows if row.get("attestation_id") != new["attestation_id"]]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([row.get(name, "") for name in columns] for row in rows)
    writer.writerow([safe_cell(new.get(name, "")) for name in columns])
    write_text(path, text.getvalue())
    return path


def _attestation(certification: Certification, *, valid_days: int, today: date) -> dict[str, str]:
    campaign = certification.campaign
    open_ones = [line for line in certification.lines if line.outcome is None or line.outcome in UNSETTLED]
    if open_ones or not campaign.is_complete or certification.cannot_tell:
        raise UsageError(
            f"this certification attests nothing yet: {len(open_ones)} of {len(certification.lines)} lines are open, "
            "or the population was partial; verify a complete one first"
        )
    signers = sorted({answer.signed_by for answer in certification.answers.values()})
    doubts = sum(bool(answer.doubts) for answer in certification.answers.values())
    told = f"{len(certification.lines)} entitlements confirmed by {len(signers)} reviewer(s), revocations verified"
    return {
        "attestation_id": f"PRV-13/{campaign.id}",
        "control_id": "PRV-13",
        "scope_kind": "platform",
        "scope_id": campaign.platform_id,
        "statement": told + (f"; {doubts} answer(s) taken in despite doubts" if doubts else ""),
        "result": "met",
        "made_by": ", ".join(signers),
        "made_at": today.isoformat(),
        "valid_until": (today + timedelta(days=valid_days)).isoformat(),
        "evidence_sha256": "",
        "kind": "review",
    }
