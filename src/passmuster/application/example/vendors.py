"""What the example organisation asks of its vendor: one request answered with a file, one open."""

from __future__ import annotations

from datetime import datetime, timedelta

from passmuster.application.example.organisation import Organisation
from passmuster.application.requests.asking_vendors import Question, ask_vendor
from passmuster.application.requests.vendor_requests import answer_vendor_request, hand_in_for_request
from passmuster.errors import UsageError
from passmuster.model.evidence import EvidenceFacts, EvidenceKind

_REPORT = """Summary of the penetration test of {year}
Two findings of medium severity, both mended; none open.
"""


def ask_the_vendor(made: Organisation, now: datetime) -> None:
    """Ask for two things; the first is answered with a file and waits to be accepted, the second for an answer."""
    platform = made.platforms["automations"]
    if platform.vendor is None:
        raise UsageError("the example's automations have a vendor")
    question = Question(
        vendor=platform.vendor,
        platform=platform,
        title="Please hand in the summary of your latest penetration test",
        detail="A summary with the date and what is still open is enough.",
        due_on=(now + timedelta(days=14)).date(),
    )
    asked = ask_vendor(made.at("rita", now), question, why="for the review of this quarter")
    answered = now + timedelta(days=1)
    facts = EvidenceFacts(
        title="Penetration test, summary",
        kind=EvidenceKind.PENETRATION_TEST_SUMMARY,
        period_from=(now - timedelta(days=120)).date(),
        period_to=(now - timedelta(days=90)).date(),
        expires_on=(now + timedelta(days=270)).date(),
    )
    vic = made.at("vic", answered)
    text = _REPORT.format(year=answered.year).encode()
    hand_in_for_request(vic, asked, [text], name="penetration-test.txt", facts=facts)
    answer_vendor_request(vic, asked, "The summary is attached; the full report can be read at our office.")
    region = Question(
        vendor=platform.vendor,
        platform=platform,
        title="In which regions are backups of our data kept, and for how long?",
        detail="We need it in writing for our register of processing.",
        due_on=(now + timedelta(days=10)).date(),
    )
    ask_vendor(made.at("lea", now + timedelta(days=2)), region)
