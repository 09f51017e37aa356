"""The records, a module a topic."""

from __future__ import annotations

from passmuster.records.models.asking import Consultation, VendorRequest
from passmuster.records.models.calls import AnsweredCall
from passmuster.records.models.changes import Change, Gate, Plan, TriagedAdvisory
from passmuster.records.models.counts import FindingCount, FindingDueCount, FindingDueTotal, FindingTotal
from passmuster.records.models.evidence import Evidence
from passmuster.records.models.findings import (
    Deviation,
    DeviationCheck,
    Finding,
    FindingStep,
    Ticket,
    TicketMessage,
)
from passmuster.records.models.looking import Collection, Evaluation, FollowedControl, FollowedRun
from passmuster.records.models.messages import Delivery, DeliveryLine, Message
from passmuster.records.models.people import ApiToken, Duty, FeedToken, GroupDuty, Person, SignInTally
from passmuster.records.models.programme import Environment, EscalationStep, Ownership, Platform, TierProposal, Vendor
from passmuster.records.models.record import AuditEvent, AuditHead, Checkpoint
from passmuster.records.models.reviews import Review, ReviewItem, SignOff
from passmuster.records.models.work import Work

__all__ = [
    "AnsweredCall",
    "ApiToken",
    "AuditEvent",
    "AuditHead",
    "Change",
    "Checkpoint",
    "Collection",
    "Consultation",
    "Delivery",
    "DeliveryLine",
    "Deviation",
    "DeviationCheck",
    "Duty",
    "Environment",
    "EscalationStep",
    "Evaluation",
    "Evidence",
    "FeedToken",
    "Finding",
    "FindingCount",
    "FindingDueCount",
    "FindingDueTotal",
    "FindingStep",
    "FindingTotal",
    "FollowedControl",
    "FollowedRun",
    "Gate",
    "GroupDuty",
    "Message",
    "Ownership",
    "Person",
    "Plan",
    "Platform",
    "Review",
    "ReviewItem",
    "SignInTally",
    "SignOff",
    "Ticket",
    "TicketMessage",
    "TierProposal",
    "TriagedAdvisory",
    "Vendor",
    "VendorRequest",
    "Work",
]
