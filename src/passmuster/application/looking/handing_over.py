"""What the keeper knows, handed to an evaluation as registers: statements, exceptions, owners, patches, reviews.

Files that people keep under `registers/PLATFORM` come first; the keeper's own rows are added to them. What of those
files only a decision here could say is left out, and of changes, reviews and findings the keeper's own word goes first.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.db.models import Q

from passmuster.application.looking.own_records import MOST_FINDINGS, OWN, Row, own_records, spell, under_records
from passmuster.application.programme.vouching import without_what_is_decided_here
from passmuster.application.storage.storing import registers_folder, snapshot_folder
from passmuster.documents.csv_file import Rows, read_csv
from passmuster.errors import UnreadableInput
from passmuster.model.keeping import DeviationStatus, FindingStatus, ItemKind, ItemStatus, ReviewStatus
from passmuster.records.models import (
    Deviation,
    DeviationCheck,
    Finding,
    Ownership,
    Platform,
    Review,
    ReviewItem,
)
from passmuster.snapshot.register_tables import REGISTERS

# A review's question is answered for this long at most, should the next review never be held.
ANSWER_HOLDS_DAYS = 400


def hand_over(
    platform: Platform, platform_id: str, folder: Path, *, now: datetime, review: Review | None = None
) -> Path:
    """Write the registers for judging a platform at `now` into `folder` and return it.

    With a review, only what was answered in that one is a statement; of what its scope leaves out, what was before.
    """
    folder.mkdir(parents=True, exist_ok=True)
    given = registers_folder(platform)
    for path in sorted(given.glob("*.csv")) if given.is_dir() else ():
        _hand_on(path, folder / path.name)
    _add(folder, "attestations", [*_exceptions(platform, now), *_statements(platform, platform_id, review)])
    _add(folder, "owners", _owners(platform))
    for register, rows in own_records(platform, platform_id).items():
        _add_under(folder, register, rows, platform)
    _add(folder, "baselines", _baselines(platform, platform_id, folder, now))
    return folder


def left_out(platform: Platform) -> list[str]:
    """What of the files that people keep is not handed over, a line a row with its place and mend."""
    given = registers_folder(platform)
    found = []
    for path in sorted(given.glob("*.csv")) if given.is_dir() else ():
        found += without_what_is_decided_here(path.stem, _rows_of(path))[1]
    kept = {name: _rows_of(given / f"{name}.csv") for name in OWN if (given / f"{name}.csv").is_file()}
    for register, own in own_records(platform, "").items() if any(kept.values()) else ():
        found += under_records(register, kept.get(register, ()), own, since=platform.created_at.date())[1]
    return found


def _hand_on(path: Path, target: Path) -> None:
    rows = _rows_of(path)
    passed, remarks = without_what_is_decided_here(path.stem, rows)
    if not remarks:
        target.write_bytes(path.read_bytes())
        return
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0][1]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(passed)


def _rows_of(path: Path) -> Rows:
    """Its rows; none where it cannot be read, which the evaluation says."""
    try:
        return read_csv(path)[1]
    except UnreadableInput:
        return []


def _add(folder: Path, register: str, rows: Iterable[Row]) -> None:
    """Append rows whose key is not there yet: what people wrote themselves goes first."""
    table, path = REGISTERS[register], folder / f"{register}.csv"
    kept = [cells for _, cells in read_csv(path)[1]] if path.is_file() else []
    seen = {tuple(cells.get(name, "") for name in table.key) for cells in kept}
    fresh = [row for row in rows if tuple(str(row.get(name) or "") for name in table.key) not in seen]
    if register == "baselines" and not fresh and not kept:
        return
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, table.column_names, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept)
        writer.writerows({name: spell(value) for name, value in row.items()} for row in fresh)


def _add_under(folder: Path, register: str, own: Sequence[Row], platform: Platform) -> None:
    """Write the keeper's own rows, and after them those of people's that stand beside them."""
    path = folder / f"{register}.csv"
    kept = _rows_of(path) if path.is_file() else []
    rows = under_records(register, kept, own, since=platform.created_at.date())[0]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, REGISTERS[register].column_names, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _exceptions(platform: Platform, now: datetime) -> list[Row]:
    """Approved deviations; those by a rule are told resource by resource, for the findings they cover."""
    held = Deviation.objects.filter(
        Q(platform=platform) | Q(platform=None), status=DeviationStatus.APPROVED, ends_on__gte=now.date()
    ).exclude(checks__in=_suspended(platform))
    named = [_exception(deviation, deviation.resource_id) for deviation in held.exclude(resource_id="")]
    covered = Finding.objects.filter(
        platform=platform, status=FindingStatus.ACCEPTED, deviation__in=held.filter(resource_id="")
    ).select_related("deviation", "deviation__decided_by")
    ruled = [_exception(each.deviation, each.resource_id) for each in covered[:MOST_FINDINGS] if each.deviation]
    return [*named, *ruled]


def _suspended(platform: Platform) -> Any:
    return DeviationCheck.objects.filter(platform=platform, is_held=False)


def _exception(deviation: Deviation, resource: str) -> Row:
    day_after = deviation.ends_on + timedelta(days=1)
    return {
        "attestation_id": f"deviation/{deviation.pk}/{resource}",
        "control_id": deviation.control,
        "scope_kind": "resource",
        "scope_id": resource,
        "statement": deviation.reason.replace("\r", " "),
        "made_by": deviation.decided_by.email if deviation.decided_by else "",
        "made_at": deviation.decided_at,
        "valid_until": datetime.combine(day_after, time(), UTC),
        "kind": "exception",
    }


def _statements(platform: Platform, platform_id: str, review: Review | None) -> list[Row]:
    """Answers to questions about controls, of the newest review that has one; with a review, of those it asked."""
    items = (
        ReviewItem.objects.filter(review__platform=platform, kind=ItemKind.QUESTION, key__startswith="control:")
        .exclude(status=ItemStatus.OPEN)
        .exclude(review__status=ReviewStatus.CANCELLED)
        .select_related("done_by", "review")
        .order_by("key", "-done_at")
    )
    rows: dict[str, Row] = {}
    if review is not None:
        items = items.filter(_of_review(review))
    for item in items:
        said = {"pass": "met", "fail": "not_met", "not_applicable": "not_applicable"}.get(item.outcome)
        if said is None or item.done_at is None or item.key in rows:
            continue
        rows[item.key] = {
            "attestation_id": f"review/{item.review_id}/{item.key}",
            "control_id": item.control,
            "scope_kind": "platform",
            "scope_id": platform_id,
            "statement": item.answer.replace("\r", " "),
            "result": said,
            "made_by": item.done_by.email if item.done_by else "",
            "made_at": item.done_at,
            "valid_until": item.done_at + timedelta(days=ANSWER_HOLDS_DAYS),
            "kind": "review",
        }
    return list(rows.values())


def _of_review(review: Review) -> Q:
    own = Q(review=review)
    if not review.left:
        return own
    return own | (Q(review__lt=review.pk) & ~Q(key__in=review.items.values("key")))


def _owners(platform: Platform) -> list[Row]:
    return [
        {
            "scope_kind": each.scope_kind,
            "scope_id": each.scope_id,
            "owner": each.owner.email,
            "deputy": each.deputy.email if each.deputy else "",
        }
        for each in Ownership.objects.filter(platform=platform).select_related("owner", "deputy")
        if each.scope_id
    ]


def _baselines(platform: Platform, platform_id: str, folder: Path, now: datetime) -> list[Row]:
    approved = platform.baseline_collection
    if approved is None:
        return []
    return [
        {
            "platform_id": platform_id,
            "snapshot_id": approved.snapshot_id,
            "approved_by": "the keeper's record",
            "approved_at": min(now, approved.ended_at or now),
            "reason": "the approved baseline of the platform",
            "snapshot_path": os.path.relpath(snapshot_folder(approved), folder.absolute()),
        }
    ]
