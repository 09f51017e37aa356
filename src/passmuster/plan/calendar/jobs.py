"""Patches as jobs: one in each environment of a chain, each after the one before has soaked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from passmuster.model.schedule import After, Job, JobMode, Span
from passmuster.plan.calendar.decisions import Decided
from passmuster.plan.calendar.patches import Patch
from passmuster.plan.calendar.tiers import weight_of
from passmuster.plan.calendar.values import Calendar, Environment, VendorDate


def jobs_of(patches: Sequence[Patch], calendar: Calendar, *, as_of: datetime) -> tuple[Job, ...]:
    """The jobs of all patches and of the vendors' dates, by id."""
    jobs: dict[str, Job] = {}
    for patch in patches:
        for job in _vendor_job(patch, as_of) if patch.is_vendors else _own_jobs(patch, calendar, as_of):
            jobs[job.id] = _joined(jobs[job.id], job) if job.id in jobs else job
    for date in calendar.vendor_dates:
        jobs |= {job.id: job for job in _date_jobs(date)}
    return tuple(jobs[name] for name in sorted(jobs))


def _own_jobs(patch: Patch, calendar: Calendar, as_of: datetime) -> Iterator[Job]:
    """The job itself and those of the environments that soak before it, the last one first."""
    if patch.action == "test_before":
        yield _test_job(patch, calendar, as_of)
        return
    environment, weight = patch.environment, _weight(patch)
    job = _job(patch, environment, as_of, weight=weight)
    job = replace(job, due_at=min((each.due_at for each in patch.decisions if each.due_at), default=None))
    while environment.after is not None:
        before = calendar.environment(environment.after)
        soak = min(environment.tier.terms_for(each.outcome).soak_hours for each in patch.decisions)
        within = environment.tier.soak_within_hours
        link = After(_job_id(patch, before), soak, None if within is None else max(within, soak))
        yield replace(job, after=(link,))
        weight *= environment.tier.rehearsal_factor
        job, environment = _job(patch, before, as_of, weight=round(weight, 4)), before
    yield job


def _test_job(patch: Patch, calendar: Calendar, as_of: datetime) -> Job:
    """What the vendor will change is tried where it does no harm, before the vendor changes the rest."""
    target = patch.environment
    where = calendar.environment(target.after) if target.after else target
    ends = [each.enforced_at or each.due_at for each in patch.decisions]
    last = min((each for each in ends if each), default=None)
    job = _job(patch, where, as_of, weight=_weight(patch))
    return replace(
        job, due_at=min((each.due_at for each in patch.decisions if each.due_at), default=last), must_end_by=last
    )


def _job(patch: Patch, environment: Environment, as_of: datetime, *, weight: float) -> Job:
    terms = [environment.tier.terms_for(each.outcome) for each in patch.decisions]
    # What is urgent where it is wanted is urgent where it is rehearsed.
    wanted = [patch.environment.tier.terms_for(each.outcome) for each in patch.decisions]
    notice = min(each.notice_days for each in (*terms, *wanted))
    can_be_had = max((each.available_at for each in patch.decisions if each.available_at), default=as_of)
    return Job(
        id=_job_id(patch, environment),
        environment=environment.id,
        minutes=max(each.minutes.get(patch.action, 0) for each in terms),
        # What is past cannot be planned: waiting counts from now, or from when people have been told.
        available_at=max(can_be_had, as_of + timedelta(days=notice)),
        weight=weight,
        patch=patch.id,
        owner=environment.owner,
    )


def _job_id(patch: Patch, environment: Environment) -> str:
    return f"{patch.id}/{environment.id}"


def _weight(patch: Patch) -> float:
    return max(_weight_of(each, patch.environment) for each in patch.decisions)


def _weight_of(decision: Decided, environment: Environment) -> float:
    return weight_of(
        environment.tier,
        decision.outcome,
        started_at=decision.clock_started_at,
        due_at=decision.due_at,
        epss=decision.epss,
    )


def _joined(one: Job, other: Job) -> Job:
    """One job for the same patch in the same environment, wanted twice: for itself, and before others."""
    dues = [each.due_at for each in (one, other) if each.due_at]
    afters = {link.job: link for link in (*one.after, *other.after)}
    return replace(
        one,
        minutes=max(one.minutes, other.minutes),
        weight=max(one.weight, other.weight),
        available_at=min(one.available_at, other.available_at),
        due_at=min(dues, default=None),
        must_end_by=min((each.must_end_by for each in (one, other) if each.must_end_by), default=None),
        after=tuple(afters.values()),
    )


def _vendor_job(patch: Patch, as_of: datetime) -> Iterator[Job]:
    enforced = min(each.enforced_at for each in patch.decisions if each.enforced_at)
    begins = min((each.vendor_from for each in patch.decisions if each.vendor_from), default=enforced)
    earliest = min(begins, enforced)
    yield Job(
        id=_job_id(patch, patch.environment),
        environment=patch.environment.id,
        minutes=0,
        available_at=min(max(earliest, as_of), enforced),
        weight=_weight(patch),
        patch=patch.id,
        due_at=min((each.due_at for each in patch.decisions if each.due_at), default=None),
        mode=JobMode.VENDOR_FIXED if earliest == enforced else JobMode.VENDOR_RANGE,
        vendor=Span(earliest, enforced),
    )


def _date_jobs(date: VendorDate) -> Iterator[Job]:
    for name in date.environments:
        yield Job(
            id=f"{date.id}/{name}",
            environment=name,
            minutes=0,
            available_at=date.span.start,
            weight=date.weight,
            patch=date.title or date.id,
            mode=JobMode.VENDOR_FIXED,
            vendor=date.span,
        )
