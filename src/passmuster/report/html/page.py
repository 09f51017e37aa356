"""Renders the templates into one file, with a content security policy that allows exactly its own style and script."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib import resources
from typing import Any, TextIO

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from passmuster.model.report import FleetReport, PatchReport, Provenance, ReviewReport
from passmuster.model.schedule import Plan, Problem
from passmuster.report.html.cells import cell_text
from passmuster.report.html.fleet_view import fleet_view
from passmuster.report.html.patches_view import patches_view
from passmuster.report.html.plan_view import counted_weeks, first_and_last, plan_view
from passmuster.report.html.review_view import review_view
from passmuster.report.text import clean, counted, day, day_and_time, one_line, shorten

_CHUNK_EVENTS = 64
_TICKS = re.compile("`([^`]+)`")


def write_review(report: ReviewReport, out: TextIO) -> None:
    """The report of one platform as one HTML file. `out` must be UTF-8."""
    _write("review.html.j2", review_view(report), out)


def write_fleet(fleet: FleetReport, out: TextIO) -> None:
    """The report of many platforms as one HTML file. `out` must be UTF-8."""
    _write("fleet.html.j2", fleet_view(fleet), out)


def write_plan(problem: Problem, plan: Plan, out: TextIO, *, provenance: Provenance) -> None:
    """A patch plan as one HTML file. `out` must be UTF-8."""
    first, last = first_and_last(problem.horizon)
    head = {"first": first, "last": last, "weeks": counted_weeks(problem.horizon)}
    made = {"version": provenance.passmuster_version, "made_at": provenance.generated_at}
    _write("plan.html.j2", {**plan_view(problem, plan), **head, **made}, out)


def write_patches(report: PatchReport, out: TextIO, *, provenance: Provenance) -> None:
    """Decisions, and the plan where there is one, as one HTML file. `out` must be UTF-8."""
    made = {"version": provenance.passmuster_version, "made_at": provenance.generated_at}
    _write("patches.html.j2", {**patches_view(report), **made}, out)


def _write(template: str, view: dict[str, Any], out: TextIO) -> None:
    style, script = _package_file("style.css"), _package_file("report.js")
    page = {"style": Markup(style), "script": Markup(script), "policy": _policy(style, script)}  # noqa: S704  our files
    stream = _environment().get_template(template).stream(**view, **page)
    stream.enable_buffering(_CHUNK_EVENTS)
    for chunk in stream:
        out.write(chunk)


def _policy(style: str, script: str) -> str:
    parts = (
        "default-src 'none'",
        f"style-src '{_source_hash(style)}'",
        f"script-src '{_source_hash(script)}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    )
    return "; ".join(parts)


def _source_hash(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


@cache
def _package_file(name: str) -> str:
    return resources.files("passmuster.report.html").joinpath("templates", name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("passmuster.report.html", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=_without_controls,
    )
    environment.filters.update(
        cell=cell_text,
        day=day,
        when=day_and_time,
        short=_short,
        short_line=_short_line,
        many=counted,
        sentence=_sentence,
        ticks=_ticks,
    )
    return environment


def _without_controls(value: Any) -> Any:
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _short(text: str, limit: int = 240) -> str:
    return shorten(text, limit)


def _short_line(text: str, limit: int) -> str:
    line = one_line(text)
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _ticks(text: str) -> Markup:
    """The text with what stands in backticks as code."""
    return Markup(_TICKS.sub(r"<code>\1</code>", str(escape(clean(text)))))  # noqa: S704  (escaped before)
