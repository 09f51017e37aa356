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
def all_uploaded(request: HttpRequest, field: str, *endings: str) -> Iterator[list[tuple[str, Path]]]:
    """All files of that field with their names, as paths that last as long as this; together as large as one may be.

    Raises UsageError with everything that is wrong with them.
    """
    files = [file for file in request.FILES.getlist(field) if isinstance(file, UploadedFile)]
    if not files:
        raise UsageError("choose a file first")
    complaints = [
        f"{file.name}: hand over files that end with {' or '.join(endings)}"
        for file in files
        if Path(file.name or "").suffix.lower() not in endings
    ]
    if sum(file.size or 0 for file in files) > MOST_BYTES:
        complaints.append(f"the files are larger than {MOST_BYTES // 2**20} MiB together; split them")
    if complaints:
        raise UsageError("\n".join(complaints))
    with tempfile.TemporaryDirectory(prefix="passmuster-") as folder:
        kept = []
        for number, file in enumerate(files):
            name = Path(file.name or "").name
            path = Path(folder) / f"{number}{Path(name).suffix.lower()}"
            with path.open("wb") as out:
                out.writelines(file.chunks())
            kept.append((name, path))
        yield kept


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
