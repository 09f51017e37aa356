"""Opening the keeper's records from the command line."""

from __future__ import annotations


def open_keeper(*, is_ready_needed: bool = True) -> None:
    """Start or join the database and make the records usable; raises UsageError with what to do where they are not."""
    from passmuster.records.database import set_up_django  # noqa: PLC0415 - only keepers pay for it

    set_up_django()
    if is_ready_needed:
        from passmuster.application.readiness import require_ready  # noqa: PLC0415

        require_ready()
