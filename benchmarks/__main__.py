"""`python -m benchmarks`: measure, print ratios, write results."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.entrant import Work
from benchmarks.running import Limits, Measured, check_agreement, measure
from benchmarks.table import groups, lines, machine, page
from benchmarks.works import KINDS, WORKS

_HERE = Path(__file__).parent
_SMALLEST_SCALE = 10_000


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure every chosen work at every scale."""
    options = _parser().parse_args(arguments)
    limits = Limits(options.repeats, options.run_seconds)
    works = [work for name, work in WORKS.items() if not options.only or name.split("-")[0] in options.only]
    measured: list[Measured] = []
    with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
        folder = options.data or Path(scratch)
        for scale in sorted(int(float(text)) for text in options.scales.split(",")):
            for work in (each for each in works if scale <= each.largest_scale):
                measured += _measure_work(work, folder, scale, limits)
        for work, scale in _too_large(works, measured):
            measured += _measure_work(work, folder, scale, limits)
    for path in options.also:
        measured += [_measured(entry) for entry in json.loads(path.read_text(encoding="utf-8"))["results"]]
    check_agreement(measured)
    _write(measured, options)


def _measured(entry: dict[str, Any]) -> Measured:
    return Measured(**{**entry, "seconds": tuple(entry["seconds"])})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--scales", default="1e5,1e6,1e7", help="grants, or components, with commas between")
    parser.add_argument("--only", action="append", choices=list(KINDS), help="these works only")
    parser.add_argument("--out", type=Path, help="the JSON file; by default benchmarks/results/TIME.json")
    parser.add_argument("--docs", type=Path, help="the page; by default docs/benchmarks.md where every work was run")
    parser.add_argument("--data", type=Path, help="keep the synthetic tenants in this folder and use them again")
    parser.add_argument("--repeats", type=int, default=5, help="runs of each entrant")
    parser.add_argument("--run-seconds", type=float, default=60.0, help="longest a run may take")
    parser.add_argument("--also", type=Path, action="append", default=[], help="results of an earlier run, to add")
    parser.add_argument("--remark", action="append", default=[], help="a sentence for the page")
    return parser


def _measure_work(work: Work, data: Path, scale: int, limits: Limits) -> list[Measured]:
    folder = data / f"{work.data.__module__.rpartition('.')[2]}-{scale}"
    folder.mkdir(parents=True, exist_ok=True)
    work.data(folder, scale)
    found = [measure(work, entrant, folder, scale, limits) for entrant in work.entrants]
    _print(found)
    return found


def _too_large(works: Sequence[Work], measured: Sequence[Measured]) -> list[tuple[Work, int]]:
    """Works in which a peer managed no scale at all: they are measured once more, at a tenth of the smallest."""
    found = []
    for work in works:
        mine = [each for each in measured if each.work == work.name]
        managed = {each.entrant for each in mine if each.seconds}
        smaller = min(each.scale for each in mine) // 10
        if managed < {each.entrant for each in mine} and smaller >= _SMALLEST_SCALE:
            found.append((work, smaller))
    return found


def _print(found: Sequence[Measured]) -> None:
    for title, chosen in groups(found):
        print(f"\n{title}")
        for row in lines(chosen):
            print(f"  {row.entrant:34} {row.kind:6} {row.milliseconds:>12} ms {row.ratio:>8}  {row.note}", flush=True)


def _write(measured: Sequence[Measured], options: argparse.Namespace) -> None:
    now = datetime.now(UTC)
    out = options.out or _HERE / "results" / f"{now:%Y%m%dT%H%M%SZ}.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    document = {"measured_at": now.isoformat(), "machine": machine(), "results": [asdict(each) for each in measured]}
    out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    docs = options.docs or (None if options.only else _HERE.parent / "docs" / "benchmarks.md")
    if docs:
        docs.write_text(page(measured, day=f"{now:%Y-%m-%d}", remarks=options.remark), encoding="utf-8")
    print(f"\nWritten: {out}" + (f", {docs}" if docs else ""))


if __name__ == "__main__":
    main()
