"""Run a command with its tests on a server of that version: `python -m tests.on_postgres 15 pytest tests/records`."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.records.servers import is_installed, postgres


def main(version: int, command: list[str]) -> int:
    """The command's exit code; the server is there while it runs."""
    if not is_installed(version):
        print(f"PostgreSQL {version} is not installed here (Debian: postgresql-{version})", file=sys.stderr)
        return 2
    with postgres(version) as url:
        environ = {**os.environ, "PASSMUSTER_TEST_DATABASE_URL": url}
        return subprocess.run(command, env=environ, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
