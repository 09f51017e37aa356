"""The entry: almost nothing is imported before Ctrl-C is understood."""

from __future__ import annotations

import sys

_INTERRUPTED = 130


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        from passmuster.cli.command_line import run  # noqa: PLC0415 - importing takes long enough to be interrupted

        code = run()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; nothing half-written was left\n")
        code = _INTERRUPTED
    sys.exit(code)


if __name__ == "__main__":
    main()
