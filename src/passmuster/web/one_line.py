"""What is told in the log in one line."""

from __future__ import annotations

import logging


class OneLine(logging.Formatter):
    """The message alone: it comes from outside, and where in the program it was met tells nobody anything."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, without the trace and the advice for programmers."""
        return " ".join(record.getMessage().split()).partition(". You may need")[0]
