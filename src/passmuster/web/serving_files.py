"""Files people handed in, sent back: to be saved, never shown in place."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
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


def written(name: str, write: Callable[[Path], object]) -> HttpResponse:
    """What `write` writes, as a download; the file is gone once it was read."""
    with tempfile.TemporaryDirectory(prefix="passmuster-") as folder:
        path = Path(folder) / name
        write(path)
        # The open file outlives its folder.
        return as_download(path, name)
