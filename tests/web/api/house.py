"""A house with one record of every kind on each of two platforms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from passmuster.application.access import Action
from passmuster.application.acting import acting
from passmuster.application.evidence.evidence import add_evidence
from passmuster.application.people.tokens import issue_api_token
from passmuster.application.requests.asking_vendors import Question, ask_vendor
from passmuster.application.requests.vendor_requests import hand_in_for_request
from passmuster.model.evidence import EvidenceFacts, EvidenceKind
from passmuster.records.models import (
    Change,
    Checkpoint,
    Collection,
    Consultation,
    Deviation,
    Environment,
    EscalationStep,
    Evaluation,
    Evidence,
    Finding,
    Gate,
    GroupDuty,
    Message,
    Ownership,
    Person,
    Plan,
    Platform,
    Review,
    ReviewItem,
    SignOff,
    Ticket,
    TriagedAdvisory,
    Vendor,
    VendorRequest,
    Work,
)
from tests.keeping import NOW, actor, make_person, make_platform

DAY = NOW.date()


def token_of(person: Person, *scopes: Action) -> str:
    """A token of theirs that may do all they may, or what is said."""
    now = timezone.now()
    asked = {"name": "test", "scopes": scopes or tuple(Action), "expires_at": now + timedelta(days=30)}
    return issue_api_token(actor(person, now=now), **asked)[1]


def caller(person: Person, *scopes: Action) -> Client:
    """A program with a token of that person."""
    return Client(headers={"authorization": f"Bearer {token_of(person, *scopes)}"}, raise_request_exception=False)


def furnish(platform: Platform, person: Person) -> dict[str, Any]:
    """One record of every kind on the platform."""
    made: dict[str, Any] = {"platform": platform}
    on = {"platform": platform}
    made["environment"] = Environment.objects.create(**on, name="live")
    made["ownership"] = Ownership.objects.create(**on, scope_kind="platform", owner=person)
    EscalationStep.objects.create(**on, after_hours=24, role="sponsor")
    made["collection"] = Collection.objects.create(**on, state="done", started_at=NOW, because="schedule")
    made["evaluation"] = Evaluation.objects.create(
        collection=made["collection"], as_of=NOW, results_sha256="0" * 64, store_key="none", created_at=NOW
    )
    made["review"] = Review.objects.create(
        **on, occurrence="2026-06-01", because="due", status="open", due_on=DAY, opened_at=NOW
    )
    made["item"] = ReviewItem.objects.create(review=made["review"], kind="question", key="q", title="Well?")
    SignOff.objects.create(review=made["review"], person=person, role="approver", at=NOW)
    made["deviation"] = Deviation.objects.create(
        **on, control="IAM-01", reason="for now", owner=person, requested_by=person, requested_at=NOW, ends_on=DAY
    )
    made["ticket"] = Ticket.objects.create(**on, control="IAM-01", created_at=NOW, updated_at=NOW)
    made["finding"] = make_finding(platform, "one")
    made["plan"] = Plan.objects.create(
        problem={"jobs": []}, plan={"jobs": []}, platforms=[platform.pk], made_at=NOW, adopted_by=person, adopted_at=NOW
    )
    made["triaged"] = TriagedAdvisory.objects.create(
        **on, plan=made["plan"], advisory="CVE-2026-1", title="A hole", severity="high", severity_rank=1,
        outcome="schedule", due_order=NOW,
    )  # fmt: skip
    made["change"] = Change.objects.create(
        **on, job="j", patch="p", title="A patch", advisories=["CVE-2026-1"], plan=made["plan"], created_at=NOW
    )
    Gate.objects.create(change=made["change"], kind="approval")
    facts = EvidenceFacts("Report", EvidenceKind.REPORT, platform=platform.pk)
    made["evidence"] = add_evidence(actor(person), [b"All is well.\n"], name="report.txt", facts=facts)
    made["consultation"] = Consultation.objects.create(
        **on, deviation=made["deviation"], because="holds confidential data", asked_at=NOW
    )
    if platform.vendor is not None:
        made["request"], made["asked_file"] = _asked_of(platform, person)
        made["contact"] = platform.vendor.contacts.get()
    made["work"] = Work.objects.create(**on, key=f"w-{platform.pk}", kind="collect", title="Look", created_at=NOW)
    with acting(actor(person), Action.MANAGE_OWN_ACCOUNT, "thing", verb="touched") as event:
        event.platform, event.subject_id = platform.slug, "1"
    return made


def _asked_of(platform: Platform, person: Person) -> tuple[VendorRequest, Evidence]:
    """A request to the platform's vendor, with a file its contact handed in."""
    assert platform.vendor is not None
    guest = make_person(f"{platform.slug}-contact", "vendor_contact", vendor=platform.vendor)
    asked = ask_vendor(actor(person), Question(platform.vendor, "Well?", platform=platform))
    facts = EvidenceFacts("Answer", EvidenceKind.STATEMENT)
    return asked, hand_in_for_request(actor(guest), asked, [b"It is so.\n"], name="answer.txt", facts=facts)


def make_finding(platform: Platform, resource: str, *, rank: int = 1, **more: Any) -> Finding:
    """A finding of severity `rank` (0 is worst)."""
    word = ["critical", "high", "medium", "low", "info"][rank]
    given = {"status": "open", "control": "IAM-01", "pack": "p", "title": "Odd", **more}
    seen = {"first_seen_at": NOW, "last_seen_at": NOW, "age_from": NOW}
    print_ = f"{platform.pk}-{resource}"
    return Finding.objects.create(
        platform=platform, fingerprint=print_, resource_id=resource, severity=word, severity_rank=rank, **given, **seen
    )


def make_house() -> dict[str, dict[str, Any]]:
    """Two platforms of two vendors, `ours` and `theirs`, each with everything."""
    keeper = make_person("keeper", "administrator", "reviewer")
    house = {}
    for name in ("ours", "theirs"):
        vendor = Vendor.objects.create(name=f"{name} vendor", created_at=NOW)
        house[name] = {**furnish(make_platform(name.title(), vendor=vendor), keeper), "vendor": vendor}
    GroupDuty.objects.create(group="sec", role="reviewer")
    Checkpoint.objects.create(number=1, root="0" * 64, head_digest="0" * 64, envelope={}, created_at=NOW)
    Message.objects.create(person=keeper, key="m", kind="due", text="Look at it", created_at=NOW)
    return house
