"""Legal and privacy consulted where personal data or contracts are touched: asked, told, and what they said kept.

They are heard, and do not decide. An exception waits for their word; a patch never does.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet

from passmuster.application.access import Action, Actor, platforms_for
from passmuster.application.acting import acting
from passmuster.application.messages.telling import tell
from passmuster.application.programme.owners import people_of
from passmuster.application.programme.review_policy import ReviewPolicy, read_review_policy
from passmuster.application.requests.contracts import RECENTLY, contract_reasons, papers_of, vendors_duty
from passmuster.application.storage.storing import home
from passmuster.errors import UsageError
from passmuster.model.keeping import DataClass, DutyRole
from passmuster.records.models import Change, Consultation, Deviation, Platform

_LONGEST = 10_000


def consultations_for(actor: Actor) -> QuerySet[Consultation]:
    """What the actor may see of them, newest first."""
    found = Consultation.objects.select_related("platform", "deviation", "change", "given_by").order_by("-pk")
    where = platforms_for(actor, Action.VIEW)
    # An exception for every platform concerns whoever sees any.
    return found if where is None else found.filter(Q(platform_id__in=where) | Q(platform=None))


def why_legal_is_asked(platform: Platform | None, today: date) -> str:
    """What of personal data or contracts the platform (None: any of all) touches, in words; empty where nothing."""
    policy = read_review_policy(home())
    platforms = [platform] if platform else list(Platform.objects.filter(is_active=True).order_by("name"))
    # What ends soon is a matter of reviews; what ended already leaves nothing that an exception could rest on.
    told = (
        legal_reasons(policy, each, today=today, ends_by=today, changed_since=today - RECENTLY) for each in platforms
    )
    return next((_joined(reasons) for reasons in told if reasons), "")


def legal_reasons(
    policy: ReviewPolicy, platform: Platform, *, today: date, ends_by: date, changed_since: date
) -> tuple[str, ...]:
    """What legal and privacy answer for on a platform: its data, its regulations, and papers that end or changed."""
    papers = contract_reasons(papers_of(platform), today=today, ends_by=ends_by, changed_since=changed_since)
    return (*_of_data(policy, platform), *(f"{reason}, which {platform} rests on" for reason in papers))


def _of_data(policy: ReviewPolicy, platform: Platform) -> tuple[str, ...]:
    if platform.regulations:
        return (f"{platform} falls under {', '.join(map(str, platform.regulations))}"[:300],)
    is_asked = policy.asks_legal(DataClass(platform.data_class), is_regulated=False)
    return (f"{platform} holds {platform.data_class} data",) if is_asked else ()


def _joined(reasons: Iterable[str]) -> str:
    return ", and ".join(filter(None, reasons))[:400]


def consult_about_exception(actor: Actor, deviation: Deviation, responsibilities: Iterable[str] = ()) -> None:
    """Ask about an exception that touches what legal and privacy answer for; inside the caller's transaction.

    `responsibilities` are whose duty its control is, by the packs of the platforms it is for.
    """
    legal = people_of(deviation.platform, DutyRole.LEGAL)
    because = _why_of_exception(deviation, actor.now.date(), responsibilities) if legal else ""
    if not because:
        return
    consultation = Consultation.objects.create(
        platform=deviation.platform, deviation=deviation, because=because, asked_at=actor.now
    )
    for person in legal:
        tell(
            person,
            key=f"consultation:{consultation.pk}",
            kind="deviation_consulted",
            text=f"An exception from {deviation.control} until {deviation.ends_on} is asked for, and {because}. "
            "Say what you think of it; an approver decides after that.",
            link=f"/deviations/{deviation.pk}/",
            now=actor.now,
        )


def _why_of_exception(deviation: Deviation, today: date, responsibilities: Iterable[str]) -> str:
    duty = vendors_duty(deviation.control, responsibilities)
    return _joined((why_legal_is_asked(deviation.platform, today), duty))


def consult_about_change(actor: Actor, change: Change, cause: str) -> None:
    """Ask about a change, for a cause such as traces of an attacker; inside the caller's transaction, once a cause."""
    touched = why_legal_is_asked(change.platform, actor.now.date())
    legal = people_of(change.platform, DutyRole.LEGAL)
    # What is touched may be worded otherwise tomorrow; the cause is the same.
    is_asked = Consultation.objects.filter(change=change, because__startswith=cause).exists()
    if not touched or not legal or is_asked:
        return
    because = f"{cause}, and {touched}"
    consultation, is_new = Consultation.objects.get_or_create(
        change=change, because=because, defaults={"platform": change.platform, "asked_at": actor.now}
    )
    for person in legal if is_new else ():
        tell(
            person,
            key=f"consultation:{consultation.pk}",
            kind="change_consulted",
            text=f"{change.title}: {because}. Say whether anybody must be told; the patch does not wait for it."[:1000],
            link=f"/changes/{change.pk}/",
            now=actor.now,
        )


def give_opinion(actor: Actor, consultation: Consultation, opinion: str) -> Consultation:
    """Say what legal and privacy think; a later word takes its place and both are in the record. Raises UsageError."""
    text = opinion.replace("\0", "").strip()
    if not text or len(text) > _LONGEST:
        raise UsageError(f"write what you think, in at most {_LONGEST} characters")
    with acting(
        actor, Action.GIVE_OPINION, consultation, platform=consultation.platform, why=text, verb="give_opinion"
    ) as event:
        held = Consultation.objects.select_for_update(of=("self",)).get(pk=consultation.pk)
        about, number = ("deviation", held.deviation_id) if held.deviation_id else ("change", held.change_id)
        # It stands in the history of what it is about.
        event.subject_kind, event.subject_id = about, str(number)
        event.before, event.after = {"opinion": held.opinion}, {"opinion": text, "because": held.because}
        held.opinion, held.given_by_id, held.given_at = text, actor.person_id, actor.now
        held.save(update_fields=["opinion", "given_by", "given_at"])
    return held


def require_heard(deviation: Deviation, today: date, responsibilities: Iterable[str] = ()) -> None:
    """Raise UsageError where legal and privacy are to be heard about an exception and have not said anything yet.

    What it touches may have changed since it was asked for; then they are asked by the next `consult_late`.
    """
    asked = deviation.consultations.order_by("pk").first()
    if asked is not None and asked.given_at is None:
        raise UsageError(f"legal and privacy are consulted first ({asked.because}); they have not said anything yet")
    if asked is None and people_of(deviation.platform, DutyRole.LEGAL):
        because = _why_of_exception(deviation, today, responsibilities)
        if because:
            raise UsageError(f"legal and privacy are consulted first ({because}); they are asked within minutes")
