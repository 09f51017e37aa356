"""Which advisories are triaged at all, and which of them are attacks to look for and not holes to mend."""

from __future__ import annotations

import re

from passmuster.model.advisory import Advisory, NoticeKind, RecordKind

_TRIAGED = frozenset({NoticeKind.SECURITY_FIX, NoticeKind.EMERGENCY_CHANGE})
_CVE = re.compile(r"CVE-\d{4}-\d{4,}", re.IGNORECASE)
_LOOT = r"(?:tokens?|credentials?|passwords?|keys?|secrets?|sessions?|accounts?|data)"
_TAKEN = r"(?:stolen|stole|leaked|compromised|exfiltrated|abused|misused|hijacked)"
_ATTACKERS = r"(?:threat actors?|attackers?|intruders?|adversar(?:y|ies)|unauthori[sz]ed (?:part(?:y|ies)|persons?))"
_DID = r"(?:used|gained|obtained|accessed|exploited|targeted|downloaded|took|have|has|had|are|were|was)"
_CAMPAIGN = re.compile(
    rf"\b{_TAKEN}\b.{{0,80}}\b{_LOOT}\b|\b{_LOOT}\b.{{0,60}}\b{_TAKEN}\b|\b{_ATTACKERS}\s+(?:\w+\s+)?{_DID}\b"
    r"|\b(?:attack|phishing|theft|extortion)?\s*campaign\b|\bsupply.chain attack\b|\bUNC\d{3,5}\b",
    re.IGNORECASE,
)
# What could happen, or did not, is no campaign: most notices of a fix tell what an attacker could do.
_NOT_SO = re.compile(
    r"\b(?:could|may|might|can|would|potential(?:ly)?|prevents?|if)\b"
    r"|\b(?:no|not|without|nor)\s+(?:\w+\s+){0,2}(?:evidence|indications?|signs?|aware)\b|\bnot\s+been\b",
    re.IGNORECASE,
)
_SENTENCES = re.compile(r"(?<=[.!?;])\s+|\n+")
_MOST_TEXT = 20_000


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
    return advisory.notice is not None and tells_of_attacks(f"{advisory.title}\n{advisory.notice.text}")


def tells_of_attacks(text: str) -> bool:
    """Whether a sentence says that attackers were at work, rather than that they could be."""
    sentences = _SENTENCES.split(text[:_MOST_TEXT])
    return any(_CAMPAIGN.search(each) and not _NOT_SO.search(each) for each in sentences)


def is_only_notice(advisory: Advisory) -> bool:
    """Whether vendors' notices are all there is of it."""
    return all(record.kind is RecordKind.NOTICE for record in advisory.records) if advisory.records else True
