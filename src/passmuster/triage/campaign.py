"""Which advisories are triaged at all, and which of them are attacks to look for and not holes to mend."""

from __future__ import annotations

import re

from passmuster.model.advisory import Advisory, NoticeKind, RecordKind

_TRIAGED = frozenset({NoticeKind.SECURITY_FIX, NoticeKind.EMERGENCY_CHANGE})
_CVE = re.compile(r"CVE-\d{4}-\d{4,}", re.IGNORECASE)
_CAMPAIGN = re.compile(
    r"\b(?:stolen|leaked|compromised|exfiltrat\w*|abused?|misused?)\b[^.]{0,80}\b(?:tokens?|credentials?|keys?|secrets?|sessions?|accounts?|data)\b"
    r"|\b(?:tokens?|credentials?|keys?|secrets?|sessions?|accounts?|data)\b[^.]{0,60}\b(?:stolen|leaked|compromised|exfiltrat\w*|abused|misused)\b"
    r"|\b(?:campaign|threat actors?|attackers?|intruders?|supply.chain attack|unauthori[sz]ed access|data theft)\b"
    r"|\bUNC\d{3,5}\b",
    re.IGNORECASE,
)


def is_triaged(advisory: Advisory) -> bool:
    """Whether a decision is made: not of what was withdrawn, nor of notices that mend nothing."""
    if advisory.is_withdrawn:
        return False
    return not is_only_notice(advisory) or advisory.notice is None or advisory.notice.kind in _TRIAGED


def is_campaign(advisory: Advisory) -> bool:
    """Whether it tells of attackers at work without a CVE to patch: somebody must hunt for their traces."""
    names = (advisory.id, *advisory.aliases)
    if any(_CVE.fullmatch(name) for name in names):
        return False
    # OSV's ids for packages that are malicious in themselves.
    if any(name.upper().startswith("MAL-") for name in names):
        return True
    notice = advisory.notice
    return notice is not None and bool(_CAMPAIGN.search(f"{advisory.title} {notice.text}"))


def is_only_notice(advisory: Advisory) -> bool:
    """Whether vendors' notices are all there is of it."""
    return all(record.kind is RecordKind.NOTICE for record in advisory.records) if advisory.records else True
