"""What the vendor's jobs collide with: the vendor does not ask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from passmuster.model.schedule import Binds, Conflict, JobMode, Placement, Problem, Span, Window

_INSTANT = timedelta(microseconds=1)


def find_conflicts(problem: Problem, placements: Sequence[Placement]) -> Iterator[Conflict]:
    """Freezes that bind vendors, and our changes in the same environment, within the span in which a vendor may act."""
    windows = {window.id: window for window in problem.windows}
    ours = _by_environment(problem, placements, windows)
    for job in problem.jobs:
        if job.mode is JobMode.OURS or job.vendor is None:
            continue
        # The vendor may act at the very end of its span, which may be one instant long.
        span = Span(job.vendor.start, max(job.vendor.end, job.vendor.start + _INSTANT))
        for index, freeze in enumerate(problem.freezes):
            binds = freeze.binds in (Binds.VENDOR, Binds.BOTH)
            if (
                binds
                and span.overlaps(freeze.span)
                and (job.environment in freeze.environments or not freeze.environments)
            ):
                name = freeze.name or f"freezes.{index}"
                yield Conflict(job.id, "freeze", name, f"the vendor may act from {_spell(span)}, during {name}")
        for other, window in ours.get(job.environment, ()):
            if span.overlaps(window.span):
                reason = (
                    f"the vendor may act from {_spell(span)}; {other} changes {job.environment} in window {window.id}"
                )
                yield Conflict(job.id, "job", other, reason)


def _by_environment(
    problem: Problem, placements: Sequence[Placement], windows: dict[str, Window]
) -> dict[str, list[tuple[str, Window]]]:
    environment = {job.id: job.environment for job in problem.jobs}
    found: dict[str, list[tuple[str, Window]]] = {}
    for placement in placements:
        if placement.window is not None:
            found.setdefault(environment[placement.job], []).append((placement.job, windows[placement.window]))
    return found


def _spell(span: Span) -> str:
    return f"{span.start:%Y-%m-%d %H:%M} to {span.end:%Y-%m-%d %H:%M} UTC"
