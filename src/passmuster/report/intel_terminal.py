"""Imports and advisories for people at a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from passmuster.model.advisory import Advisory, AffectedProduct, Score, VersionRange
from passmuster.report.text import counted, day, day_and_time, one_line, shorten

_MOST_PROBLEMS = 20
_SHORT = 100


def print_import(console: Console, files: Iterable[Any], tally: Any) -> None:
    """One line a kind, the problems, and what changed; `files` and `tally` as in `intel_json.import_document`."""
    files = list(files)
    accepted = [file for file in files if file.accepted]
    for kind in sorted({file.kind for file in accepted}):
        own = [file for file in accepted if file.kind == kind]
        records = counted(sum(file.records for file in own), "record")
        console.print(escape(f"{kind}: {records} in {counted(len(own), 'file')}"))
    problems = [problem for file in accepted for problem in file.problems]
    for problem in problems[:_MOST_PROBLEMS]:
        console.print(escape(f"  {problem.code}: {problem.record} {one_line(problem.text)}"))
    if len(problems) > _MOST_PROBLEMS:
        console.print(f"  and {len(problems) - _MOST_PROBLEMS} more; --format json tells all")
    refused = len(files) - len(accepted)
    told = f"{tally.added:,} added, {tally.changed:,} changed, {tally.withdrawn:,} withdrawn"
    console.print(f"{told}; {counted(refused, 'file')} refused" if refused else told)


def print_sync(console: Console, feeds: Iterable[Any]) -> None:
    """One line a feed."""
    for feed in feeds:
        console.print(escape(f"{feed.name}: {feed.state}"), highlight=False)


def print_advisory(console: Console, advisory: Advisory, history: Iterable[Any]) -> None:
    """What is known, in the order in which people ask."""
    history = list(history)
    console.print(escape(f"{advisory.id}  {one_line(advisory.title)}"), highlight=False)
    facts = Table(show_header=False, box=None, pad_edge=False)
    for name, text in _facts(advisory, history):
        facts.add_row(name, escape(text))
    console.print(facts)
    table = Table("Seen", "Source", "State", "What changed")
    for change in history:
        told = "; ".join(
            f"{each.field}: {shorten(str(each.before), _SHORT)} -> {shorten(str(each.after), _SHORT)}"
            for each in change.changes
        )
        table.add_row(day_and_time(change.seen_at), escape(change.source), change.state, escape(told))
    console.print(table)


def _facts(advisory: Advisory, history: Sequence[Any]) -> Iterable[tuple[str, str]]:
    if advisory.aliases:
        yield "also", ", ".join(advisory.aliases)
    if advisory.is_withdrawn:
        yield "withdrawn", _withdrawal(advisory, history)
    marks = {"disputed": advisory.is_disputed, "hosted only": advisory.is_hosted_only}
    if any(marks.values()):
        yield "note", ", ".join(word for word, holds in marks.items() if holds)
    for name, moment in (
        ("disclosed", advisory.disclosed_at),
        ("fixed by vendor", advisory.vendor_fixed_at),
        ("learned", advisory.learned_at),
    ):
        if moment:
            yield name, day_and_time(moment)
    for score in advisory.scores:
        yield "score", _score(score)
    if advisory.kev:
        due = f", due {day(advisory.kev.due_on)}" if advisory.kev.due_on else ""
        traces = ", look for traces of an attack first" if advisory.kev.asks_for_forensics else ""
        yield "KEV", f"since {day(advisory.kev.added_on)}{due}{traces}"
    for point in advisory.ssvc:
        yield "SSVC", f"{point.name} {point.value} ({point.by}{f', {day(point.judged_at)}' if point.judged_at else ''})"
    if advisory.epss:
        yield "EPSS", f"{advisory.epss.probability:.5f} ({day(advisory.epss.scored_on)})"
    for product in advisory.affected:
        yield "affected", _product(product)


def _withdrawal(advisory: Advisory, history: Sequence[Any]) -> str:
    """When all that told of it was taken back, as told or as seen, and what follows."""
    told = [record.withdrawn_at for record in advisory.records if record.withdrawn_at]
    seen = [change.seen_at for change in history if change.state == "withdrawn"]
    when = f"on {day(max(told))}, " if told else f"seen on {day(max(seen))}, " if seen else ""
    return f"{when}by all that told of it; it concerns nothing any more, and triage leaves it out"


def _score(score: Score) -> str:
    stated = "none stated" if score.stated is None else f"{score.stated}"
    computed = f", its vector gives {score.computed}" if score.differs or score.stated is None else ""
    return f"{stated}{computed}  {score.vector}  ({score.by})"


def _product(product: AffectedProduct) -> str:
    name = one_line(" ".join(part for part in (product.vendor, product.product or product.package) if part))
    ranges = "; ".join(_range(each) for each in product.ranges) or "versions not told"
    fixed = f"; fixed in {', '.join(product.fixed_versions)}" if product.fixed_versions else ""
    return shorten(f"{name}: {ranges}{fixed}", 300)


def _range(each: VersionRange) -> str:
    if each.exact:
        text = each.exact
    else:
        low = f">= {each.introduced}" if each.introduced not in {None, "0"} else ""
        high = f"< {each.fixed}" if each.fixed else f"<= {each.last_affected}" if each.last_affected else ""
        text = ", ".join(part for part in (low, high) if part) or "all versions"
    return text if each.status == "affected" else f"{text} ({each.status})"
