"""What somebody at the keeper's own machine does in a shell."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from django.db import connection
from psycopg.conninfo import make_conninfo


def audit_verify(home: Path) -> str:
    """What `passmuster audit verify` says of this keeper; fails where the record does not hold."""
    told = connection.settings_dict
    names = {"dbname": "NAME", "host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    address = make_conninfo(**{name: told[key] for name, key in names.items() if told.get(key)})
    environment = {**os.environ, "PASSMUSTER_HOME": str(home), "PASSMUSTER_DATABASE_URL": address}
    command = [sys.executable, "-m", "passmuster.cli.main", "audit", "verify"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
