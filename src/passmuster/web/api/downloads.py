"""Bytes as an answer: always to be kept, never shown."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

BYTES = "application/octet-stream"
A = TypeVar("A", bound=HttpResponseBase)


def download(path: Path, name: str) -> FileResponse:
    """The file under that name; it may be removed once this returns."""
    return as_download(FileResponse(path.open("rb"), content_type=BYTES), name)


def as_download(answer: A, name: str) -> A:
    """The answer as plain bytes that no browser opens by itself."""
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer
