"""Options and types several commands share."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from passmuster.model.words import Severity

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class Moment(click.ParamType[datetime]):
    """A time in RFC 3339, or a date (its start, UTC)."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The aware moment; fails with the mend."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no time; write 2026-12-31T17:00:00Z", param, ctx)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        # Limits reach decades back and forward from here; at the calendar's ends they would fall off it.
        if not _FIRST_YEAR <= aware.year <= _LAST_YEAR:
            self.fail(f"{value!r} is too far away; name a year from {_FIRST_YEAR} to {_LAST_YEAR}", param, ctx)
        return aware


class Amount(click.FloatRange):
    """A number within a range; "nan" is none, though it is neither below nor above."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number; fails with the range."""
        number = float(super().convert(value, param, ctx))
        return self.fail(f"{value!r} is no number", param, ctx) if math.isnan(number) else number


_FIRST_YEAR, _LAST_YEAR = 1970, 9000
FOLDER = click.Path(path_type=Path)

pack_option = click.option(
    "--pack",
    "packs",
    multiple=True,
    metavar="NAME_OR_PATH",
    help="Judge by this pack; may be repeated. [no-code-baseline]",
)
registers_option = click.option(
    "--registers",
    type=FOLDER,
    help="Folder of what people keep: allow_lists.csv, attestations.csv, owners.csv, updates.csv, assurance/*.yaml.",
)
params_option = click.option("--params", type=FOLDER, help="House limits that differ from the pack's params.yaml.")
fail_on_option = click.option(
    "--fail-on", type=click.Choice([str(word) for word in Severity]), help="Exit 1 on a violation this bad or worse."
)
as_of_option = click.option("--as-of", type=Moment(), help="Judge for this instant instead of now.")
url_option = click.option("--url", help="Address of the platform to read.")
from_option = click.option(
    "--from", "path", type=FOLDER, help="An export, or a folder of recorded answers, to read instead."
)
declared_option = click.option("--declared", type=FOLDER, help="Facts no interface gives, with who said so and when.")
name_option = click.option("--name", help="What people call the platform; stands at the top of the report.")
platform_id_option = click.option("--platform-id", help="What to call the platform where the source does not tell.")
policy_option = click.option(
    "--policy",
    default="bod-26-04",
    show_default=True,
    metavar="NAME|PATH",
    help="By which policy; see `passmuster policies list`.",
)
catalogue_option = click.option("--catalogue", type=FOLDER, help="A folder of platforms beside those that ship.")
calendar_option = click.option("--calendar", type=FOLDER, help="Environments, windows, freezes, people (YAML).")


def store_option(*, required: bool = False) -> Decorator:
    """Where the advisories are."""
    return click.option(
        "--store", type=FOLDER, required=required, help="Advisories that `passmuster intel import` gathered."
    )
