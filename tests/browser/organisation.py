"""A small organisation in the middle of its work, for looking at pages; rows, not use cases, so it stands at once."""

from __future__ import annotations

import random
from datetime import timedelta

from django.utils import timezone

from passmuster.model.words import Severity
from passmuster.records.models import (
    Change,
    Collection,
    Deviation,
    Evaluation,
    Evidence,
    Finding,
    Gate,
    Message,
    Person,
    Platform,
    Review,
    ReviewItem,
    Ticket,
    Vendor,
    Work,
)
from tests.keeping import make_person, make_platform

TITLES = (
    "A guest administers an environment",
    "A connection shares one account's secret with everybody",
    "Audit log is off",
    "Connectors of any kind may be used in production",
    "A workflow's webhook answers without authentication",
)


def make_organisation() -> Person:
    """Three platforms with a year behind them; answers the person whose day it is."""
    pick = random.Random(5)
    now = timezone.now()
    person = make_person("ada", "platform_owner", "approver", "administrator")
    other = make_person("grace", "remediation_owner")
    vendor = Vendor.objects.create(name="Contoso Cloud <b>", created_at=now)
    platforms = [
        make_platform(name, kind=kind, vendor=vendor, tier=tier, next_review_on=(now + timedelta(days=ahead)).date())
        for name, kind, tier, ahead in (
            ("Automations of the finance department", "n8n", "high", 9),
            ("Citizen apps", "power_platform", "middle", 40),
            ("Flows & forms <script>", "node_red", "low", 70),
        )
    ]
    for at, platform in enumerate(platforms):
        _looks(platform, start=52 + 9 * at)
        _findings(platform, pick, 60 - 18 * at, person if at == 0 else None)
        _changes(platform, pick, [person, other, None])
    _review(platforms[0], person)
    _deviations(platforms[0], person, other)
    _tickets(platforms[0], person)
    Evidence.objects.create(
        title="Independent audit report, type 2",
        kind="independent_audit_report",
        file_name="report.pdf",
        media_type="application/pdf",
        sha256="0" * 64,
        size_bytes=48_000,
        platform=platforms[1],
        vendor=vendor,
        expires_on=(now + timedelta(days=6)).date(),
        uploaded_by=other,
        uploaded_at=now,
    )
    Message.objects.create(person=person, key="k", kind="drift", text="Two new administrators", created_at=now)
    for state in ("waiting", "running", "failed", "done"):
        Work.objects.create(
            key=f"look-{state}",
            kind="collect",
            title="Look at Citizen apps",
            platform=platforms[1],
            state=state,
            progress="table 4 of 31",
            created_at=now,
            ended_at=now,
        )
    return person


def _looks(platform: Platform, start: int) -> None:
    for month in range(11, -1, -1):
        at = timezone.now() - timedelta(days=30 * month + 1)
        look = Collection.objects.create(platform=platform, state="done", started_at=at, ended_at=at)
        passed = start + 2 * (11 - month)
        Evaluation.objects.create(
            collection=look,
            as_of=at,
            results_sha256="0" * 64,
            store_key="k",
            summary={"pass": passed, "fail": 100 - passed, "unknown": 12, "manual": 9, "not_applicable": 4, "error": 0},
            created_at=at,
        )


def _findings(platform: Platform, pick: random.Random, n: int, owner: Person | None) -> None:
    today = timezone.now()
    Finding.objects.bulk_create(
        Finding(
            platform=platform,
            fingerprint=f"{platform.pk}-{number}",
            pack="no-code-baseline",
            control=f"IAM-{number % 7 + 1:02}",
            title=TITLES[number % len(TITLES)],
            resource_id=f"resource-{number}",
            resource_name=f"Invoice approval {number} <i>",
            severity=(severity := pick.choice(list(Severity))),
            severity_rank=severity.rank,
            status=pick.choice(["open", "open", "open", "in_progress", "accepted", "closed"]),
            owner=owner if number % 3 else None,
            due_on=(today + timedelta(days=pick.randrange(-12, 40))).date() if number % 4 else None,
            first_seen_at=today,
            last_seen_at=today,
            age_from=today,
        )
        for number in range(n)
    )


def _changes(platform: Platform, pick: random.Random, owners: list[Person | None]) -> None:
    today = timezone.now()
    for number in range(14):
        due = today - timedelta(days=26 * number - 20)
        is_done = number > 1 and pick.random() < 0.8
        change = Change.objects.create(
            platform=platform,
            job=f"job-{number}",
            patch=f"patch-{number}",
            title=f"Remote execution, mended in 2.{number}.1",
            severity="critical" if number % 3 == 0 else "high",
            owner=owners[number % 3],
            status="verified" if is_done else "planned",
            due_at=due,
            verified_at=due + timedelta(days=pick.choice([-9, -2, 3])) if is_done else None,
            window_start_at=due - timedelta(days=10),
            created_at=today,
        )
        if not is_done:
            Gate.objects.create(change=change, kind="approval")


def _review(platform: Platform, person: Person) -> None:
    today = timezone.now()
    review = Review.objects.create(
        platform=platform,
        occurrence="2026-06",
        because="due",
        status="open",
        due_on=(today + timedelta(days=4)).date(),
        opened_at=today,
    )
    for number in range(7):
        ReviewItem.objects.create(
            review=review,
            kind="control",
            key=f"c{number}",
            title=TITLES[number % 5],
            assignee=person,
            due_on=review.due_on,
        )
    Review.objects.create(
        platform=platform,
        occurrence="late",
        because="a vendor's incident",
        status="open",
        due_on=(today - timedelta(days=3)).date(),
        opened_at=today,
    )


def _deviations(platform: Platform, person: Person, other: Person) -> None:
    today = timezone.now()
    told = {"platform": platform, "owner": other, "requested_by": other, "requested_at": today, "reason": "Old app"}
    Deviation.objects.create(control="IAM-04", ends_on=(today + timedelta(days=90)).date(), **told)
    Deviation.objects.create(control="IAM-02", ends_on=(today + timedelta(days=5)).date(), status="approved", **told)


def _tickets(platform: Platform, person: Person) -> None:
    """One that was told and heard of, one that is not taken, one about which nothing is known over there."""
    now = timezone.now()
    told = {"platform": platform, "environment": "Default <b>", "created_at": now, "updated_at": now}
    states: tuple[dict[str, object], ...] = (
        {
            "external_key": "SECURITY-1042",
            "external_url": "https://tickets.example.org/SECURITY-1042",
            "external_status": "Waiting for the supplier <i>",
            "sent_digest": "d",
            "sent_count": 3,
            "sent_at": now - timedelta(hours=5),
        },
        {
            "external_status": "sent",
            "sent_at": now - timedelta(days=2),
            "failure": "the ticket system could not be reached (ConnectTimeout)",
            "failing_since": now - timedelta(hours=3),
            "failed_at": now - timedelta(minutes=9),
        },
        {},
    )
    for number, state in enumerate(states, start=1):
        ticket = Ticket.objects.create(control=f"IAM-{number:02}", owner=person, **told, **state)
        Finding.objects.filter(platform=platform, control=ticket.control, owner=person).update(ticket=ticket)
