"""What the next run of a platform is held against: the file of the run followed last, else the database."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection
from django.db.models import Sum

from passmuster.application.storage.storing import home, results_folder
from passmuster.evaluate.run import Base, write_base
from passmuster.evaluate.run_rows import COLUMNS
from passmuster.evaluate.run_state import RUN, digest_state
from passmuster.model.keeping import FindingStatus
from passmuster.records.models import Finding, FindingTotal, FollowedRun, Platform

_OPEN = f"""
    COPY (SELECT {", ".join(COLUMNS)}, last_seen_at IS NOT NULL FROM records_finding
          WHERE platform_id = {{}} AND status <> 'closed') TO STDOUT"""  # noqa: S608 - fixed names
_TYPES = ["text"] * (len(COLUMNS) - 1) + ["int2", "bool"]


def mark_of(platform: Platform) -> str:
    """What tells the present state of a platform's findings from every other; it changes whenever a run is followed."""
    followed = FollowedRun.objects.filter(platform=platform).values_list("evaluation_id", flat=True).first()
    return str(followed or "")


@contextmanager
def base_of(platform: Platform) -> Iterator[Base]:
    """The open findings as they stand, for the time of the block.

    Of the file of the run followed last where it is there, unchanged and as many; else they are read from the database.
    """
    # The mark is read first: a run followed meanwhile has another, and what is made of this base is then made again.
    followed = FollowedRun.objects.filter(platform=platform).select_related("evaluation").first()
    mark = str(followed.evaluation_id) if followed else ""
    if followed is not None and is_to_be_trusted(followed):
        yield Base(mark, results_folder(followed.evaluation) / RUN)
    elif not Finding.objects.filter(platform=platform).exclude(status=FindingStatus.CLOSED).exists():
        yield Base(mark)
    else:
        home().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home(), prefix=".base-") as scratch:
            file = Path(scratch) / "base.parquet"
            write_base(_open_findings(platform), file)
            yield Base(mark, file)


def is_to_be_trusted(followed: FollowedRun) -> bool:
    """Whether the run's files are those that were followed, and hold as many findings as are open."""
    counted = FindingTotal.objects.filter(platform_id=followed.platform_id).exclude(status=FindingStatus.CLOSED)
    if (counted.aggregate(n=Sum("n"))["n"] or 0) != followed.open_findings:
        return False
    return digest_state(results_folder(followed.evaluation)) == followed.run_sha256


def _open_findings(platform: Platform) -> Iterator[tuple[object, ...]]:
    with connection.cursor() as cursor, cursor.copy(_OPEN.format(int(platform.pk))) as copy:
        copy.set_types(_TYPES)
        yield from copy.rows()
