"""What an answer means for a table: read, refused, not licensed, unknown to the platform, or broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from passmuster.collect.answers import Answer
from passmuster.collect.paging import Listing
from passmuster.documents.secrets import mask_secrets
from passmuster.model.words import CollectionStatus

_LONGEST_MESSAGE = 200


@dataclass(frozen=True)
class Verdict:
    """The status of what an answer was to fill, why, and what would unlock it. `ok` has neither."""

    status: CollectionStatus
    reason: str = ""
    unlock: str = ""

    @property
    def is_ok(self) -> bool:
        """Whether the answer can be used."""
        return self.status is CollectionStatus.OK


OK = Verdict(CollectionStatus.OK)


def judge(
    answer: Answer, *, what: str, unlock: str = "", platform_says: Callable[[Answer], Verdict | None] | None = None
) -> Verdict:
    """The verdict on one answer. `platform_says` reads a refusal in the platform's own words; None leaves it to us."""
    if answer.is_ok:
        return OK
    if answer.status is None or 200 <= answer.status < 400:
        return Verdict(CollectionStatus.ERROR, f"{what}: {answer.problem or f'HTTP {answer.status}'}")
    own = platform_says(answer) if platform_says else None
    if own is not None:
        return own
    told = f"{what}: HTTP {answer.status}{_message(answer)}"
    if answer.status in (401, 403):
        return Verdict(CollectionStatus.DENIED, told, unlock)
    if answer.status in (404, 405, 410, 501):
        return Verdict(CollectionStatus.UNSUPPORTED, f"{told}: this version of the platform does not tell")
    return Verdict(CollectionStatus.ERROR, told if not answer.problem else f"{told}; {answer.problem}")


def judge_listing(
    listing: Listing, *, what: str, unlock: str = "", platform_says: Callable[[Answer], Verdict | None] | None = None
) -> Verdict:
    """The verdict on a list read page by page: `partial` where its end was not reached."""
    if listing.cut_short:
        own = judge(listing.answer, what=what, unlock=unlock, platform_says=platform_says)
        return Verdict(CollectionStatus.PARTIAL, f"{what}: {listing.cut_short}", own.unlock)
    return judge(listing.answer, what=what, unlock=unlock, platform_says=platform_says)


def worst(*verdicts: Verdict) -> Verdict:
    """The worst of several verdicts; of equals the first."""
    return max(verdicts, key=lambda verdict: verdict.status.rank)


def message_of(answer: Answer) -> str:
    """The platform's own words in an answer, shortened and without secrets; empty if there are none."""
    body = answer.body
    if isinstance(body, dict) and isinstance(body.get("errors"), list) and body["errors"]:
        body = body["errors"][0]  # as Directus answers
    if isinstance(body, dict):
        for key in ("message", "error_description", "error", "detail", "title"):
            if isinstance(body.get(key), str):
                return mask_secrets(" ".join(body[key].split()))[:_LONGEST_MESSAGE]
    return ""


def _message(answer: Answer) -> str:
    text = message_of(answer)
    return f' "{text}"' if text else ""
