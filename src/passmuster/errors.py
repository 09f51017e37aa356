"""Every error a user may see. Each class's docstring is the promise, `str(error)` the message."""

from __future__ import annotations

from collections.abc import Sequence


class PassmusterError(Exception):
    """Something the user can understand and mend; never shown with a traceback."""

    exit_code = 2


class UsageError(PassmusterError):
    """The command was called in a way that cannot work."""


class NotReady(UsageError):
    """What it is about is not at that point of its life: not yet (a gate is open), or no more (decided, sealed)."""


class UnreadableInput(PassmusterError):
    """A file or folder is missing, truncated, malformed, too large or of the wrong kind."""


class PackErrors(PassmusterError):
    """A control pack has mistakes; all of them are told at once."""

    def __init__(self, where: str, complaints: Sequence[str]) -> None:
        self.complaints = list(complaints)
        lines = "\n".join(f"  - {complaint}" for complaint in self.complaints)
        super().__init__(f"{where}: {len(self.complaints)} mistake(s)\n{lines}")


class AlteredSnapshot(PassmusterError):
    """A snapshot is not what its collector wrote: a digest does not hold."""


class OutputRefused(PassmusterError):
    """The place to write to exists and is not empty, or cannot be written."""


class IncompleteRead(PassmusterError):
    """Something could not be looked at, and what was asked for would claim more than is known."""

    exit_code = 3


class StoreFailed(PassmusterError):
    """A store elsewhere did not answer, or refused; what was to be written is not there, or there whole."""

    exit_code = 3


class InternalFault(PassmusterError):
    """A fault of ours, not of the user's."""

    exit_code = 4
