"""A year of the example organisation, up to the middle of a review."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from dateutil.relativedelta import relativedelta

from passmuster.application.changes.checking_changes import check_changes
from passmuster.application.evidence.evidence import add_evidence
from passmuster.application.example.organisation import Organisation, found_organisation
from passmuster.application.example.patches import (
    carry_out_production,
    carry_out_staging,
    learn,
    pass_gates,
    plan_patches,
    take_back_staging,
    tell_users,
    window_of,
)
from passmuster.application.example.reviews import finish_review, work_lines
from passmuster.application.example.tickets import raise_and_hear
from passmuster.application.example.vendors import ask_the_vendor
from passmuster.application.findings.deviations import Wanted, decide_deviation, expire_deviations, request_deviation
from passmuster.application.findings.finding_work import start_findings
from passmuster.application.looking.looking import approve_baseline, collect_platform
from passmuster.application.programme.platforms import basics_of, change_platform
from passmuster.application.record.auditing import keeper_signer
from passmuster.application.record.checkpoints import write_checkpoint
from passmuster.application.requests.consulting import give_opinion
from passmuster.application.reviews.reviewing import open_due_reviews, open_review, plan_next_review
from passmuster.model.evidence import EvidenceFacts, EvidenceKind
from passmuster.model.keeping import FindingStatus, GateKind
from passmuster.records.models import Finding, Platform, Review

Tell = Callable[[str], None]
# The reviews of now opened so many days ago; the latest of a month, as not every month has a 29th.
_OPEN_FOR_DAYS, _LATEST_DAY = 5, 28
_LAST_LOOK = timedelta(minutes=50)
_CRITICAL = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
_MEDIUM = "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:L/I:L/A:N"


def year_begin(now: datetime) -> datetime:
    """The morning on which the example's year began; its reviews of now opened on the same day a year later."""
    opened = now - timedelta(days=_OPEN_FOR_DAYS)
    if opened.day > _LATEST_DAY:
        opened = opened.replace(day=_LATEST_DAY)
    return (opened - relativedelta(months=12)).replace(hour=8, minute=0, second=0, microsecond=0)


def live_a_year(examples: Path, scratch: Path, now: datetime, tell: Tell) -> Organisation:
    """Run the use cases from a year ago until now, in an empty keeper; `scratch` takes files that are read once."""
    year = _Year(year_begin(now), now, scratch, tell)
    tell(f"{year.begin:%Y-%m-%d}: people, platforms, first reviews")
    made = found_organisation(examples, year.begin)
    _first_reviews(made, year)
    for month in (3, 6):
        _due_reviews(made, year, month)
        if month == 3:
            _first_patch(made, year)
    _the_export_changes(made, year)
    _due_reviews(made, year, 9)
    _now(made, year)
    write_checkpoint(made.keeper(now), keeper_signer())
    return made


@dataclass(frozen=True)
class _Year:
    begin: datetime
    now: datetime
    scratch: Path
    tell: Tell

    def at(self, months: int, days: int = 0, hours: int = 0) -> datetime:
        return self.begin + relativedelta(months=months) + timedelta(days=days, hours=hours)


def _first_reviews(made: Organisation, year: _Year) -> None:
    for platform in made.platforms.values():
        year.tell(f"  the first review of {platform}")
        plan_next_review(made.keeper(year.begin), platform)
        review = open_review(
            made.at("olga", year.at(0, 1)), platform, "first", because="the programme begins", environ={}
        )
        done = finish_review(made, review, year.at(0, 2))
        _hand_in(made, done, year.at(0, 9))
    automations = made.platforms["automations"]
    look = Review.objects.get(platform=automations, occurrence="first").collection
    if look is not None:
        approve_baseline(made.at("anna", year.at(0, 10)), look, "the state after the first review")
    _exception(made, year.at(0, 20), automations, months=8)


def _hand_in(made: Organisation, review: Review, now: datetime) -> None:
    text = f"Restore test of {review.platform}\nDone on {now:%Y-%m-%d}: everything was there within two hours.\n"
    facts = EvidenceFacts(
        title=f"Restore test of {review.platform}",
        kind=EvidenceKind.RESTORE_TEST,
        platform=review.platform_id,
        owner=made.people["remi"].pk,
        period_from=now.date(),
        expires_on=now.date() + timedelta(days=380),
    )
    add_evidence(made.at("remi", now), [text.encode()], name="restore-test.txt", facts=facts, why="asked in the review")


def _exception(made: Organisation, now: datetime, platform: Platform, *, months: int, is_decided: bool = True) -> None:
    """Ask for an exception for the first open finding that has none, and have it approved."""
    found = Finding.objects.filter(platform=platform, status=FindingStatus.OPEN).exclude(resource_id="")
    finding = found.order_by("control", "resource_id").first()
    if finding is None:
        return
    wanted = Wanted(
        control=finding.control,
        reason="The supplier's release that mends it comes later in the year.",
        owner=made.people["remi"],
        ends_on=(now + relativedelta(months=months)).date(),
        platform=platform,
        resource_id=finding.resource_id,
    )
    deviation = request_deviation(made.at("rita", now), wanted)
    for asked in deviation.consultations.all():
        opinion = "No more personal data than before is touched; nothing speaks against it until then."
        give_opinion(made.at("lea", now + timedelta(hours=6)), asked, opinion)
    if is_decided:
        later = now + timedelta(days=1)
        decide_deviation(made.at("anna", later), deviation, is_approved=True, reason="the risk is small until then")


def _due_reviews(made: Organisation, year: _Year, month: int) -> None:
    opened = year.at(month)
    year.tell(f"{opened:%Y-%m-%d}: reviews that are due")
    expire_deviations(made.keeper(opened))
    for review in open_due_reviews(made.keeper(opened), environ={}):
        year.tell(f"  the review of {review.platform}")
        finish_review(made, review, opened + timedelta(days=1))
    # It is reviewed once a year; looks between show how it goes.
    collect_platform(made.keeper(opened), made.platforms["plant-floor"], "every day", environ={})


def _first_patch(made: Organisation, year: _Year) -> None:
    year.tell(f"{year.at(4):%Y-%m-%d}: a patch, from the advisory to the look that verifies it")
    facts = {"title": "Stored script in a form's answer", "cvss": _MEDIUM, "exploitation": "none", "impact": "partial"}
    learn(year.scratch, year.at(4), id="CVE-2025-99001", fixed="2.40.7", **facts)
    staging, production = plan_patches(made, year.at(4, 1), "severity")
    tell_users(made, production, year.at(4, 1, 2))
    take_back_staging(made, staging, window_of(staging))
    carry_out_staging(made, staging, window_of(staging))
    carry_out_production(made, production, window_of(production))
    looked = window_of(production) + timedelta(hours=12)
    _read_from(made, "automations", "n8n", looked)
    collect_platform(made.keeper(looked + timedelta(hours=1)), made.platforms["automations"], "every day", environ={})
    check_changes(made.keeper(looked + timedelta(hours=2)))


def _read_from(made: Organisation, slug: str, folder: str, now: datetime) -> None:
    platform = made.platforms[slug]
    platform.refresh_from_db()
    basics = replace(basics_of(platform), export_path=str(made.examples / folder))
    change_platform(made.at("dana", now), platform, basics, why="a newer export")


def _the_export_changes(made: Organisation, year: _Year) -> None:
    _read_from(made, "office-apps", "power-platform", year.at(7))
    collect_platform(made.keeper(year.at(7, 1)), made.platforms["office-apps"], "every day", environ={})
    # What the look found new is taken on.
    found = Finding.objects.filter(platform=made.platforms["automations"], status=FindingStatus.OPEN)
    chosen = list(found.order_by("control", "resource_id").values_list("pk", flat=True)[:6])
    start_findings(made.at("remi", year.at(7, 2)), chosen, why="in the sprint of this month")


def _now(made: Organisation, year: _Year) -> None:
    """The reviews of now are open; one is done, one half answered, one just laid out. A patch is under way."""
    opened = year.at(12)
    year.tell(f"{opened:%Y-%m-%d}: the reviews of now open")
    expire_deviations(made.keeper(opened))
    for review in open_due_reviews(made.keeper(opened), environ={}):
        if review.platform.slug == "plant-floor":
            finish_review(made, review, opened, step=timedelta(hours=12))
        if review.platform.slug == "automations":
            work_lines(made, review, opened + timedelta(days=2))
    # So late that the night its window is in is still to come.
    learned = year.now - timedelta(days=1)
    facts = {"title": "Code runs without sign-in", "cvss": _CRITICAL, "exploitation": "active", "impact": "total"}
    learn(year.scratch, learned, id="CVE-2026-99002", fixed="2.41.0", **facts)
    staging, production = plan_patches(made, learned + timedelta(hours=2), "bod-26-04")
    carry_out_staging(made, staging, learned + timedelta(hours=5))
    waiting = year.now - timedelta(hours=16)
    pass_gates(made, production, waiting, without=frozenset({GateKind.BACKUP_VERIFIED}))
    ask_the_vendor(made, year.now - timedelta(days=3))
    _exception(made, year.now - timedelta(hours=18), made.platforms["office-apps"], months=3, is_decided=False)
    _exception(made, year.now - timedelta(hours=17), made.platforms["automations"], months=2, is_decided=False)
    raise_and_hear(made, year.now - timedelta(hours=6))
    year.tell(f"{year.now:%Y-%m-%d}: the looks of today")
    for platform in made.platforms.values():
        collect_platform(made.keeper(year.now - _LAST_LOOK), platform, "every day", environ={})
    check_changes(made.keeper(year.now - timedelta(minutes=10)))
