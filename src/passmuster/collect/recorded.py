"""Answers from a folder: one JSON file each (`request`, `status`, `headers`, `body`), found by name."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from passmuster.collect.answers import Answer, Request
from passmuster.documents.json_file import read_json
from passmuster.errors import UnreadableInput

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")


class RecordedAnswers:
    """Answers that somebody recorded. A missing or malformed file is told in the answer."""

    def __init__(self, folder: Path, *, progress: Callable[[str], None] = lambda _text: None) -> None:
        """Look at what is recorded in `folder`; raises UnreadableInput if it is none."""
        if not folder.is_dir():
            raise UnreadableInput(f"{folder}: is not a folder; name the folder that holds the recorded answers")
        self.folder = folder
        self._progress = progress
        try:
            self._files = {path.stem: path for path in sorted(folder.glob("*.json")) if path.is_file()}
        except OSError as error:
            raise UnreadableInput(f"{folder}: cannot be listed: {error.strerror}") from None

    @property
    def names(self) -> tuple[str, ...]:
        """The names that are recorded, sorted."""
        return tuple(self._files)

    def has(self, name: str) -> bool:
        """Whether there is a file of that name, or its first page."""
        return self._path(name) is not None

    def ask(self, request: Request) -> Answer:
        """The recorded answer to the request of that name."""
        path = self._path(request.name)
        if path is None:
            return Answer(None, problem=f"{self.folder.name}/{request.name}.json is not there")
        self._progress(f"reading {path.name}")
        try:
            return _read(read_json(path), f"{self.folder.name}/{path.name}")
        except UnreadableInput as error:
            # The folder's own name is enough; where it lies on this machine is nobody's business.
            return Answer(None, problem=str(error).replace(str(path), f"{self.folder.name}/{path.name}"))

    def _path(self, name: str) -> Path | None:
        if not _NAME.fullmatch(name):
            return None
        return self._files.get(name) or self._files.get(f"{name}_page1")


def source_sha256(folder: Path) -> str:
    """One digest over the names and contents of all recorded answers of a folder; empty where there is none."""
    digest, count = hashlib.sha256(), 0
    for path in sorted(folder.glob("*.json")):
        try:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError:
            content = "unreadable"
        digest.update(f"{path.name}\0{content}\n".encode())
        count += 1
    return digest.hexdigest() if count else ""


def _read(document: Any, where: str) -> Answer:
    if not isinstance(document, dict):
        return Answer(None, problem=f"{where}: must hold an object with `status` and `body`")
    if "body" not in document and "status" not in document:
        return Answer(None, problem=f"{where}: has neither `status` nor `body`; record the whole answer")
    status = document.get("status", 200)
    if isinstance(status, bool) or not isinstance(status, int) or not 100 <= status <= 599:
        return Answer(None, problem=f"{where}: `status` is {status!r:.40}, not an HTTP status")
    headers = document.get("headers")
    kept = {str(name).lower(): str(value) for name, value in headers.items()} if isinstance(headers, dict) else {}
    kept.pop("set-cookie", None)
    return Answer(status, document.get("body"), kept)
