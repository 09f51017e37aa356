"""Files people handed in, sent back: to be saved, never shown in place."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from django.http import FileResponse, HttpResponse


def as_download(path: Path, name: str) -> HttpResponse:
    """The bytes under that name; whatever is in them runs nowhere."""
    answer = FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="application/octet-stream")
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    # A streamed answer is served like any other, whatever its class.
    return cast(HttpResponse, answer)
