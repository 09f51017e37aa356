"""The demo's year, lived by the real use cases."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from passmuster.application.example.year import live_a_year, year_begin
from passmuster.application.record.auditing import keeper_signer, verify_record
from passmuster.application.reviews.sealing import verify_seal
from passmuster.controls.catalogue import shipped_folder
from passmuster.records.models import (
    AuditEvent,
    Change,
    Consultation,
    Deviation,
    Evaluation,
    Evidence,
    Person,
    Platform,
    Review,
    Ticket,
    VendorRequest,
)

NOW = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)


def test_the_year_ends_in_the_middle_of_a_review_and_its_record_verifies(durable_db: Path, tmp_path: Path) -> None:
    told: list[str] = []
    live_a_year(shipped_folder("examples"), tmp_path, NOW, told.append)

    reviews = Counter(Review.objects.values_list("platform__slug", "status"))
    assert reviews == {
        ("automations", "sealed"): 4,
        ("automations", "open"): 1,
        ("office-apps", "sealed"): 2,
        ("office-apps", "open"): 1,
        ("plant-floor", "sealed"): 2,
    }
    now = Review.objects.get(platform__slug="automations", status="open")
    lines = Counter(now.items.values_list("status", flat=True))
    assert lines["open"] > 0
    assert now.items.exclude(done_by=None).count() > 0
    assert now.previous is not None
    for review in Review.objects.filter(status="sealed"):
        assert not review.items.filter(done_at__lt=review.opened_at).exists()
    assert [complaint for each in Review.objects.filter(status="sealed") for complaint in verify_seal(each)] == []

    changes = Counter(Change.objects.values_list("status", flat=True))
    assert changes == {"verified": 3, "planned": 1}
    assert set(Change.objects.filter(status="verified").values_list("verified_by", flat=True)) == {
        "behaviour_test",
        "version",
    }
    assert AuditEvent.objects.filter(action="record_rollback").count() == 1
    assert Change.objects.filter(attempt=2, status="verified").count() == 1
    # Each platform has a trend, not a point.
    months = Counter(
        Evaluation.objects.filter(as_of__gte=NOW - timedelta(days=330)).values_list("collection__platform__slug")
    )
    assert all(n > 2 for n in months.values())
    waiting = Change.objects.get(status="planned")
    assert waiting.due_at is not None
    assert waiting.window_start_at is not None
    assert NOW < waiting.window_start_at < waiting.due_at
    assert waiting.gates.filter(kind="forensic_triage", status="met").exists()
    assert Counter(Deviation.objects.values_list("status", flat=True)) == {"expired": 1, "requested": 2}
    assert (Person.objects.count(), Platform.objects.count(), Evidence.objects.count()) == (8, 3, 4)
    assert Counter(VendorRequest.objects.values_list("status", flat=True)) == {"answered": 1, "open": 1}
    handed_in = Evidence.objects.exclude(request=None).get()
    assert (handed_in.uploaded_by.email, handed_in.owner) == (
        "vic@example.org",
        Person.objects.get(name="Rita Reviewer"),
    )
    assert Consultation.objects.filter(given_at=None).exclude(change=None).exists()

    tickets = Counter(Ticket.objects.values_list("external_status", flat=True))
    assert (tickets["Done"], tickets["Waiting for the supplier"]) == (1, 1)
    assert tickets[""] > 0

    times = list(AuditEvent.objects.order_by("number").values_list("at", flat=True))
    assert times[0] == year_begin(NOW)
    assert max(times) <= NOW
    assert times[-1] > NOW - timedelta(hours=1)
    assert not AuditEvent.objects.filter(by="command").exclude(action="add_person").exists()
    verdict = verify_record(public_key=keeper_signer().public_key)
    assert (verdict.broken, verdict.events) == ("", len(times))
    assert told
