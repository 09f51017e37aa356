"""The picture of a plan: a row an environment, time to the right, laid out here, drawn by the template."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from passmuster.model.schedule import Freeze, Job, Placement, Plan, Problem, Span, Window
from passmuster.report.html.plan_rows import ordered_environments
from passmuster.report.text import counted, day_and_time, one_line

LEFT, RIGHT, TOP = 150, 10, 34
ROW_HEIGHT, TRACK_TOP, TRACK_HEIGHT = 66, 18, 28
MOST_ROWS = 40
_MOST_ARROWS = 300
_WEEK_WIDTH, _LEAST_WIDTH, _MOST_WIDTH = 57, 684, 3_200
_LEAST_BOX = 7.0
_LEAST_ROOM, _TICK_WIDTH, _TICK_HEIGHT = 16.0, 2.0, 8.0
_CHARACTER = 6.4
_LABEL_CHARACTERS = 24
_MOST_WEEK_LABELS = 16
_LABEL_ROOM = 36
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Box:
    """A span of time in a row; `title` is read out and shown on hover."""

    x: float
    width: float
    y: float
    height: float
    title: str
    is_hot: bool = False


@dataclass(frozen=True)
class Label:
    """Text at a place."""

    x: float
    y: float
    text: str
    is_hot: bool = False


@dataclass(frozen=True)
class Mark:
    """A deadline: where its point is, and what it is of."""

    x: float
    y: float
    title: str
    is_hot: bool = False


@dataclass(frozen=True)
class Row:
    """One environment."""

    name: str
    y: float
    freezes: tuple[Box, ...]
    windows: tuple[Box, ...]
    ticks: tuple[Box, ...]
    """Windows that hold no work, where they follow one another too closely to be drawn as boxes."""
    work: tuple[Box, ...]
    vendor: tuple[Box, ...]
    labels: tuple[Label, ...]
    deadlines: tuple[Mark, ...]


@dataclass(frozen=True)
class Timeline:
    """The whole picture, in pixels of the drawing; time begins at `left`. `rest` environments are not shown."""

    left: int
    width: int
    height: int
    rows: tuple[Row, ...]
    weeks: tuple[Label, ...]
    arrows: tuple[str, ...]
    rest: int
    text: str


@dataclass(frozen=True)
class _Scale:
    horizon: Span
    width: float

    def x(self, moment: datetime) -> float:
        share = (moment - self.horizon.start) / (self.horizon.end - self.horizon.start)
        return round(LEFT + min(1.0, max(0.0, share)) * self.width, 1)

    def box(self, span: Span) -> tuple[float, float]:
        """Left edge and width, never too thin to see, never past the right edge."""
        left, right = self.x(span.start), self.x(span.end)
        width = max(_LEAST_BOX, right - left)
        return round(min(left, LEFT + self.width - width), 1), round(width, 1)


@dataclass(frozen=True)
class _Placed:
    job: Job
    placement: Placement
    window: Window


def draw_timeline(problem: Problem, plan: Plan) -> Timeline:
    """The picture of the plan; environments beyond 40 are told in `rest`, those with most work are kept."""
    scale = _Scale(problem.horizon, _plot_width(problem.horizon))
    names = ordered_environments(problem)
    shown = _shown(names, problem)
    placed = list(_placed(problem, plan))
    rows = tuple(
        _row(name, TOP + number * ROW_HEIGHT, (problem, plan), placed, scale) for number, name in enumerate(shown)
    )
    return Timeline(
        left=LEFT,
        width=int(LEFT + scale.width + RIGHT),
        height=TOP + len(shown) * ROW_HEIGHT + 6,
        rows=rows,
        weeks=tuple(_weeks(scale)),
        arrows=tuple(_arrows(placed, {row.name: row.y for row in rows}, scale))[:_MOST_ARROWS],
        rest=len(names) - len(shown),
        text=_told(problem, plan, placed),
    )


def _plot_width(horizon: Span) -> float:
    weeks = (horizon.end - horizon.start) / _WEEK
    return float(round(min(_MOST_WIDTH, max(_LEAST_WIDTH, weeks * _WEEK_WIDTH))))


def _shown(names: Sequence[str], problem: Problem) -> list[str]:
    if len(names) <= MOST_ROWS:
        return list(names)
    jobs = {name: sum(job.environment == name for job in problem.jobs) for name in names}
    kept = set(sorted(names, key=lambda name: (-jobs[name], name))[:MOST_ROWS])
    return [name for name in names if name in kept]


def _placed(problem: Problem, plan: Plan) -> Iterator[_Placed]:
    jobs = {job.id: job for job in problem.jobs}
    windows = {window.id: window for window in problem.windows}
    for placement in plan.placements:
        if placement.window is not None:
            yield _Placed(jobs[placement.job], placement, windows[placement.window])


def _row(name: str, y: float, whole: tuple[Problem, Plan], placed: Sequence[_Placed], scale: _Scale) -> Row:
    problem, plan = whole
    late = {placement.job for placement in plan.placements if placement.late_days > 0}
    late |= {entry.job for entry in plan.unplaced}
    windows = [window for window in problem.windows if window.environment == name]
    freezes = [freeze for freeze in problem.freezes if not freeze.environments or name in freeze.environments]
    jobs = [job for job in problem.jobs if job.environment == name]
    here = [each for each in placed if each.job.environment == name]
    top = y + TRACK_TOP
    shown = [window for window in windows if window.span.overlaps(problem.horizon)]
    used = {each.window.id for each in here} if _is_crowded(shown, scale) else {window.id for window in shown}
    return Row(
        name=name,
        y=y,
        freezes=tuple(_freeze(each, top, scale) for each in freezes if each.span.overlaps(problem.horizon)),
        windows=tuple(_window(each, top, scale) for each in shown if each.id in used),
        ticks=tuple(_tick(each, top, scale) for each in shown if each.id not in used),
        work=tuple(_work(here, top, scale)),
        vendor=tuple(_vendor(job, top, scale) for job in jobs if job.vendor is not None),
        labels=tuple(_labels(here, y, scale)),
        deadlines=tuple(
            _deadline(job, job.due_at, y, scale, is_hot=job.id in late)
            for job in jobs
            if job.due_at is not None and problem.horizon.start <= job.due_at <= problem.horizon.end
        ),
    )


def _freeze(freeze: Freeze, top: float, scale: _Scale) -> Box:
    x, width = scale.box(freeze.span)
    return Box(x, width, top, TRACK_HEIGHT, f"Freeze {freeze.name}: {_spell(freeze.span)}")


def _window(window: Window, top: float, scale: _Scale) -> Box:
    x, width = scale.box(window.span)
    return Box(x, width, top, TRACK_HEIGHT, f"Window, {counted(window.minutes, 'minute')}: {_spell(window.span)}")


def _is_crowded(windows: Sequence[Window], scale: _Scale) -> bool:
    starts = sorted(scale.x(window.span.start) for window in windows)
    return len(starts) > 1 and (starts[-1] - starts[0]) / (len(starts) - 1) < _LEAST_ROOM


def _tick(window: Window, top: float, scale: _Scale) -> Box:
    x = scale.x(window.span.start)
    told = f"Window, {counted(window.minutes, 'minute')}: {_spell(window.span)}"
    return Box(x, _TICK_WIDTH, top + TRACK_HEIGHT - _TICK_HEIGHT, _TICK_HEIGHT, told)


def _vendor(job: Job, top: float, scale: _Scale) -> Box:
    span = job.vendor or scale.horizon
    x, width = scale.box(span)
    return Box(x, width, top + 5, TRACK_HEIGHT - 10, f"The vendor: {job.patch or job.id}: {_spell(span)}")


def _by_window(placed: Sequence[_Placed]) -> list[list[_Placed]]:
    groups: dict[str, list[_Placed]] = {}
    for each in placed:
        groups.setdefault(each.window.id, []).append(each)
    return sorted(groups.values(), key=lambda group: group[0].window.span.start)


def _work(placed: Sequence[_Placed], top: float, scale: _Scale) -> Iterator[Box]:
    """The work of each window as a filling as high as the share of its minutes that is used."""
    for group in _by_window(placed):
        window = group[0].window
        x, width = scale.box(window.span)
        used = sum(each.job.minutes for each in group)
        height = round(max(5.0, min(1.0, used / max(1, window.minutes)) * TRACK_HEIGHT), 1)
        names = ", ".join(_name(each) for each in group[:12]) + (f" and {len(group) - 12} more" if group[12:] else "")
        title = f"{names}: {counted(used, 'minute')} of {window.minutes:,}; {_spell(window.span)}"
        is_hot = any(each.placement.late_days > 0 for each in group)
        yield Box(x, width, round(top + TRACK_HEIGHT - height, 1), height, title, is_hot)


def _name(placed: _Placed) -> str:
    late = placed.placement.late_days
    name = one_line(placed.job.patch or placed.job.id)
    return f"{name} ({late:.1f} days late)" if late > 0 else name


def _labels(placed: Sequence[_Placed], y: float, scale: _Scale) -> Iterator[Label]:
    """Names above the work, as far as they have room before the next one."""
    groups = _by_window(placed)
    lefts = [scale.box(group[0].window.span)[0] for group in groups]
    for number, (group, left) in enumerate(zip(groups, lefts, strict=True)):
        end = lefts[number + 1] - 6 if number + 1 < len(groups) else LEFT + scale.width + RIGHT
        name = one_line(group[0].job.patch or group[0].job.id) if len(group) == 1 else counted(len(group), "job")
        room = min(_LABEL_CHARACTERS, int((end - left) / _CHARACTER))
        is_hot = any(each.placement.late_days > 0 for each in group)
        name += ", late" if is_hot else ""
        text = name if len(name) <= room else f"{name[: room - 1].rstrip()}…"
        if room >= min(4, len(name)):
            yield Label(left, y + TRACK_TOP - 5, text, is_hot)


def _deadline(job: Job, due_at: datetime, y: float, scale: _Scale, *, is_hot: bool) -> Mark:
    title = f"Due: {one_line(job.patch or job.id)}: {day_and_time(due_at)}" + (" (not met)" if is_hot else "")
    return Mark(scale.x(due_at), y + TRACK_TOP + TRACK_HEIGHT + 3, title, is_hot)


def _arrows(placed: Sequence[_Placed], tops: dict[str, float], scale: _Scale) -> Iterator[str]:
    """From the end of each window that soaks to the window that waits for it; equal ones once."""
    found = {each.job.id: each for each in placed}
    seen = set()
    for each in placed:
        for link in each.job.after:
            before = found.get(link.job)
            if before is None or before.job.environment not in tops or each.job.environment not in tops:
                continue
            key = before.window.id, each.window.id
            if key not in seen:
                seen.add(key)
                yield _arrow(before, each, tops, scale)


def _arrow(before: _Placed, after: _Placed, tops: dict[str, float], scale: _Scale) -> str:
    x1, width = scale.box(before.window.span)
    x1 += width
    x2, _ = scale.box(after.window.span)
    y1, y2 = (tops[each.job.environment] + TRACK_TOP + TRACK_HEIGHT / 2 for each in (before, after))
    bend = max(14.0, (x2 - x1) / 2)
    return f"M{x1:g} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2 - 1:g} {y2:g}"


def _weeks(scale: _Scale) -> Iterator[Label]:
    """A line each Monday; of many weeks only some are named."""
    first = scale.horizon.start
    monday = (first - timedelta(days=first.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    mondays = []
    while monday < scale.horizon.end:
        if monday >= first:
            mondays.append(monday)
        monday += _WEEK
    every = -(-len(mondays) // (_MOST_WEEK_LABELS * max(1, int(scale.width) // 800))) or 1
    for number, each in enumerate(mondays):
        x = scale.x(each)
        is_named = number % every == 0 and x < LEFT + scale.width - _LABEL_ROOM
        yield Label(x, TOP - 14, f"{each.day} {each:%b}" if is_named else "")


def _spell(span: Span) -> str:
    return f"{day_and_time(span.start).removesuffix(' UTC')} to {day_and_time(span.end)}"


def _told(problem: Problem, plan: Plan, placed: Sequence[_Placed]) -> str:
    windows = {each.window.id for each in placed}
    late = sum(placement.late_days > 0 for placement in plan.placements)
    return (
        f"{counted(len(plan.placements), 'job')} of {len(problem.jobs):,} placed, {len(placed):,} of them in "
        f"{counted(len(windows), 'window')} of ours; {late:,} late, {len(plan.unplaced):,} without a window."
    )
