"""Files people send in: bounded, under a name of ours, gone afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from passmuster.errors import UnreadableInput, UsageError

MOST_BYTES = 10 * 2**20


@contextmanager
def uploaded(request: HttpRequest, field: str, *endings: str) -> Iterator[Path]:
    """The file of that field as a path that lasts as long as this; raises UsageError where it is none or too large.

    Complaints of whoever reads it name the file as the person did, never the path.
    """
    file = request.FILES.get(field)
    if not isinstance(file, UploadedFile):
        raise UsageError("choose a file first")
    ending = Path(file.name or "").suffix.lower()
    if ending not in endings:
        raise UsageError(f"hand over a file that ends with {' or '.join(endings)}")
    if (file.size or 0) > MOST_BYTES:
        raise UsageError(f"the file is larger than {MOST_BYTES // 2**20} MiB; split it")
    with tempfile.TemporaryDirectory(prefix="passmuster-") as folder:
        path = Path(folder) / f"upload{ending}"
        with path.open("wb") as out:
            for chunk in file.chunks():
                out.write(chunk)
        try:
            yield path
        except UnreadableInput as error:
            raise UnreadableInput(str(error).replace(f"{folder}/", "")) from None
