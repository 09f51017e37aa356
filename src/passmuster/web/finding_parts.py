"""Lists of findings in parts that have nothing in common, each one descent of an index, to be shown as one list."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from passmuster.records.models import Finding

# More parts are more descents; somebody who sees so many platforms sees enough of every list to find a page soon.
MOST_PARTS = 40


def parts_of(
    rows: QuerySet[Finding], statuses: Iterable[str], platforms: Iterable[int] | None = None
) -> list[QuerySet[Finding]]:
    """`rows` apart by status and, where they are not too many, by platform (None: all of them, not told apart).

    "One of these platforms" is no place in an index, and a small platform among large ones is found late by a walk
    through all of them.
    """
    by_status = [rows.filter(status=status) for status in statuses]
    if platforms is None:
        return by_status
    held = sorted(platforms)
    if len(held) * len(by_status) > MOST_PARTS:
        return [part.filter(platform_id__in=held) for part in by_status]
    if not held:
        return [rows.none()]
    return [part.filter(platform_id=platform) for part in by_status for platform in held]
