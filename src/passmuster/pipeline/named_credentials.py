"""Credentials by name: the keeper knows the names of variables, files and commands, never a value."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping

from passmuster.errors import UsageError

_LONGEST_S = 30
_MOST_CHARACTERS = 64 * 1024


def resolve_credentials(named: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """The environment a connector reads: `environ`, with each variable taken from where its name says.

    A name is `env:NAME`, `file:PATH` (readable by its owner alone) or `command:PROGRAM ARGUMENTS`; which
    of them may be named is checked where they are set. Raises UsageError that names every one that does not work.
    """
    found, complaints = dict(environ), []
    for variable, name in named.items():
        kind, _, rest = name.partition(":")
        try:
            if kind == "file" and rest:
                found[f"{variable}_FILE"] = rest
                found.pop(variable, None)
            elif kind == "command" and rest:
                found[variable] = _run(rest)
            elif kind == "env" and rest:
                found[variable] = environ[rest]
                found.pop(f"{variable}_FILE", None)
            else:
                complaints.append(f"{variable}: name where it is found, as env:NAME, file:PATH or command:WORDS")
        except KeyError:
            complaints.append(f"{variable}: the environment of the keeper has no {rest}; set it and start again")
        except UsageError as error:
            complaints.append(f"{variable}: {error}")
    if complaints:
        raise UsageError("\n".join(complaints))
    return found


def _run(command: str) -> str:
    try:
        parts = shlex.split(command)
        done = subprocess.run(parts, capture_output=True, text=True, timeout=_LONGEST_S, check=False)  # noqa: S603
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"the secrets command does not run ({type(error).__name__}); check it by hand") from None
    if done.returncode != 0 or not done.stdout.strip() or len(done.stdout) > _MOST_CHARACTERS:
        raise UsageError(f"the secrets command gave no secret (exit {done.returncode}); check it by hand")
    return done.stdout.strip()
