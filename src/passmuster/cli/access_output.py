"""A certification on the terminal, as JSON, and as CSV."""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from typing import Any, TextIO

import click

from passmuster.pipeline.certifying import Certification
from passmuster.report.csv_writer import safe_cell
from passmuster.report.text import clean, counted

SCHEMA = "passmuster/access-certification@1"
_COLUMNS = (
    *(
        "item",
        "person",
        "login",
        "kind",
        "role",
        "allows",
        "object",
        "environment",
        "path",
        "last_use",
        "ends",
        "risks",
    ),
    *("reviewer", "decision", "reason", "signed_by", "outcome", "detail"),
)
_NAMED = 20


def print_certification(certification: Certification, form: str) -> None:
    """Print it to standard output as `table`, `json` or `csv`."""
    if form == "json":
        click.echo(json.dumps(_document(certification), indent=1, ensure_ascii=False))
    elif form == "csv":
        _write_csv(certification, sys.stdout)
    else:
        _print_table(certification)


def _document(known: Certification) -> dict[str, Any]:
    campaign = known.campaign
    return {
        "schema": SCHEMA,
        "id": campaign.id,
        "platform": campaign.platform_id,
        "snapshot": campaign.snapshot_id,
        "frozen_at": _spell(campaign.frozen_at),
        "is_complete": campaign.is_complete,
        "missing": list(campaign.missing),
        "verified_at": _spell(known.verified_at) if known.verified_at else None,
        "cannot_tell": list(known.cannot_tell),
        "reviewers": [
            {
                "reviewer": name,
                "items": count,
                "is_answered": name in known.answers,
                "signed_on": known.answers[name].signed_on if name in known.answers else None,
                "doubts": list(known.answers[name].doubts) if name in known.answers else [],
                "despite": known.answers[name].despite if name in known.answers else "",
            }
            for name, count in known.reviewers.items()
        ],
        "summary": {
            "items": len(known.lines),
            "decided": sum(1 for line in known.lines if line.decision),
            "decisions": dict(Counter(line.decision for line in known.lines if line.decision)),
            "outcomes": dict(Counter(str(line.outcome) for line in known.lines if line.outcome)),
            "new": len(known.new),
        },
        "new": list(known.new),
        "items": [_line(line) for line in known.lines],
    }


def _line(line: Any) -> dict[str, str]:
    own = {name: getattr(line, name) for name in ("decision", "reason", "signed_by", "detail")}
    told = {name: getattr(line.item, name) for name in _COLUMNS if hasattr(line.item, name)}
    return {**told, **own, "outcome": str(line.outcome) if line.outcome else ""}


def _write_csv(known: Certification, stream: TextIO) -> None:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for line in known.lines:
        row = _line(line)
        writer.writerow([safe_cell(row[name]) for name in _COLUMNS])


def _print_table(known: Certification) -> None:
    campaign, total = known.campaign, len(known.lines)
    answered = sum(1 for line in known.lines if line.decision)
    click.echo(f"Certification {campaign.id} of {clean(campaign.platform_id)}, frozen {_spell(campaign.frozen_at)}")
    if not campaign.is_complete:
        click.echo(f"  NOT the whole population: {clean('; '.join(campaign.missing))}")
    click.echo(f"  decided {answered} of {total}")
    for name, count in known.reviewers.items():
        answer = known.answers.get(name)
        state = f"signed on {answer.signed_on}" if answer else "has not answered"
        doubt = f"; in doubt: {'; '.join(answer.doubts)}" if answer and answer.doubts else ""
        click.echo(clean(f"  {name}: {counted(count, 'entitlement')}, {state}{doubt}"))
    decisions = Counter(line.decision for line in known.lines if line.decision)
    if decisions:
        click.echo("  " + ", ".join(f"{word}: {count}" for word, count in sorted(decisions.items())))
    if known.verified_at is not None:
        _print_verified(known)


def _print_verified(known: Certification) -> None:
    outcomes = Counter(str(line.outcome) for line in known.lines)
    told = ", ".join(f"{count} {word}" for word, count in outcomes.most_common())
    click.echo(f"Held against the look of {_spell(known.verified_at)}: {told}; {len(known.new)} new since the freeze")
    if known.cannot_tell:
        click.echo(f"  could not be read in full: {clean('; '.join(known.cannot_tell))}")
    still = known.still_held
    for line in still[:_NAMED]:
        item = line.item
        click.echo(
            clean(f"  {line.outcome}: {item.person} ({item.login}): {item.role} on {item.object}; {line.detail}")
        )
    if len(still) > _NAMED:
        click.echo(f"  ... and {len(still) - _NAMED} more; --format csv lists all")


def _spell(moment: Any) -> str:
    return str(moment.isoformat(timespec="seconds").replace("+00:00", "Z"))
