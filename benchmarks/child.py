"""One entrant in a process of its own: prepares, runs, prints one JSON line after every run."""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from pathlib import Path

from benchmarks.works import WORKS


def main(work: str, entrant: str, folder: str, scale: str, repeats: str) -> None:
    """Print `{seconds, answer, megabytes}` a run; the parent stops the process where it takes too long."""
    chosen = next(each for each in WORKS[work].entrants if each.name == entrant)
    run = None
    for _ in range(int(repeats)):
        if run is None or chosen.is_fresh:
            run = None
            gc.collect()
            run = chosen.prepare(Path(folder), int(scale))
        print(json.dumps({"ready": True}), flush=True)
        start = time.perf_counter()
        answer = run()
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(json.dumps({"seconds": seconds, "answer": answer, "megabytes": peak}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
