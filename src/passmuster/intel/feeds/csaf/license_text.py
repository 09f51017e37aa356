"""Licence expressions as SPDX 3.0.1 writes them (annex B): what one names, or that it is none."""

from __future__ import annotations

import re

_WORD = re.compile(r"[()]|[^\s()]+")
_JOINING = frozenset({"AND", "and", "OR", "or"})
_WITH = frozenset({"WITH", "with"})
_WORDS = _JOINING | _WITH
_SCANCODE = ("licenseref-scancode-", "additionref-scancode-")
_ALONE = frozenset({"NONE", "NOASSERTION"})


def named_licenses(expression: str) -> tuple[str, ...] | None:
    """The identifiers of licences and exceptions, without a plus sign; None for a text that is no expression.

    References into other documents (`DocumentRef-`) are none either: a CSAF document has no other one to refer to.
    """
    if expression != expression.strip() or re.search(r"[^\S ]|  ", expression):
        return None
    words = _WORD.findall(expression)
    if not _is_sentence(words):
        return None
    return tuple(word.removesuffix("+") for word in words if word not in _WORDS and word not in "()")


def _is_sentence(words: list[str]) -> bool:
    """Whether licences and operators take turns and each bracket has its other half."""
    depth, is_open, before, last = 0, True, "", ""
    for word in words:
        if is_open:
            is_exception = last in _WITH
            if word == "(" and not is_exception:
                depth += 1
            elif _is_exception(word) if is_exception else _is_license(word, is_alone=len(words) == 1):
                is_open = False
            else:
                return False
        elif word == ")" and depth:
            depth -= 1
        elif word in _JOINING or (word in _WITH and last != ")" and before not in _WITH):
            is_open = True
        else:
            return False
        before, last = last, word
    return not is_open and not depth


def _is_license(word: str, *, is_alone: bool) -> bool:
    is_versioned_reference = word.startswith("LicenseRef-") and word.endswith("+")
    return _is_id(word, "LicenseRef-") and not is_versioned_reference and (is_alone or word not in _ALONE)


def _is_exception(word: str) -> bool:
    return _is_id(word, "AdditionRef-") and not word.endswith("+") and word not in _ALONE


def _is_id(word: str, own: str) -> bool:
    """Whether a word is an identifier; one of the publisher's own begins with `own`, spelled just so."""
    is_reference = re.match(r"(?:license|addition|document)ref-", word, re.IGNORECASE) is not None
    plain = word.removesuffix("+")
    return (
        word not in _WORDS
        and re.fullmatch(r"[A-Za-z0-9.-]+", plain) is not None
        and (not is_reference or (plain.startswith(own) and plain != own))
    )


def is_own_license(name: str) -> bool:
    """Whether an identifier is one of the publisher's own: neither of SPDX nor of AboutCode's ScanCode LicenseDB.

    Both lists grow, so that an identifier by their rules is taken for theirs.
    """
    return name.startswith(("LicenseRef-", "AdditionRef-")) and not name.lower().startswith(_SCANCODE)
