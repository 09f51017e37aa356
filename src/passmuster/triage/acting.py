"""What is to be done: patch, test, configure, migrate, hunt, ask for evidence; pure."""

from __future__ import annotations

import re
from datetime import datetime

from passmuster.model.advisory import Advisory, NoticeKind, RemediationKind
from passmuster.model.decision import Action
from passmuster.model.match import Match, Verdict
from passmuster.model.words import Responsibility
from passmuster.triage.campaign import is_campaign, is_only_notice
from passmuster.triage.notices import in_force_at

_PREVIEW = re.compile(
    r"(?:^|[.\-_+ ~\d])(?:alpha|beta|preview|pre|rc|dev|snapshot|nightly|canary)[.\-_ \d]*$|\d[ab]\d{1,4}$", re.I
)
_RETIRING = frozenset({NoticeKind.RETIREMENT, NoticeKind.DEPRECATION})


def action_for(advisory: Advisory, match: Match, *, as_of: datetime, is_retired: bool = False) -> Action:
    """The action that fits who can act and what there is to act with; `is_retired`: no longer supported."""
    if match.verdict in (Verdict.FIXED, Verdict.NOT_AFFECTED):
        return Action.NONE
    if is_campaign(advisory):
        return Action.HUNT
    if is_preview_open(advisory, as_of=as_of):
        return Action.TEST_BEFORE
    if match.verdict is Verdict.NEEDS_REVIEW:
        return Action.OBTAIN_EVIDENCE
    if is_vendors(advisory, match):
        # Before the day the vendor has named there is nothing to ask, only a date to keep.
        return Action.PATCH if is_coming(advisory, as_of=as_of) else Action.OBTAIN_EVIDENCE
    return _ours(advisory, match, is_retired=is_retired)


def _ours(advisory: Advisory, match: Match, *, is_retired: bool) -> Action:
    kinds = {remediation.kind for remediation in advisory.remediations}
    if match.fixed_versions:
        return Action.TEST_BEFORE if all(_PREVIEW.search(text) for text in match.fixed_versions) else Action.PATCH
    if is_retired or RemediationKind.NO_FIX_PLANNED in kinds or _is_retiring(advisory):
        return Action.MIGRATE
    # A fix without a version is still a fix; with neither, who can reach it is all that can be changed.
    is_told = RemediationKind.VENDOR_FIX in kinds or (advisory.notice is not None and is_only_notice(advisory))
    return Action.PATCH if is_told else Action.CONFIGURE


def is_vendors(advisory: Advisory, match: Match) -> bool:
    """Whether only the vendor can mend it."""
    is_told = match.verdict in (Verdict.VENDOR_PENDING, Verdict.VENDOR_FIXED)
    return is_told or match.who_patches is Responsibility.VENDOR or advisory.is_hosted_only


def is_preview_open(advisory: Advisory, *, as_of: datetime) -> bool:
    """Whether the vendor offers the change for testing and has not put it in force yet."""
    notice = advisory.notice
    if notice is None or notice.preview_at is None:
        return False
    end = in_force_at(notice) or notice.earliest_at
    return end is None or as_of < end


def is_coming(advisory: Advisory, *, as_of: datetime) -> bool:
    """Whether the vendor has named a day, not reached yet, by which it puts the fix in force."""
    end = in_force_at(advisory.notice) if advisory.notice else None
    return end is not None and as_of < end


def has_fix(advisory: Advisory, match: Match) -> bool:
    """Whether there is something to act on: a fix, dated or not, a change of settings, or a vendor to ask."""
    mends = {RemediationKind.VENDOR_FIX, RemediationKind.CONFIGURATION, RemediationKind.MITIGATION}
    return (
        bool(match.fixed_versions)
        or is_vendors(advisory, match)
        or advisory.vendor_fixed_at is not None
        or advisory.notice is not None
        or any(remediation.kind in mends for remediation in advisory.remediations)
    )


def _is_retiring(advisory: Advisory) -> bool:
    return advisory.notice is not None and advisory.notice.kind in _RETIRING
