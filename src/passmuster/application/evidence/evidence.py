"""Evidence: handing in, linking, superseding, reading. Never overwritten, never removed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from passmuster.application.access import Action, Actor, NotAllowed, may, platforms_for, require
from passmuster.application.acting import acting
from passmuster.application.evidence.answering_lines import settle_lines
from passmuster.application.people.guests import guest_complaint
from passmuster.application.programme.known_controls import complaints_about
from passmuster.application.storage.file_stores import file_store
from passmuster.documents.file_kinds import media_type_of
from passmuster.errors import NotReady, UsageError
from passmuster.model.evidence import MAX_BYTES, EvidenceFacts
from passmuster.records.files import Damaged, Incoming
from passmuster.records.models import Evidence, Person, Platform, Review, Vendor

ADDED, FROM_VENDOR = "add_evidence", "hand_in_vendor_evidence"
SUPERSEDED, LINKED = "supersede_evidence", "link_evidence"


def evidence_for(actor: Actor) -> QuerySet[Evidence]:
    """What the actor may read, newest first; what belongs to no platform is for people with a duty everywhere."""
    where = platforms_for(actor, Action.READ_EVIDENCE)
    found = Evidence.objects.select_related("platform", "vendor", "owner", "uploaded_by").order_by("-pk")
    return found if where is None else found.filter(platform_id__in=where)


def add_evidence(actor: Actor, blocks: Iterable[bytes], *, name: str, facts: EvidenceFacts, why: str = "") -> Evidence:
    """Keep a file as evidence; one for a request to a vendor is handed in by that vendor's contacts.

    Lines of open reviews that ask for just this are settled by it; what comes from a vendor waits to be accepted.
    Raises NotAllowed; UnreadableInput for a file that is too large or of no kind that is kept; UsageError for the rest.
    """
    return _keep(actor, blocks, name, facts, why)


def supersede_evidence(
    actor: Actor, old: Evidence, blocks: Iterable[bytes], *, name: str, facts: EvidenceFacts, why: str
) -> Evidence:
    """Keep a newer file in the place of another, which stays and says what came after it."""
    require(actor, Action.ADD_EVIDENCE, old.platform_id)
    return _keep(actor, blocks, name, replace(facts, platform=old.platform_id), why, old.pk)


def link_evidence(
    actor: Actor, evidence: Evidence, *, controls: Iterable[str], reviews: Iterable[int], why: str = ""
) -> Evidence:
    """Say which controls and reviews it belongs to, in place of what was said before; see `add_evidence`."""
    wanted, numbers = sorted({each.strip() for each in controls} - {""}), sorted(set(reviews))
    with acting(actor, Action.ADD_EVIDENCE, evidence, platform=evidence.platform, why=why, verb=LINKED) as event:
        locked = Evidence.objects.select_for_update().get(pk=evidence.pk)
        before = {"controls": locked.controls, "reviews": sorted(locked.reviews.values_list("pk", flat=True))}
        after = {"controls": wanted, "reviews": numbers}
        added = set(numbers) - set(before["reviews"])
        _raise_all(
            _facts_of(locked, wanted).problems(),
            _control_problems(wanted, locked.controls, locked.platform_id),
            _review_problems(actor, tuple(added), locked.platform_id),
        )
        sealed = Review.objects.filter(pk__in=set(before["reviews"]) ^ set(numbers), status="sealed").first()
        if sealed is not None:
            raise NotReady(f"the review {sealed} is sealed; what belongs to it stays")
        event.before, event.is_silent = before, before == after
        locked.controls = wanted
        locked.save(update_fields=["controls"])
        locked.reviews.set(numbers)
        event.after = after | _settled(actor, locked, reviews=added)
        return locked


def readable_file(actor: Actor, number: int) -> tuple[Evidence, Path]:
    """The evidence and where its bytes are. Raises NotAllowed; UsageError where it is not there or not whole."""
    found = Evidence.objects.filter(pk=number).first()
    if found is None or not may(actor, Action.READ_EVIDENCE, found.platform_id):
        raise NotAllowed("there is no such evidence, or it is not for you")
    return found, whole_file(found)


def whole_file(evidence: Evidence) -> Path:
    """Its bytes, here and held against their digest; raises UsageError where they are not whole, StoreFailed."""
    try:
        return file_store().whole(evidence.sha256)
    except Damaged as problem:
        raise UsageError(f"the file of evidence {evidence.pk} {problem}; restore it from a backup") from None


def expiring(until: date) -> QuerySet[Evidence]:
    """What is in force and ends by that day, soonest first."""
    in_force = Evidence.objects.filter(superseded_by=None, expires_on__lte=until)
    return in_force.select_related("platform", "owner").order_by("expires_on", "pk")


def _keep(
    actor: Actor, blocks: Iterable[bytes], name: str, facts: EvidenceFacts, why: str, instead_of: int | None = None
) -> Evidence:
    require(actor, _right(facts), facts.platform)
    if actor.person_id is None:
        raise NotAllowed("evidence is handed in by a person")
    kept_controls = _controls_of(instead_of)
    _raise_all(facts.problems(), facts.problems_at(actor.now), _record_problems(actor, facts, kept_controls))
    shown = safe_name(name)
    store = file_store()
    with store.receiving(blocks, max_bytes=MAX_BYTES, name=shown) as incoming:
        media_type = media_type_of(incoming.path, shown)
        # The bytes first: a file nobody speaks of does no harm, a record without its file would.
        store.keep(incoming)
    return _record(actor, _Kept(incoming, shown, media_type), facts, why=why, instead_of=instead_of)


@dataclass(frozen=True)
class _Kept:
    """A file that lies in the store, the name it is shown by, and what kind its content is of."""

    incoming: Incoming
    name: str
    media_type: str


@transaction.atomic
def _record(actor: Actor, kept: _Kept, facts: EvidenceFacts, *, why: str, instead_of: int | None) -> Evidence:
    platform = Platform.objects.filter(pk=facts.platform).first() if facts.platform else None
    verb = SUPERSEDED if instead_of else FROM_VENDOR if facts.request else ADDED
    with acting(actor, _right(facts), "evidence", platform=platform, why=why, verb=verb) as event:
        old = _superseded(instead_of) if instead_of else None
        made = _created(actor, kept, facts, platform)
        if old is not None:
            old.superseded_by = made
            old.save(update_fields=["superseded_by"])
        event.subject_id = str(made.pk)
        event.before = {"superseded": old.pk, "sha256": old.sha256} if old else None
        told = {**evidence_as_recorded(made, sorted(facts.reviews)), **belongings(made)}
        event.after = told | _settled(actor, made)
    return made


def _superseded(number: int) -> Evidence:
    """The piece that is to be superseded, locked; raises UsageError where another took its place already."""
    old = Evidence.objects.select_for_update().get(pk=number)
    if old.superseded_by_id is not None:
        raise NotReady(f"evidence {old.pk} was superseded by {old.superseded_by_id} already; supersede that one")
    return old


def _created(actor: Actor, kept: _Kept, facts: EvidenceFacts, platform: Platform | None) -> Evidence:
    made = Evidence.objects.create(
        title=facts.title.strip(),
        kind=facts.kind,
        file_name=kept.name,
        media_type=kept.media_type,
        sha256=kept.incoming.sha256,
        size_bytes=kept.incoming.size_bytes,
        platform=platform,
        vendor_id=facts.vendor,
        owner_id=facts.owner,
        request_id=facts.request,
        period_from=facts.period_from,
        period_to=facts.period_to,
        expires_on=facts.expires_on,
        controls=sorted(set(facts.controls)),
        uploaded_by=Person.objects.get(pk=actor.person_id or 0),
        uploaded_at=actor.now,
    )
    made.reviews.set(facts.reviews)
    return made


def _settled(actor: Actor, made: Evidence, *, reviews: Collection[int] | None = None) -> dict[str, Any]:
    return settle_lines(actor, [made], reviews=reviews).told if made.superseded_by_id is None else {}


def _right(facts: EvidenceFacts) -> Action:
    return Action.ADD_EVIDENCE if facts.request is None else Action.ANSWER_VENDOR_REQUEST


def evidence_as_recorded(evidence: Evidence, reviews: list[int]) -> dict[str, Any]:
    """What the record says of it, its digest before all."""
    return {
        "sha256": evidence.sha256,
        "size_bytes": evidence.size_bytes,
        "file_name": evidence.file_name,
        "media_type": evidence.media_type,
        "title": evidence.title,
        "kind": str(evidence.kind),
        "period": [evidence.period_from, evidence.period_to],
        "expires_on": evidence.expires_on,
        "controls": evidence.controls,
        "reviews": reviews,
        **({"vendor_request": evidence.request_id} if evidence.request_id else {}),
    }


def belongings(evidence: Evidence) -> dict[str, Any]:
    """What the record says beside that: whose it is and who handed it in, as keys of records, and when."""
    names = ("platform_id", "vendor_id", "owner_id", "uploaded_by_id")
    return {**{name: getattr(evidence, name) for name in names}, "uploaded_at": evidence.uploaded_at}


def safe_name(name: str) -> str:
    """The last part of a name, without what another system might take for more than a name; at most 200 characters."""
    last = PureWindowsPath(PurePosixPath(name).name).name
    kept = "".join(each if each.isprintable() and each not in '\\/:*?"<>|' else "_" for each in last).strip(". ")
    stem, dot, ending = kept.rpartition(".")
    return f"{stem[: 199 - len(ending)]}{dot}{ending}" if stem and len(ending) < 20 else kept[:200] or "file"


def _facts_of(evidence: Evidence, controls: list[str]) -> EvidenceFacts:
    return EvidenceFacts(title=evidence.title, kind=evidence.kind, controls=tuple(controls))  # type: ignore[arg-type]


def _controls_of(number: int | None) -> Collection[str]:
    """The controls that piece is linked to, which stay good names for it and for what takes its place."""
    return next(iter(Evidence.objects.filter(pk=number).values_list("controls", flat=True)), ()) if number else ()


def _control_problems(controls: Iterable[str], kept: Collection[str], platform: int | None) -> list[str]:
    added = set(controls) - set(kept)
    return complaints_about(added, Platform.objects.filter(pk=platform).first() if platform else None) if added else []


def _record_problems(actor: Actor, facts: EvidenceFacts, kept_controls: Collection[str]) -> list[str]:
    found = []
    # A guest sees no review and names no control; those of a request are who asked's.
    if facts.request is None:
        found += _review_problems(actor, facts.reviews, facts.platform)
        found += _control_problems(facts.controls, kept_controls, facts.platform)
    named = (("platform", Platform, facts.platform), ("vendor", Vendor, facts.vendor), ("owner", Person, facts.owner))
    found += [
        f"there is no such {word}"
        for word, kind, key in named
        if key is not None and not kind._default_manager.filter(pk=key).exists()
    ]
    owner = Person.objects.filter(pk=facts.owner).first() if facts.owner is not None else None
    complaint = guest_complaint(owner) if owner else ""
    return [*found, *([f"owner: {complaint}"] if complaint else [])]


def _review_problems(actor: Actor, numbers: tuple[int, ...], platform: int | None) -> list[str]:
    allowed = platforms_for(actor, Action.VIEW)
    seen = Review.objects.filter(pk__in=numbers)
    seen = seen if allowed is None else seen.filter(platform_id__in=allowed)
    if platform is not None:
        seen = seen.filter(Q(platform_id=platform))
    open_ones = set(seen.exclude(status__in=["sealed", "cancelled"]).values_list("pk", flat=True))
    wrong = [str(number) for number in numbers if number not in open_ones]
    return [f"these are no open reviews of that platform: {', '.join(wrong)}"] if wrong else []


def _raise_all(*problems: Iterable[str]) -> None:
    told = [each for some in problems for each in some]
    if told:
        raise UsageError("; ".join(told))
