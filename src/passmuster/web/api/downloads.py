"""Bytes as an answer: always to be kept, never shown."""

from __future__ import annotations

from pathlib import Path

from django.http import FileResponse


def download(path: Path, name: str) -> FileResponse:
    """The file under that name, whatever it holds as plain bytes that no browser opens by itself."""
    answer = FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="application/octet-stream")
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer
