"""Opening the keeper's records from the command line."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from passmuster.errors import UsageError

if TYPE_CHECKING:
    from passmuster.application.access import Actor


def open_keeper(*, is_ready_needed: bool = True) -> None:
    """Start or join the database and make the records usable; raises UsageError with what to do where they are not."""
    from passmuster.records.database import set_up_django  # noqa: PLC0415 - only keepers pay for it

    set_up_django()
    from passmuster.application.readiness import require_reachable, require_ready  # noqa: PLC0415
    from passmuster.application.storage.file_stores import require_stores  # noqa: PLC0415

    require_stores(os.environ)
    if is_ready_needed:
        require_ready()
    else:
        require_reachable()


def require_settings() -> None:
    """Tell what of the environment does nothing; raises UsageError with every setting that is wrong."""
    from passmuster.application.settings_check import check_settings  # noqa: PLC0415 - only keepers pay for it

    found = check_settings(os.environ)
    for note in found.notes:
        click.echo(f"passmuster: {note}", err=True)
    if found.complaints:
        lines = "".join(f"\n  - {complaint}" for complaint in found.complaints)
        raise UsageError(f"{len(found.complaints)} setting(s) wrong{lines}")


def at_this_machine() -> Actor:
    """Whoever may run commands on this machine, as an administrator; needs an open keeper."""
    from passmuster.application.access import Actor  # noqa: PLC0415
    from passmuster.model.keeping import DutyRole  # noqa: PLC0415

    return Actor("command line", "command", datetime.now(UTC), duties=frozenset({(DutyRole.ADMINISTRATOR, None)}))
