"""Holding one advisory against one component."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from passmuster.intel.catalogue.entry import Catalogue, Product
from passmuster.intel.matching.hosting import effective_hosting, says_cloud_spared, says_mended, who_patches
from passmuster.intel.matching.judging import Judgement, State, judge
from passmuster.intel.matching.naming import Asked, asked_for
from passmuster.intel.matching.sources import Source, sources_of
from passmuster.intel.versions.key import Key
from passmuster.intel.versions.order import branches_of, compare_keys, key_of
from passmuster.model.advisory import Advisory, NoticeKind, RecordKind, RemediationKind
from passmuster.model.component import Component
from passmuster.model.match import Match, Verdict
from passmuster.model.waves import seen_from
from passmuster.model.words import Hosting, Responsibility

_MOST_TOLD = 3
_WITHDRAWN = "the advisory was withdrawn or rejected"
_SETTLED = (State.AFFECTED, State.FIXED, State.NOT_AFFECTED)
_OF_FLAWS = (NoticeKind.SECURITY_FIX, NoticeKind.EMERGENCY_CHANGE)
_BY_STATE = {
    State.AFFECTED: Verdict.AFFECTED,
    State.FIXED: Verdict.FIXED,
    State.NOT_AFFECTED: Verdict.NOT_AFFECTED,
    State.UNCLEAR: Verdict.NEEDS_REVIEW,
    State.VERSION_UNKNOWN: Verdict.NEEDS_REVIEW,
    State.SILENT: Verdict.NEEDS_REVIEW,
}


def match(
    advisory: Advisory, component: Component, catalogue: Catalogue, *, as_of: datetime | None = None
) -> Match | None:
    """The verdict on one component; None where the advisory speaks of something else.

    A fix that the vendor announced for a time after `as_of` is none yet.
    """
    return match_asked(advisory, component, asked_for(component, catalogue), as_of=as_of)


def match_asked(
    advisory: Advisory, component: Component, asked: Asked, *, as_of: datetime | None = None
) -> Match | None:
    """As `match`, for a component already looked up in the catalogue; None too for a notice of no flaw."""
    return match_heard(advisory, component, heard_of(advisory, asked, component.regions), as_of=as_of)


def heard_of(advisory: Advisory, asked: Asked, regions: Collection[str]) -> tuple[Source, ...]:
    """Every voice on what was asked for in these regions, whatever the version; none of a notice of no flaw."""
    if _is_of_no_flaw(advisory):
        return ()
    return sources_of(seen_from(advisory, regions), asked)


def match_heard(
    advisory: Advisory, component: Component, sources: tuple[Source, ...], *, as_of: datetime | None = None
) -> Match | None:
    """As `match_asked`, of voices heard before on another version of the same, in the same regions."""
    advisory = seen_from(advisory, component.regions)
    if not sources:
        return None
    if as_of is not None and advisory.vendor_fixed_at is not None and advisory.vendor_fixed_at > as_of:
        advisory = replace(advisory, vendor_fixed_at=None)
    source, judgement = _heard(sources, component.version)
    product = next((mention.product for mention in source.mentions if mention.product is not None), None)
    verdict, reason, who = _verdict(advisory, component, source, judgement, product)
    return Match(
        advisory=advisory.id,
        component=component,
        verdict=verdict,
        reason=_sentence(advisory, reason),
        who_patches=who,
        fixed_versions=source.fixed_versions,
        aliases=advisory.aliases,
    )


def match_withdrawn(advisory: Advisory, component: Component, asked: Asked) -> Match | None:
    """The verdict of a withdrawn advisory that named the component while it held; None for a notice of no flaw."""
    if _is_of_no_flaw(advisory):
        return None
    return Match(
        advisory=advisory.id,
        component=component,
        verdict=Verdict.NOT_AFFECTED,
        reason=_sentence(advisory, _WITHDRAWN),
        who_patches=who_patches(component, next(iter(asked.products), None)),
        aliases=advisory.aliases,
    )


def _heard(sources: tuple[Source, ...], version: str | None) -> tuple[Source, Judgement]:
    """The first source that tells of versions, else the first of all; another record may settle what it leaves open."""
    judged = [
        (source, judge(source.told, version, key_of(version, source.scheme) if version else None)) for source in sources
    ]
    first = next(((source, said) for source, said in judged if said.state is not State.SILENT), judged[0])
    if first[1].state is not State.UNCLEAR:
        return first
    settled = ((source, said) for source, said in judged if said.state in _SETTLED and not source.is_added)
    return next(settled, first)


def _verdict(
    advisory: Advisory, component: Component, source: Source, judgement: Judgement, product: Product | None
) -> tuple[Verdict, str, Responsibility]:
    who = who_patches(component, product)
    if advisory.is_withdrawn:
        return Verdict.NOT_AFFECTED, _WITHDRAWN, who
    if _is_hosted_only(advisory, source):
        return _hosted_only(advisory, component)
    is_told = component.version is not None and judgement.state is not State.SILENT
    if component.hosting is Hosting.VENDOR or (effective_hosting(component, product) is Hosting.VENDOR and not is_told):
        verdict, reason = _vendor_hosted(advisory, source, judgement, who, component.version)
        return verdict, reason, who
    return _BY_STATE[judgement.state], _self_hosted_reason(advisory, source, judgement, component.version), who


def _hosted_only(advisory: Advisory, component: Component) -> tuple[Verdict, str, Responsibility]:
    if component.hosting is Hosting.SELF:
        reason = "it concerns only the service that the vendor hosts, and this copy is self-hosted"
        return Verdict.NOT_AFFECTED, reason, Responsibility.VENDOR
    if says_mended(advisory) or advisory.vendor_fixed_at is not None:
        when = f" on {advisory.vendor_fixed_at:%Y-%m-%d}" if advisory.vendor_fixed_at else ""
        reason = f"only the vendor can patch this service, and it is said to have done so{when}; keep its statement"
        return Verdict.VENDOR_FIXED, reason, Responsibility.VENDOR
    fix = " (its score counts an official fix)" if _counts_official_fix(advisory) else ""
    reason = f"only the vendor can patch this service{fix}; ask it for evidence that it has"
    return Verdict.VENDOR_PENDING, reason, Responsibility.VENDOR


def _vendor_hosted(
    advisory: Advisory, source: Source, judgement: Judgement, who: Responsibility, version: str | None
) -> tuple[Verdict, str]:
    state, why = judgement.state, judgement.why
    if says_cloud_spared(advisory) or any(mention.entry.is_cloud_spared for mention in source.mentions):
        if says_mended(advisory):
            return Verdict.VENDOR_FIXED, "the vendor is said to have mended what it hosts; self-hosted copies patch"
        return Verdict.NOT_AFFECTED, "what the vendor hosts is said not to be affected; self-hosted copies are"
    if state in (State.FIXED, State.NOT_AFFECTED, State.UNCLEAR):
        return _BY_STATE[state], why
    if says_mended(advisory):
        return Verdict.VENDOR_FIXED, f"{why}, and the vendor is said to have mended what it hosts; keep its statement"
    fix = _fix_words(advisory, source, version)
    if state is State.AFFECTED and who is not Responsibility.VENDOR:
        return Verdict.AFFECTED, f"{why}{fix}"
    return Verdict.VENDOR_PENDING, _pending_reason(advisory, judgement, fix)


def _pending_reason(advisory: Advisory, judgement: Judgement, fix: str) -> str:
    if _is_notice_alone(advisory) and advisory.vendor_fixed_at is not None:
        return f"the vendor announces its fix for {advisory.vendor_fixed_at:%Y-%m-%d}; ask it whether it is in"
    ask = "ask it when" if judgement.state is State.AFFECTED else "ask it whether it has"
    return f"{judgement.why}; the vendor hosts and patches it{fix}; {ask}"


def _self_hosted_reason(advisory: Advisory, source: Source, judgement: Judgement, version: str | None) -> str:
    is_open = judgement.state in (State.AFFECTED, State.VERSION_UNKNOWN, State.UNCLEAR, State.SILENT)
    return f"{judgement.why}{_fix_words(advisory, source, version) if is_open else ''}"


def _fix_words(advisory: Advisory, source: Source, version: str | None) -> str:
    key = key_of(version, source.scheme) if version else None
    fixes = _fixes_ahead(source, key)
    if fixes and _are_behind(source, key):
        return f"; the fix that is named ({fixes[0]}) is of an older line, and none is for this one"
    if fixes:
        more = len(fixes) - _MOST_TOLD
        return f"; fixed in {' / '.join(fixes[:_MOST_TOLD])}{f' and {more} more' if more > 0 else ''}"
    kinds = {remediation.kind for remediation in advisory.remediations}
    if RemediationKind.CONFIGURATION in kinds:
        return "; the remedy is a change of configuration"
    return "; no fix is named"


def _fixes_ahead(source: Source, key: Key | None) -> Sequence[str]:
    """The fixes to tell of: those of the version's own line if there are any, else those after it, else all."""
    if key is None:
        return source.fixed_versions
    later = [(text, fix) for text, fix in source.told.fixes if fix is not None and compare_keys(key, fix) == -1]
    own = [text for text, fix in later if branches_of(fix)[-1:] == branches_of(key)[-1:]]
    return own or [text for text, _ in later] or source.fixed_versions


def _are_behind(source: Source, key: Key | None) -> bool:
    """Whether the version is surely past every fix that is named, so that none of them is a way out."""
    return key is not None and all(fix is not None and compare_keys(key, fix) == 1 for _text, fix in source.told.fixes)


def _is_of_no_flaw(advisory: Advisory) -> bool:
    return advisory.notice is not None and advisory.notice.kind not in _OF_FLAWS and _is_notice_alone(advisory)


def _is_notice_alone(advisory: Advisory) -> bool:
    return all(record.kind is RecordKind.NOTICE for record in advisory.records)


def _is_hosted_only(advisory: Advisory, source: Source) -> bool:
    return advisory.is_hosted_only or any(mention.entry.is_hosted_only for mention in source.mentions)


def _counts_official_fix(advisory: Advisory) -> bool:
    return any("/RL:O" in score.vector for score in advisory.scores)


def _sentence(advisory: Advisory, reason: str) -> str:
    doubt = "; the vendor or others dispute the advisory" if advisory.is_disputed else ""
    text = f"{reason.rstrip('.')}{doubt}."
    return text[0].upper() + text[1:]
