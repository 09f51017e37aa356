from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from passmuster.application.evidence.evidence import add_evidence, link_evidence, supersede_evidence
from passmuster.application.record.auditing import keeper_signer, verify_record
from passmuster.application.record.evidence_check import differing
from passmuster.application.record.evidence_links import Links
from passmuster.model.evidence import EvidenceFacts, EvidenceKind
from passmuster.records.models import AuditEvent, Evidence, Review, Vendor
from tests.keeping import NOW, actor, make_person, make_platform, past_can_change

pytestmark = pytest.mark.usefixtures("db")

FACTS = EvidenceFacts("Report", EvidenceKind.REPORT, controls=("IAM-01",), expires_on=date(2026, 7, 1))

# What is changed behind the keeper's back, and the name under which it is found.
ALTERED: list[tuple[Mapping[str, Any], str]] = [
    ({"title": "Better"}, "title"),
    ({"kind": "penetration_test_summary"}, "kind"),
    ({"expires_on": date(2099, 1, 1)}, "expires_on"),
    ({"period_from": date(2020, 1, 1)}, "period"),
    ({"controls": ["Z"]}, "controls"),
    ({"platform": None}, "platform"),
    ({"vendor": "another"}, "vendor_id"),
    ({"owner": "another"}, "owner_id"),
    ({"uploaded_by": "another"}, "uploaded_by_id"),
    ({"uploaded_at": NOW - timedelta(days=900)}, "uploaded_at"),
    ({"superseded_by": "another"}, "superseded_by"),
]


def _broken() -> str:
    return verify_record(public_key=keeper_signer().public_key).broken


def _another(name: str, who: Any) -> Any:
    if name == "vendor":
        return Vendor.objects.create(name="Acme", created_at=NOW)
    if name == "superseded_by":
        return add_evidence(who, [b"%PDF-1.7\nother"], name="o.pdf", facts=FACTS)
    return make_person("eve")


@pytest.mark.parametrize(("altered", "name"), ALTERED)
def test_whatever_an_event_told_of_evidence_is_held_against_it_and_guarded(
    altered: Mapping[str, Any], name: str
) -> None:
    platform = make_platform()
    who = actor(make_person("ada", "reviewer"))
    facts = EvidenceFacts("Report", EvidenceKind.REPORT, platform=platform.pk, controls=("IAM-01",))
    made = add_evidence(who, [b"%PDF-1.7\nproof"], name="r.pdf", facts=facts)
    changed = {key: _another(key, who) if value == "another" else value for key, value in altered.items()}
    assert _broken() == ""
    # Links are changed by a use case, and only the first successor is set: those the trigger lets through.
    if name not in ("controls", "superseded_by"):
        with pytest.raises(DatabaseError, match="what is recorded stays"), transaction.atomic():
            Evidence.objects.filter(pk=made.pk).update(**changed)
    with past_can_change():
        Evidence.objects.filter(pk=made.pk).update(**changed)
    assert name in _broken().partition("its ")[2]


def test_what_was_linked_and_superseded_by_use_cases_holds_and_what_was_not_is_found() -> None:
    platform = make_platform()
    who = actor(make_person("ada", "reviewer"))
    facts = EvidenceFacts("Report", EvidenceKind.REPORT, platform=platform.pk)
    review = Review.objects.create(
        platform=platform, occurrence="q", because="due", due_on=date(2026, 6, 30), opened_at=NOW
    )
    made = add_evidence(who, [b"%PDF-1.7\nproof"], name="r.pdf", facts=facts)
    link_evidence(who, made, controls=["IAM-02"], reviews=[review.pk])
    after = supersede_evidence(who, made, [b"%PDF-1.7\nnew"], name="r.pdf", facts=facts, why="newer")
    assert _broken() == ""
    with pytest.raises(DatabaseError, match="what is recorded stays"), transaction.atomic():
        Evidence.objects.filter(pk=made.pk).update(superseded_by=None)
    assert after.superseded_by is None
    made.reviews.set([])
    assert _broken().endswith("its reviews differs")
    made.reviews.set([review.pk])
    with past_can_change():
        Evidence.objects.filter(pk=made.pk).update(superseded_by=None)
    assert _broken().endswith("its superseded_by differs")


def test_an_event_of_before_is_held_to_what_it_says() -> None:
    made = add_evidence(actor(make_person("ada", "reviewer")), [b"%PDF-1.7\nproof"], name="r.pdf", facts=FACTS)
    event = AuditEvent.objects.get(action="add_evidence")
    event.after = {name: event.after[name] for name in ("sha256", "size_bytes", "file_name", "media_type", "title")}
    made.owner_id, made.kind = 7, "log"
    assert differing(event, made, Links(), None) == []
    made.title = "Better"
    assert differing(event, made, Links(), None) == ["title"]
