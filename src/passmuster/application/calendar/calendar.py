"""Everything with a date that a person may see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Q

from passmuster.application.access import Action, Actor, platforms_for
from passmuster.application.calendar.deadlines import UNDONE_CHANGES
from passmuster.application.calendar.environment_dates import environment_dates
from passmuster.application.calendar.heap_dates import heap_dates
from passmuster.application.calendar.request_dates import guest_dates, request_dates
from passmuster.application.calendar.wanted import ANY, Wanted, whole_day
from passmuster.application.changes.missed_windows import has_missed_window
from passmuster.application.programme.review_policy import read_review_policy
from passmuster.application.storage.storing import home
from passmuster.errors import UnreadableInput
from passmuster.model.dated import Dated, DatedKind
from passmuster.model.keeping import ChangeStatus, DeviationStatus, ReviewStatus, Tier
from passmuster.pipeline.cadence import due_days, today_in
from passmuster.records.models import ApiToken, Change, Deviation, Environment, Evidence, Platform, Review

_LONGEST = timedelta(days=400)
_OPEN_REVIEWS = (ReviewStatus.OPENING, ReviewStatus.OPEN, ReviewStatus.SIGNED)


@dataclass(frozen=True)
class Dates:
    """Entries by start, and what could not be read."""

    entries: tuple[Dated, ...]
    problems: tuple[str, ...] = ()


@dataclass
class _Asked:
    wanted: Wanted
    platforms: Mapping[int, Platform]
    actor: Actor
    problems: list[str] = field(default_factory=list)


def dated_entries(actor: Actor, wanted: Wanted) -> Dates:
    """All entries the actor may see, a guest what is asked of their vendor alone; a span is cut to 400 days."""
    span = Wanted(wanted.start, min(wanted.end, wanted.start + _LONGEST), wanted.kinds, wanted.platform)
    if actor.vendor_id is not None:
        # Whatever else comes to stand in the calendar one day, a guest's never holds it.
        return Dates(_sorted(guest_dates(actor, span), span))
    where = platforms_for(actor, Action.VIEW)
    visible = Platform.objects.filter(is_active=True)
    visible = visible if where is None else visible.filter(pk__in=where)
    if wanted.platform:
        visible = visible.filter(slug=wanted.platform)
    asked = _Asked(span, {platform.pk: platform for platform in visible}, actor)
    return Dates(_sorted(_all(asked), span), tuple(asked.problems))


def _sorted(entries: Iterable[Dated], span: Wanted) -> tuple[Dated, ...]:
    found = [entry for entry in entries if entry.kind in span.kinds and _touches(entry, span)]
    return tuple(sorted(found, key=lambda entry: (entry.start, entry.kind, entry.title, entry.names)))


def _all(asked: _Asked) -> Iterator[Dated]:
    yield from _reviews(asked)
    yield from _changes(asked)
    yield from _expiries(asked)
    yield from heap_dates(asked.platforms, asked.wanted)
    yield from request_dates(asked.actor, asked.platforms, asked.wanted)
    if asked.wanted.kinds & {DatedKind.WINDOW, DatedKind.FREEZE}:
        environments = Environment.objects.filter(platform__in=asked.platforms).select_related("platform")
        for environment in environments.order_by("pk"):
            entries, problem = environment_dates(environment, asked.wanted.start, asked.wanted.end)
            asked.problems += [f"{environment}: {problem}"] if problem else []
            yield from entries


def _touches(entry: Dated, wanted: Wanted) -> bool:
    return entry.start < wanted.end and (entry.end or entry.start) >= wanted.start


def _reviews(asked: _Asked) -> Iterator[Dated]:
    opened = Review.objects.filter(platform__in=asked.platforms, status__in=_OPEN_REVIEWS).select_related("platform")
    days = set()
    for review in opened:
        days.add((review.platform_id, review.due_on))
        yield whole_day(
            review.due_on,
            Dated(
                DatedKind.REVIEW,
                ("review", review.platform.slug, review.occurrence),
                f"Review of {review.platform.name} is due",
                ANY,
                detail=review.because,
                where=review.platform.name,
                link=f"/reviews/{review.pk}/",
            ),
        )
    for platform in asked.platforms.values():
        if platform.next_review_on and (platform.pk, platform.next_review_on) not in days:
            yield whole_day(
                platform.next_review_on,
                Dated(
                    DatedKind.REVIEW,
                    ("next review", platform.slug),
                    f"Review of {platform.name} opens",
                    ANY,
                    where=platform.name,
                    link=f"/platforms/{platform.slug}/",
                ),
            )
    yield from _later_reviews(asked)


def _later_reviews(asked: _Asked) -> Iterator[Dated]:
    """Those after the next, as the cadence has them."""
    if DatedKind.REVIEW not in asked.wanted.kinds:
        return
    try:
        later = {key: _days_after_next(asked, platform) for key, platform in asked.platforms.items()}
    except UnreadableInput as error:
        asked.problems.append(str(error))
        return
    for key, days in later.items():
        platform = asked.platforms[key]
        for day in days:
            entry = Dated(
                DatedKind.REVIEW,
                ("planned review", platform.slug, day.isoformat()),
                f"Review of {platform.name} opens",
                ANY,
                detail="planned by its cadence",
                where=platform.name,
                link=f"/platforms/{platform.slug}/",
            )
            yield whole_day(day, entry)


def _days_after_next(asked: _Asked, platform: Platform) -> list[date]:
    if platform.next_review_on is None:
        return []
    rule = platform.cadence_rrule or read_review_policy(home()).tiers[Tier(platform.tier)].cadence
    return due_days(
        rule,
        timezone=platform.time_zone,
        starts_on=today_in(platform.time_zone, platform.created_at),
        after=platform.next_review_on,
        until=asked.wanted.end.date(),
    )


def _changes(asked: _Asked) -> Iterator[Dated]:
    found = Change.objects.filter(platform__in=asked.platforms).exclude(status=ChangeStatus.CANCELLED)
    near = Q(window_start_at__lt=asked.wanted.end, window_end_at__gte=asked.wanted.start)
    near |= Q(due_at__range=(asked.wanted.start, asked.wanted.end))
    near |= Q(justify_by_at__range=(asked.wanted.start, asked.wanted.end))
    for change in found.filter(near).select_related("platform", "environment__platform", "owner").order_by("pk"):
        where = str(change.environment) if change.environment else change.platform.name
        is_missed = has_missed_window(change, asked.actor.now)
        told = f"{'window missed' if is_missed else change.status.replace('_', ' ')}; owner: {change.owner or 'nobody'}"
        link = f"/changes/{change.pk}/"
        if change.window_start_at is not None:
            yield Dated(
                DatedKind.CHANGE,
                (change.job,),
                f"{'Vendor: ' if change.by_vendor else 'Window missed: ' if is_missed else ''}{change.title}",
                change.window_start_at,
                change.window_end_at,
                detail=told,
                where=where,
                link=link,
                zone=change.environment.time_zone if change.environment else "UTC",
                is_vendors=change.by_vendor,
            )
        if change.due_at is not None and change.status in UNDONE_CHANGES:
            yield Dated(
                DatedKind.DEADLINE,
                (change.job,),
                f"Due: {change.title}",
                change.due_at,
                detail=told,
                where=where,
                link=link,
            )
        if change.justify_by_at is not None and change.is_emergency and change.justified_at is None:
            names = ("justify", change.job, str(change.attempt))
            title = f"Justify the emergency: {change.title}"
            yield Dated(DatedKind.DEADLINE, names, title, change.justify_by_at, where=where, link=link)


def _expiries(asked: _Asked) -> Iterator[Dated]:
    start, end = asked.wanted.start.date(), asked.wanted.end.date()
    mine = Q(platform__in=asked.platforms) | (Q() if asked.wanted.platform else Q(platform=None))
    if not asked.platforms:
        return
    deviations = Deviation.objects.filter(mine, status=DeviationStatus.APPROVED, ends_on__range=(start, end))
    for deviation in deviations.select_related("platform"):
        where = deviation.platform.name if deviation.platform else ""
        yield whole_day(
            deviation.ends_on,
            Dated(
                DatedKind.EXPIRY,
                ("deviation", str(deviation.pk)),
                f"Exception from {deviation.control} ends",
                ANY,
                where=where,
                link=f"/deviations/{deviation.pk}/",
            ),
        )
    pieces = Evidence.objects.filter(mine, superseded_by=None, expires_on__range=(start, end))
    for piece in pieces.select_related("platform"):
        yield whole_day(
            piece.expires_on or start,
            Dated(
                DatedKind.EXPIRY,
                ("evidence", str(piece.pk)),
                f"Evidence expires: {piece.title}",
                ANY,
                where=piece.platform.name if piece.platform else "",
                link=f"/evidence/{piece.pk}/",
            ),
        )
    tokens = ApiToken.objects.filter(person=asked.actor.person_id, revoked_at=None)
    for token in tokens.filter(expires_at__range=(asked.wanted.start, asked.wanted.end)):
        yield Dated(DatedKind.EXPIRY, ("api_token", str(token.pk)), f"Token ends: {token.name}", token.expires_at)
