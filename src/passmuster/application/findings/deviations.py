"""Exceptions from controls: asked for with a reason and an end, decided by another, over by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Q

from passmuster.application.access import Action, Actor, require
from passmuster.application.acting import acting
from passmuster.application.findings.covering import cover_findings
from passmuster.application.findings.exception_authors import authors_of, former_of, require_no_author
from passmuster.application.findings.suspending import check_compensation
from passmuster.application.messages.telling import tell
from passmuster.application.programme.known_controls import control_complaints
from passmuster.application.programme.owners import people_of
from passmuster.application.requests.consulting import consult_about_exception, require_heard
from passmuster.application.storage.verdicts import last_verdicts
from passmuster.errors import NotReady, UsageError
from passmuster.model.keeping import DeviationStatus, DutyRole, Stage, Tier
from passmuster.records.models import Deviation, Person, Platform

# A longer exception is a change of the rules, and those are the pack's.
LONGEST_DAYS = 366
_KINDS = frozenset(
    {*(str(stage) for stage in Stage), "sandbox", "developer", "trial", "default", "test", "other", "production"}
)


@dataclass(frozen=True)
class Wanted:
    """What an exception is asked for. Without a resource it holds for all that fit the rule.

    `rule` is {"stages": [...], "tiers": [...]}; stages are those of environments or what the platform calls their kind.
    """

    control: str
    reason: str
    owner: Person
    ends_on: date
    platform: Platform | None = None
    resource_id: str = ""
    rule: Mapping[str, Any] = field(default_factory=dict)
    compensating_control: str = ""
    renews: Deviation | None = None


def request_deviation(actor: Actor, wanted: Wanted) -> Deviation:
    """Ask for an exception; nothing is accepted until somebody else decides. Raises UsageError with all that lacks."""
    person = _person(actor)
    _check(wanted, actor.now.date())
    with acting(actor, Action.REQUEST_DEVIATION, "deviation", platform=wanted.platform, why=wanted.reason) as event:
        deviation = Deviation.objects.create(
            platform=wanted.platform,
            control=wanted.control.strip(),
            resource_id=wanted.resource_id,
            rule=dict(wanted.rule),
            reason=wanted.reason.strip(),
            owner=wanted.owner,
            requested_by_id=person,
            compensating_control=wanted.compensating_control.strip(),
            requested_at=actor.now,
            ends_on=wanted.ends_on,
            renews=wanted.renews,
        )
        event.subject_id, event.after = str(deviation.pk), _told(deviation)
        _check_compensation(actor, deviation)
        consult_about_exception(actor, deviation, duties_of(deviation))
        own = {*authors_of(deviation), deviation.owner_id}
        for approver in people_of(wanted.platform, DutyRole.APPROVER):
            if approver.pk not in own:
                tell(
                    approver,
                    key=f"deviation:{deviation.pk}:decide",
                    kind="deviation_to_decide",
                    text=f"{actor.name} asks for an exception from {deviation.control} until {deviation.ends_on}. "
                    "Decide on it.",
                    link=f"/deviations/{deviation.pk}/",
                    now=actor.now,
                )
    return deviation


def duties_of(deviation: Deviation) -> set[str]:
    """Whose duty the control is, by the last look at each platform it is for."""
    verdicts = (verdict for platform in _platforms(deviation) for verdict in last_verdicts(platform))
    return {verdict.responsibility for verdict in verdicts if verdict.control == deviation.control}


def renew_deviation(actor: Actor, deviation: Deviation, *, reason: str, ends_on: date) -> Deviation:
    """Ask for the same exception once more; if it is granted, ages still count from the first grant."""
    if deviation.status not in (DeviationStatus.APPROVED, DeviationStatus.EXPIRED):
        raise UsageError("only an exception that was granted can be renewed")
    return request_deviation(
        actor,
        Wanted(
            control=deviation.control,
            reason=reason,
            owner=deviation.owner,
            ends_on=ends_on,
            platform=deviation.platform,
            resource_id=deviation.resource_id,
            rule=deviation.rule,
            compensating_control=deviation.compensating_control,
            renews=deviation,
        ),
    )


def decide_deviation(actor: Actor, deviation: Deviation, *, is_approved: bool, reason: str) -> Deviation:
    """Approve or refuse, with a reason; never what one asked for, now or before, nor what one owns."""
    if not reason.strip():
        raise UsageError("a decision needs a reason; others must be able to follow it")
    verb = "approve_deviation" if is_approved else "refuse_deviation"
    # Said first, so that an author hears why and not that they lack a right.
    require(actor, Action.DECIDE_DEVIATION, deviation.platform_id)
    require_no_author(actor, deviation)
    with acting(actor, Action.DECIDE_DEVIATION, deviation, platform=deviation.platform, why=reason, verb=verb) as event:
        deviation = lock_deviation(deviation)
        status = DeviationStatus.APPROVED if is_approved else DeviationStatus.REFUSED
        _require_step(deviation, status)
        if is_approved:
            require_heard(deviation, actor.now.date(), duties_of(deviation))
        if is_approved and deviation.ends_on < actor.now.date():
            raise UsageError("its end has passed; ask for it anew with a later end")
        event.before = {"status": deviation.status}
        deviation.status, deviation.decided_by_id, deviation.decided_at = status, actor.person_id, actor.now
        deviation.decision_reason = reason.strip()
        if is_approved:
            deviation.first_granted_at = _first_grant(deviation) or actor.now
        deviation.save()
        event.after = _told(deviation)
        if is_approved:
            # What was seen while nobody had decided told nobody.
            deviation.checks.all().delete()
            _check_compensation(actor, deviation)
        _cover(actor, deviation)
        tell(
            deviation.requested_by,
            key=f"deviation:{deviation.pk}:decided",
            kind="deviation_decided",
            text=f"The exception from {deviation.control} is {status}: {reason.strip()}",
            link=f"/deviations/{deviation.pk}/",
            now=actor.now,
        )
    return deviation


def _first_grant(deviation: Deviation) -> datetime | None:
    """The first grant among all exceptions this one renews, directly or not."""
    grants = (former.first_granted_at for former in former_of(deviation))
    return min((grant for grant in grants if grant is not None), default=None)


def withdraw_deviation(actor: Actor, deviation: Deviation, *, reason: str) -> Deviation:
    """End an exception early, or take back a request; what it covered is open again. Raises UsageError."""
    return _end(actor, deviation, Action.REQUEST_DEVIATION, "withdraw_deviation", reason)


def revoke_deviation(actor: Actor, deviation: Deviation, *, reason: str) -> Deviation:
    """Take back what was granted, by whoever may grant it; a request is refused instead. Raises UsageError."""
    if deviation.status == DeviationStatus.REQUESTED:
        raise UsageError("nobody granted this yet; refuse it")
    return _end(actor, deviation, Action.DECIDE_DEVIATION, "revoke_deviation", reason)


def _end(actor: Actor, deviation: Deviation, right: Action, verb: str, reason: str) -> Deviation:
    if not reason.strip():
        raise UsageError("say why it ends; whoever answers for it and whoever granted it are told")
    with acting(actor, right, deviation, platform=deviation.platform, why=reason, verb=verb) as event:
        deviation = lock_deviation(deviation)
        _require_step(deviation, DeviationStatus.WITHDRAWN)
        event.before = {"status": deviation.status}
        deviation.status = DeviationStatus.WITHDRAWN
        deviation.save(update_fields=["status"])
        event.after = {"status": deviation.status}
        _cover(actor, deviation)
        for person in (deviation.owner, deviation.requested_by, deviation.decided_by):
            if person is not None and person.pk != actor.person_id:
                tell(
                    person,
                    key=f"deviation:{deviation.pk}:ended",
                    kind="deviation_over",
                    text=f"{actor.name} ended the exception from {deviation.control}: {reason.strip()}",
                    link=f"/deviations/{deviation.pk}/",
                    now=actor.now,
                )
    return deviation


def expire_deviations(actor: Actor) -> list[Deviation]:
    """End every exception whose last day has passed, and every request nobody decided in time; returns them.

    What they covered is open again, its age counted from the first grant. Doing it twice changes nothing.
    """
    over = []
    for due in _overdue(actor.now).select_related("platform", "owner").order_by("pk"):
        with acting(
            actor,
            Action.WORK_FINDING,
            due,
            platform=due.platform,
            verb="expire_deviation",
            why="its last day has passed",
        ) as event:
            deviation = lock_deviation(due)
            if deviation.status not in (DeviationStatus.APPROVED, DeviationStatus.REQUESTED):
                event.is_silent = True
                continue
            event.before = {"status": deviation.status}
            was_granted = deviation.status == DeviationStatus.APPROVED
            deviation.status = DeviationStatus.EXPIRED if was_granted else DeviationStatus.WITHDRAWN
            deviation.save(update_fields=["status"])
            event.after = {"status": deviation.status}
            _cover(actor, deviation)
            _tell_of_end(actor, deviation, was_granted=was_granted)
            over.append(deviation)
    return over


def _tell_of_end(actor: Actor, deviation: Deviation, *, was_granted: bool) -> None:
    """Its owner; and of one that was granted whoever granted it, and the owners of its platform. Each hears it once."""
    what = f"The exception from {deviation.control}"
    text = (
        f"{what} ended on {deviation.ends_on}. What it covered is open again: mend it, or ask for a renewal."
        if was_granted
        else f"{what} was not decided on before its end, {deviation.ends_on}. Ask anew with a later one."
    )
    answerable = [deviation.decided_by, *people_of(deviation.platform, DutyRole.PLATFORM_OWNER)] if was_granted else []
    for person in (deviation.owner, *answerable):
        if person is not None:
            tell(
                person,
                key=f"deviation:{deviation.pk}:over",
                kind="deviation_over",
                text=text,
                link=f"/deviations/{deviation.pk}/",
                now=actor.now,
            )


def settle_deviations(actor: Actor) -> None:
    """Expire what is over before anybody reads on, by the keeper; costs one indexed look where nothing is."""
    if _overdue(actor.now).exists():
        expire_deviations(Actor(name="passmuster", by="worker", now=actor.now, held=actor.held))


def remind_of_ends(actor: Actor, *, days: int = 14) -> int:
    """Tell owners of exceptions that end within `days`; returns how many there are."""
    soon = Deviation.objects.filter(
        status=DeviationStatus.APPROVED,
        ends_on__gte=actor.now.date(),
        ends_on__lte=actor.now.date() + timedelta(days=days),
    ).select_related("owner")
    for deviation in soon:
        tell(
            deviation.owner,
            key=f"deviation:{deviation.pk}:ends",
            kind="deviation_ends",
            text=f"The exception from {deviation.control} ends on {deviation.ends_on}. "
            "Mend what it covers, or renew it.",
            link=f"/deviations/{deviation.pk}/",
            now=actor.now,
            due_at=datetime.combine(deviation.ends_on, time(23, 59), UTC),
        )
    return len(soon)


def _overdue(now: datetime) -> Any:
    return Deviation.objects.filter(
        Q(status=DeviationStatus.APPROVED) | Q(status=DeviationStatus.REQUESTED), ends_on__lt=now.date()
    )


def _platforms(deviation: Deviation) -> list[Platform]:
    if deviation.platform:
        return [deviation.platform]
    return list(Platform.objects.filter(findings__control=deviation.control).distinct().order_by("pk"))


def _check_compensation(actor: Actor, deviation: Deviation) -> None:
    if deviation.compensating_control:
        for platform in _platforms(deviation):
            check_compensation(actor, platform, last_verdicts(platform))


def _cover(actor: Actor, deviation: Deviation) -> None:
    for platform in _platforms(deviation):
        Platform.objects.select_for_update().get(pk=platform.pk)
        cover_findings(actor, platform)


def lock_deviation(deviation: Deviation) -> Deviation:
    """The exception as it is now, held until the caller's transaction ends."""
    Deviation.objects.select_for_update(of=("self",)).get(pk=deviation.pk)
    return Deviation.objects.select_related("platform", "owner", "requested_by", "decided_by", "renews").get(
        pk=deviation.pk
    )


def _require_step(deviation: Deviation, status: DeviationStatus) -> None:
    if not DeviationStatus(deviation.status).can_become(status):
        raise NotReady(f"this exception is {deviation.status}; it cannot become {status}")


def _person(actor: Actor) -> int:
    if actor.person_id is None:
        raise UsageError("an exception is asked for by a person")
    return actor.person_id


def _check(wanted: Wanted, today: date) -> None:
    rule = wanted.rule
    complaints = [
        *([] if wanted.control.strip() else ["control: say which control it is an exception from"]),
        *([] if wanted.reason.strip() else ["reason: say why it is needed"]),
        *([] if wanted.ends_on >= today else ["end: lies in the past"]),
        *(
            []
            if wanted.ends_on <= today + timedelta(days=LONGEST_DAYS)
            else [f"end: an exception lasts {LONGEST_DAYS} days at most; renew it then"]
        ),
        *(["owner: is no longer active"] if not wanted.owner.is_active else []),
        *(["owner: is a vendor's contact; somebody of your own answers for it"] if wanted.owner.vendor_id else []),
        *(
            ["resource or rule: name the resource, or what a rule is to cover (stages, tiers, one platform)"]
            if not wanted.resource_id and not rule and wanted.platform is None
            else []
        ),
        *(["resource: name its platform too"] if wanted.resource_id and wanted.platform is None else []),
        *(["rule: a resource is named already; leave the rule out"] if wanted.resource_id and rule else []),
        *(["compensating control: is the same control"] if wanted.compensating_control == wanted.control else []),
        *_rule_complaints(rule),
        *control_complaints(
            {"control": wanted.control.strip(), "compensating control": wanted.compensating_control.strip()},
            wanted.platform,
        ),
    ]
    if complaints:
        raise UsageError("\n".join(complaints))


def _rule_complaints(rule: Mapping[str, Any]) -> list[str]:
    complaints = [f"rule: {name} is not known; known are stages, tiers" for name in set(rule) - {"stages", "tiers"}]
    for name, known in (("stages", _KINDS), ("tiers", frozenset(str(tier) for tier in Tier))):
        words = rule.get(name, ["anything"])
        if not isinstance(words, list) or not words:
            complaints.append(f"rule: {name}: give a list with at least one word")
        elif name in rule:
            complaints += [
                f"rule: {name}: {word} is none of {', '.join(sorted(known))}" for word in words if word not in known
            ]
    return complaints


def _told(deviation: Deviation) -> dict[str, Any]:
    return {
        "status": deviation.status,
        "control": deviation.control,
        "resource": deviation.resource_id,
        "rule": deviation.rule,
        "owner": deviation.owner.email,
        "ends_on": deviation.ends_on,
        "compensating_control": deviation.compensating_control,
        "first_granted_at": deviation.first_granted_at,
    }
