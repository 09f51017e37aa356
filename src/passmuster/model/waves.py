"""An advisory as it looks from where a component runs: vendors announce and patch region by region; pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from passmuster.model.advisory import Advisory, Notice, NoticeKind, Record
from passmuster.model.regions import do_meet

_MENDING = (NoticeKind.SECURITY_FIX, NoticeKind.EMERGENCY_CHANGE)


def seen_from(advisory: Advisory, regions: Collection[str]) -> Advisory:
    """The advisory without notices that are surely for elsewhere, and with the dates of the regions' own wave.

    `regions` is where the component runs, empty where nobody knows. An advisory of nothing but notices for elsewhere
    stays as it is: whether it concerns anybody is another question.
    """
    if not any(record.notice for record in advisory.records):
        return advisory
    kept = [_in_wave(record, regions) for record in advisory.records if _may_concern(record, regions)]
    if tuple(kept) == advisory.records or not kept:
        return advisory
    sure = sorted((each for each in kept if each.notice), key=lambda each: not _concerns(each, regions))
    fixed = [each.vendor_fixed_at for each in kept if each.vendor_fixed_at is not None]
    return replace(
        advisory,
        records=tuple(kept),
        notice=sure[0].notice if sure else None,
        vendor_fixed_at=min(fixed, default=None),
    )


def mended_at(notice: Notice) -> datetime | None:
    """When the vendor mends what a notice tells of: when it is enforced, or may be had from its earliest time on."""
    return (notice.enforced_at or notice.earliest_at) if notice.kind in _MENDING else None


def _may_concern(record: Record, regions: Collection[str]) -> bool:
    return record.notice is None or do_meet(record.notice.regions, regions) is not False


def _concerns(record: Record, regions: Collection[str]) -> bool:
    return record.notice is not None and do_meet(record.notice.regions, regions) is True


def _in_wave(record: Record, regions: Collection[str]) -> Record:
    """The record with the dates of the one wave that is surely ours; as it is where that cannot be told."""
    notice = record.notice
    ours = [wave for wave in notice.waves if do_meet(wave.regions, regions) is True] if notice else []
    if notice is None or len(ours) != 1:
        return record
    told = replace(
        notice,
        regions=ours[0].regions,
        preview_at=ours[0].preview_at or notice.preview_at,
        earliest_at=ours[0].earliest_at,
        latest_at=ours[0].latest_at,
        enforced_at=ours[0].enforced_at,
        waves=(),
    )
    return replace(record, notice=told, vendor_fixed_at=mended_at(told))
