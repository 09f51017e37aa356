"""Where a platform's credentials come from: names of variables, files and commands, never a value."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path

from passmuster.errors import UsageError
from passmuster.records.home import home_of

PREFIX = "PASSMUSTER_CREDENTIAL_"
FOLDER = "PASSMUSTER_CREDENTIALS_DIR"
COMMAND = "PASSMUSTER_SECRETS_COMMAND"
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{1,99}")
_REFERENCE = re.compile(r"[A-Za-z0-9_./:@=-]{1,300}")


def require_credential_places(environ: Mapping[str, str]) -> None:
    """Raise UsageError where the folder or the command that may be named cannot be used; runs nothing."""
    complaints: list[str] = []
    folder = environ.get(FOLDER, "").strip()
    if folder and not (Path(folder).is_absolute() and Path(folder).is_dir() and os.access(folder, os.R_OK | os.X_OK)):
        complaints.append(f"{FOLDER}: {folder} is no folder that can be read; write its full path")
    try:
        words = shlex.split(environ.get(COMMAND, ""))
    except ValueError:
        complaints.append(f"{COMMAND}: its quotes do not match")
    else:
        if words and shutil.which(words[0], path=environ.get("PATH")) is None:
            complaints.append(f"{COMMAND}: there is no program {words[0]}")
    if complaints:
        raise UsageError("; ".join(complaints))


def check_credential_names(named: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """The names as they are kept; raises UsageError with all that is wrong, repeating nothing that may be a secret.

    What is named is limited by the environment of the keeper: pages must not reach other variables, files or programs
    of the host. `env:PASSMUSTER_CREDENTIAL_...`; `file:` in PASSMUSTER_CREDENTIALS_DIR; `command:` the words of
    PASSMUSTER_SECRETS_COMMAND and what to ask it for.
    """
    complaints: list[str] = []
    for variable, source in named.items():
        if not _VARIABLE.fullmatch(variable):
            complaints.append("a connector's variable is written in capitals, like N8N_API_KEY")
            continue
        if found := _complaint(source, environ):
            complaints.append(f"{variable}: {found}")
    if complaints:
        raise UsageError("; ".join(complaints))
    return dict(named)


def _complaint(source: str, environ: Mapping[str, str]) -> str:
    kind, _, rest = source.partition(":")
    if kind == "env":
        is_fine = rest.startswith(PREFIX) and _VARIABLE.fullmatch(rest)
        return "" if is_fine else f"only variables that begin with {PREFIX} can be named"
    if kind == "file":
        return _file_complaint(rest, environ)
    if kind == "command":
        return _command_complaint(rest, environ)
    return "name where it is found, as env:NAME, file:PATH or command:WORDS; the secret itself is never kept"


def _file_complaint(path: str, environ: Mapping[str, str]) -> str:
    folder = Path(environ.get(FOLDER) or home_of(environ) / "credentials").absolute()
    named = Path(path)
    if not named.is_absolute() or ".." in named.parts or not named.is_relative_to(folder):
        return f"only files in the folder {FOLDER} names (now {folder}) can be named, with their full path"
    return ""


def _command_complaint(text: str, environ: Mapping[str, str]) -> str:
    allowed = shlex.split(environ.get(COMMAND, ""))
    if not allowed:
        return f"no secrets command is set up; whoever runs the keeper sets {COMMAND}"
    try:
        words = shlex.split(text)
    except ValueError:
        return "the command's quotes do not match"
    asked = words[len(allowed) :]
    if words[: len(allowed)] != allowed or len(asked) != 1:
        return f"a command is the words of {COMMAND} and one word for what to ask it for"
    if asked[0].startswith("-") or not _REFERENCE.fullmatch(asked[0]):
        return "what the command is asked for is letters, digits and ./:@=_- and does not begin with -"
    return ""
