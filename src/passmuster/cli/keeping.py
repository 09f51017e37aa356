"""Opening the keeper's records from the command line."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from passmuster.application.access import Actor


def open_keeper(*, is_ready_needed: bool = True) -> None:
    """Start or join the database and make the records usable; raises UsageError with what to do where they are not."""
    from passmuster.records.database import set_up_django  # noqa: PLC0415 - only keepers pay for it

    set_up_django()
    if is_ready_needed:
        from passmuster.application.readiness import require_ready  # noqa: PLC0415

        require_ready()


def command_actor() -> Actor:
    """Whoever may open the keeper's database on its host can do what an administrator can; the record names them."""
    from passmuster.application.access import Actor  # noqa: PLC0415
    from passmuster.model.keeping import DutyRole  # noqa: PLC0415

    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "somebody"
    duties = frozenset({(DutyRole.ADMINISTRATOR, None)})
    return Actor(name=f"{name} on the host", by="command", now=datetime.now(UTC), duties=duties)
