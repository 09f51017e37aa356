"""A record of every kind that is no business of a vendor's contact; every name in them holds one word to look for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.utils import timezone

from passmuster.application.evidence.evidence import add_evidence
from passmuster.model.evidence import EvidenceFacts, EvidenceKind
from passmuster.model.keeping import GateKind
from passmuster.records import models
from tests.keeping import actor

WORD = "Halcyon"
_STEPS = ("deploy", "approve")
_FILES = ("report.html", "findings.csv", "evaluation.json")


def make_records(platform: models.Platform, person: models.Person) -> None:
    """One record of every kind on the platform, all of them by that person."""
    now = timezone.now()
    on: dict[str, Any] = {"platform": platform}
    end = now.date() + timedelta(days=30)
    environment = models.Environment.objects.create(**on, name=f"{WORD} live")
    models.Ownership.objects.create(**on, scope_kind="platform", owner=person)
    models.EscalationStep.objects.create(**on, after_hours=24, role="sponsor")
    look = models.Collection.objects.create(**on, state="done", started_at=now, because=f"{WORD} wanted it")
    review = models.Review.objects.create(
        **on, occurrence="o", because=f"{WORD} wanted it", status="open", due_on=end, opened_at=now, collection=look
    )
    models.ReviewItem.objects.create(
        review=review, kind="question", key="q", title=f"Does {WORD} hold?", assignee=person, answer=f"{WORD} holds"
    )
    by = {"owner": person, "requested_by": person, "requested_at": now, "ends_on": end}
    models.Deviation.objects.create(**on, control=f"{WORD}-01", reason=f"{WORD} is old", **by)
    models.Ticket.objects.create(**on, control=f"{WORD}-01", owner=person, created_at=now, updated_at=now)
    models.Finding.objects.create(
        **on, fingerprint=f"{platform.pk}", pack="p", control="c", title=f"{WORD} is open", resource_id=f"{WORD}-1",
        severity="high", severity_rank=1, owner=person, first_seen_at=now, last_seen_at=now, age_from=now,
    )  # fmt: skip
    plan = models.Plan.objects.create(
        problem={"jobs": []}, plan={"jobs": []}, platforms=[platform.pk], problems=[WORD], made_at=now, made_by=person
    )
    change = models.Change.objects.create(
        **on, environment=environment, plan=plan, job="j", patch="p", title=f"{WORD}: a patch", created_at=now
    )
    models.Gate.objects.create(change=change, kind="approval")
    facts = EvidenceFacts(f"{WORD} report", EvidenceKind.REPORT, platform=platform.pk)
    add_evidence(actor(person, now=now), [f"All is well with {WORD}.\n".encode()], name=f"{WORD}.txt", facts=facts)
    models.Work.objects.create(**on, key=f"w{platform.pk}", kind="collect", title=f"Look at {WORD}", created_at=now)
    models.Message.objects.create(
        person=person, key=f"m{platform.pk}", kind="due", text=f"{WORD} waits", created_at=now
    )
    models.GroupDuty.objects.create(group=f"{WORD} group", role="reviewer", platform=platform)
    models.TierProposal.objects.create(**on, tier="low", reasons=[WORD], proposed_at=now)


def what_is_there() -> dict[str, Sequence[str]]:
    """For the holes of addresses: numbers of records of each kind, short names, words of steps and gates."""
    numbers = {str(key) for model in apps.get_app_config("records").get_models() for key in _keys(model)}
    slugs = list(models.Platform.objects.order_by("pk").values_list("slug", flat=True))
    return {
        "int": sorted(numbers, key=int),
        "slug": slugs,
        "platform": slugs,
        "step": _STEPS,
        "kind": [GateKind.FORENSIC_TRIAGE.value],
        "slug name": ["owners"],
        "str name": _FILES,
    }


def _keys(model: Any) -> list[int]:
    keys = model.objects.order_by("pk").values_list("pk", flat=True)[:4]
    return [key for key in keys if isinstance(key, int)]
