"""Following a run of many findings: files, COPY and one upsert, against writing the Parquet file and against objects.

The violations are columns, as the engine yields them. The second run is written as what differs from the first, as the
keeper does until a quarter differs; the last one shows what one costs that is written whole again. `evaluation.json` is
written at every run too, for programs that read it, and is told apart.

Each step is told in seconds, and in seconds of the processor in this process and in the database's (where that runs
here), which depend less on what else the machine does.

`python -m benchmarks.persisting [--scale N] [--out FILE]`; the database is the embedded one in a new folder, or that of
PASSMUSTER_TEST_DATABASE_URL. Everything happens in a database of its own that is dropped at the end.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.keeping import HOME, NOW, keeper_process, make_platform

# isort: split
# What is below needs Django, which the import above sets up.
import duckdb
import pyarrow as pa
from django.db import connection, transaction
from tests.application.following import PACK, evaluation_of, result

from passmuster.application.acting import keeper
from passmuster.application.findings.covering import cover_findings
from passmuster.application.findings.finding import bulk_for
from passmuster.application.findings.finding_rows import basis_of, load_run, merge_run
from passmuster.evaluate.looking import ROWS
from passmuster.evaluate.run import Base, RunFiles, write_run
from passmuster.evaluate.run_state import RUN, WHOLE, digest_state
from passmuster.evaluate.told import Told
from passmuster.model.results import Evaluation
from passmuster.model.words import Severity
from passmuster.pipeline.following import RESULTS
from passmuster.records.models import Finding
from passmuster.report.json_writer import write_evaluation
from passmuster.snapshot.whereabouts import SCHEMA

_SAMPLE = 20_000


def _rows(scale: int, *, changed: bool, every: int = 100) -> pa.Table:
    """Of a changed run one row in fifty differs: one in a hundred (`every`) its detail, the others are gone and new."""
    made = []
    for number in range(scale):
        if changed and number % 200 == 7:
            continue
        detail = "seen otherwise" if changed and number % every == 3 % every else "as it was seen"
        made.append((f"resource-{number:09}", f"Resource {number}", detail, "high"))
    if changed:
        made += [(f"fresh-{number:09}", f"Fresh {number}", "as it was seen", "high") for number in range(scale // 200)]
    columns = zip(*sorted(made), strict=True)
    return pa.table([pa.array(column, pa.string()) for column in columns], schema=ROWS)


def _evaluation(rows: pa.Table) -> Evaluation:
    told = Told(rows, Severity.HIGH, "house\x1fA\x1fplat", {})
    return evaluation_of([replace(result("A", "fail"), violations=told, violation_count=len(told))], NOW)


def _write(folder: Path, rows: pa.Table, base: Base) -> RunFiles:
    folder.mkdir(parents=True)
    return write_run(_evaluation(rows), (PACK,), SCHEMA.empty_table(), base=base, folder=folder)


def _document(folder: Path, rows: pa.Table) -> None:
    with (folder / RESULTS).open("w", encoding="utf-8") as stream:
        write_evaluation(_evaluation(rows), stream)


def _trusted(file: Path) -> Base:
    """As the keeper does before it holds a run against the file of the one before."""
    digest_state(file.parent)
    return Base("", file)


def _follow(platform: Any, folder: Path, run: RunFiles, day: int) -> dict[str, int]:
    with transaction.atomic():
        actor = keeper(NOW + timedelta(days=day))
        bulk = bulk_for(actor, platform)
        load_run(bulk, run, folder)
        counts = merge_run(bulk)
        basis_of(bulk)
        cover_findings(actor, platform)
        return counts


def _timed(call: Callable[[], Any]) -> tuple[tuple[float, float], Any]:
    started, processor = time.perf_counter(), _processor_seconds()
    found = call()
    return (time.perf_counter() - started, _processor_seconds() - processor), found


def _processor_seconds() -> float:
    """Of this process, and of the database's that works for it."""
    connection.ensure_connection()
    stat = Path(f"/proc/{connection.connection.info.backend_pid}/stat")
    if not stat.is_file():
        return time.process_time()
    # After the name, which may hold anything: the fields 14 and 15 are what it spent.
    user, system = stat.read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
    return time.process_time() + (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _parquet(folder: Path) -> None:
    with duckdb.connect() as duck:
        duck.execute(f"CREATE TABLE t AS FROM '{folder / WHOLE}'")
        copy = f"COPY t TO '{folder / 'again.parquet'}' (FORMAT parquet, COMPRESSION zstd)"
        seconds, _ = _timed(lambda: duck.execute(copy))
    _TIMES["writing the Parquet file"] = seconds


def _objects(platform: Any, scale: int) -> None:
    sample = min(scale, _SAMPLE)
    rows = [
        Finding(
            platform=platform,
            fingerprint=f"{number:032x}",
            control="A",
            severity="high",
            severity_rank=1,
            resource_id=f"r{number}",
            first_seen_at=NOW,
            age_from=NOW,
        )
        for number in range(sample)
    ]
    seconds, _ = _timed(lambda: Finding.objects.bulk_create(rows, batch_size=2_000))
    _TIMES["bulk_create of objects (scaled up)"] = (seconds[0] * scale / sample, seconds[1] * scale / sample)


_TIMES: dict[str, tuple[float, float]] = {}


def measure(scale: int) -> dict[str, tuple[float, float]]:
    """Seconds, and seconds of the processor, by what was done."""
    platform = make_platform()
    first, second = HOME / "first", HOME / "second"
    rows = _rows(scale, changed=False)
    _TIMES["first run: files"], run = _timed(lambda: _write(first, rows, Base()))
    _TIMES["first run: database"], counts = _timed(lambda: _follow(platform, first, run, 0))
    assert counts["new"] == scale, counts
    _parquet(first)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE records_finding")
    changed = _rows(scale, changed=True)
    _TIMES["2 % changed: files"], run = _timed(lambda: _write(second, changed, _trusted(first / RUN)))
    _TIMES["2 % changed: database"], counts = _timed(lambda: _follow(platform, second, run, 1))
    assert counts["new"] == scale // 200, counts
    assert counts["closed"] == len(range(7, scale, 200)), counts
    _TIMES["evaluation.json"], _ = _timed(lambda: _document(second, changed))
    other = _rows(scale, changed=True, every=3)
    _TIMES["a third changed: files, written whole"], run = _timed(
        lambda: _write(HOME / "third", other, _trusted(second / RUN))
    )
    assert run.found >= scale // 3, run.found
    _objects(make_platform("Objects"), scale)
    return _TIMES


def main() -> None:
    """Measure and print ratios to writing the Parquet file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    with contextmanager(keeper_process.__wrapped__)():
        times = measure(given.scale)
        base = times["writing the Parquet file"]
        for what, (seconds, processor) in times.items():
            ratios = f"{seconds / base[0]:8.1f}x {processor / base[1]:8.1f}x"
            print(f"{what:40} {seconds:8.2f} s {processor:8.2f} s of the processor {ratios}")
        if given.out:
            given.out.parent.mkdir(parents=True, exist_ok=True)
            told = json.dumps({"scale": given.scale, "seconds": times}, indent=1)
            given.out.write_text(f"{told}\n", encoding="utf-8")
        shutil.rmtree(HOME / "first")
        shutil.rmtree(HOME / "second")
        shutil.rmtree(HOME / "third")


if __name__ == "__main__":
    main()
