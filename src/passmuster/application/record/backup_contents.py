"""What a backup must hold: the file of every piece of evidence, and all files of every sealed review."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from passmuster.application.storage.file_stores import files_bucket, local_files
from passmuster.model.keeping import ReviewStatus
from passmuster.records.archive import FILES
from passmuster.records.home import home_of
from passmuster.records.models import Evidence, Review

_MOST_TOLD = 20


@dataclass(frozen=True)
class Wanted:
    """A file the record speaks of: what it is in words, its name in a backup, its SHA-256."""

    what: str
    name: str
    sha256: str


def files_of_record() -> Iterator[Wanted]:
    """Every file that evidence and sealed reviews have in the home; those in a bucket are no part of a backup."""
    is_here = files_bucket(os.environ) is None
    if is_here:
        for number, digest in Evidence.objects.order_by("pk").values_list("pk", "sha256").iterator():
            yield Wanted(f"the file of evidence {number}", _kept_name(digest), digest)
    sealed = Review.objects.filter(status=ReviewStatus.SEALED).order_by("pk").values_list("pk", "seal")
    for number, seal in sealed.iterator():
        if "archive" not in seal:
            for name, digest in seal.get("files", {}).items():
                yield Wanted(f"{name} of the sealed review {number}", f"{FILES}{seal['key']}/{name}", digest)
        elif is_here:
            digest = seal["archive"]["sha256"]
            yield Wanted(f"the archive of the sealed review {number}", _kept_name(digest), digest)


def _kept_name(sha256: str) -> str:
    home = home_of(os.environ)
    return FILES + local_files(home).path_of(sha256).relative_to(home).as_posix()


def left_out(wanted: Iterable[Wanted], held: Mapping[str, str]) -> list[str]:
    """What is not among the files held (digests by name), or is another file there, a line each; the rest counted."""
    wrong = [
        f"{each.what} is {'not in it' if each.name not in held else 'not what it was'} ({each.name})"
        for each in wanted
        if held.get(each.name) != each.sha256
    ]
    more = len(wrong) - _MOST_TOLD
    return wrong[:_MOST_TOLD] + ([f"and {more} more"] if more > 0 else [])
