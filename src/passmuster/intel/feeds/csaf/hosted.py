"""Whether a document says that a vulnerability is of a service its vendor alone runs, and has mended."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

# Microsoft's words for what it alone could mend, in a note titled "Customer Action".
_NOTHING_TO_DO = "requires no customer action to resolve"
_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+")
_HOSTED = re.compile(r"\b(?:cloud(?:[- ]based)?|saas|hosted|server[- ]side|service[- ]side)\b", re.IGNORECASE)
_NO_ACTION = re.compile(
    r"\bno\s+(?:further\s+|additional\s+)?(?:user|customer|end[- ]user|client)?\s*(?:action|update|intervention)s?\s+"
    r"(?:by\s+(?:users|customers)\s+)?(?:is|are)?\s*(?:required|needed|necessary)\b"
    r"|\b(?:users?|customers?)\s+(?:do\s+not\s+need\s+to|need\s+not)\s+(?:take|do)\b",
    re.IGNORECASE,
)
_MENDED = re.compile(
    r"\b(?:patched|fixed|mended|mitigated|remediated|resolved|addressed|corrected|deployed|applied)\b", re.IGNORECASE
)
# Where copies are run by customers as well, it is not the vendor's alone.
_ALSO_OURS = re.compile(
    r"\bself[- ]?(?:hosted|managed)\b|\bon[- ]?prem(?:ises?)?\b|\bcustomer[- ](?:hosted|managed)\b|\bhybrid\b",
    re.IGNORECASE,
)
_ASKS_TO_UPDATE = re.compile(r"\b(?:upgrade|update|install|apply|download)\b", re.IGNORECASE)


def is_hosted_only(vulnerability: Mapping[str, Any], document_notes: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a note or remediation says so.

    Either in Microsoft's set words, or in one sentence or two: hosted, mended, nothing for customers to do; and nothing
    else of the vulnerability speaks of copies that customers run, or of a fix to install.
    """
    notes = [note["text"] for note in (*vulnerability.get("notes", []), *document_notes)]
    if any(_NOTHING_TO_DO in text.lower() for text in notes):
        return True
    remediations = vulnerability.get("remediations", [])
    texts = [*notes, *(each["details"] for each in remediations)]
    fixes = [each["details"] for each in remediations if each["category"] == "vendor_fix"]
    if any(_ALSO_OURS.search(text) for text in texts) or any(map(_asks_to_update, fixes)):
        return False
    return any(_says_so(pair) for text in texts for pair in _neighbours(text))


def _asks_to_update(text: str) -> bool:
    return any(_ASKS_TO_UPDATE.search(each) and not _NO_ACTION.search(each) for each in _SENTENCES.split(text))


def _neighbours(text: str) -> Iterator[str]:
    """Each sentence with the one behind it."""
    sentences = _SENTENCES.split(text)
    yield from (f"{one} {other}" for one, other in zip(sentences, [*sentences[1:], ""], strict=True))


def _says_so(words: str) -> bool:
    return all(pattern.search(words) for pattern in (_NO_ACTION, _HOSTED, _MENDED))
