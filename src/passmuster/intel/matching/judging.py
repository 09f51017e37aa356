"""What one source's ranges say of one version: pure, and without regard to who runs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from passmuster.intel.matching.spans import Place, Span, is_same_text, place_of
from passmuster.intel.versions.key import Key
from passmuster.intel.versions.order import branches_of, compare_keys
from passmuster.model.advisory import RangeStatus


class State(Enum):
    """What the ranges say."""

    AFFECTED = auto()
    FIXED = auto()
    NOT_AFFECTED = auto()
    UNCLEAR = auto()
    """A person must look."""
    VERSION_UNKNOWN = auto()
    SILENT = auto()
    """They say nothing of versions at all."""


@dataclass(frozen=True)
class Judgement:
    """A state, and the words for why."""

    state: State
    why: str


@dataclass(frozen=True)
class Told:
    """What one source tells: spans, the fixes it names (with their order where it is known), and the rest's status.

    `backports` are those of the fixes that a sentence names and no range ends with.
    """

    spans: tuple[Span, ...]
    fixes: tuple[tuple[str, Key | None], ...] = ()
    backports: tuple[tuple[str, Key], ...] = ()
    rest: RangeStatus = RangeStatus.UNKNOWN
    until: Key | None = None
    """The last of single versions that are listed, where a sentence says that all are affected up to it."""

    @property
    def affected(self) -> tuple[Span, ...]:
        """The spans said to be affected."""
        return tuple(span for span in self.spans if span.status is RangeStatus.AFFECTED)

    @property
    def spared(self) -> tuple[Span, ...]:
        """The spans said not to be affected."""
        return tuple(span for span in self.spans if span.status is RangeStatus.UNAFFECTED)

    @property
    def open(self) -> tuple[Span, ...]:
        """The spans of which the record says that nobody knows."""
        return tuple(span for span in self.spans if span.status is RangeStatus.UNKNOWN)


def judge(told: Told, version: str | None, key: Key | None) -> Judgement:
    """The state of `version` (None: nobody knows it; `key` None: it has no place in the order)."""
    affected = told.affected
    if not affected and not told.spared and told.rest is not RangeStatus.AFFECTED:
        return Judgement(State.SILENT, "the record names no versions")
    if _is_everything(told):
        return Judgement(State.AFFECTED, "every version is said to be affected")
    if version is None:
        return Judgement(State.VERSION_UNKNOWN, "the version that runs is not known")
    return _named(told, version) if key is None else _placed(told, version, key)


def _named(told: Told, version: str) -> Judgement:
    """The state of a version without a place in the order: known only where the record names it letter for letter."""
    if any(is_same_text(version, span) for span in told.affected):
        return Judgement(State.AFFECTED, f"{version} is named as affected")
    if any(is_same_text(version, span) for span in told.spared):
        state = State.FIXED if told.affected else State.NOT_AFFECTED
        return Judgement(state, f"{version} is named as not affected")
    return Judgement(State.UNCLEAR, f"the version {version} cannot be ordered against those of the record")


def _placed(told: Told, version: str, key: Key) -> Judgement:
    places = [(span, place_of(key, span)) for span in told.affected]
    inside = [span for span, place in places if place is Place.INSIDE]
    above = [span for span, place in places if place is Place.ABOVE]
    spared = [span for span in told.spared if place_of(key, span) is Place.INSIDE]
    if inside and spared:
        return _between_words(spared, inside, version)
    if inside:
        rivals = [span for span in above if any(_shares_low(span, other) for other in inside)]
        by_branch = _by_branch(rivals, inside, told, version, key) if rivals else None
        return by_branch or _backported(told, inside, version, key) or _inside(inside, version)
    if spared:
        return _spared(spared[0], told, version, key)
    unclear = [span for span, place in places if place is Place.UNCLEAR]
    if unclear:
        return _unclear(unclear, above, version, key)
    if told.rest is RangeStatus.UNKNOWN and not told.affected:
        return _beside_spared(told, version, key)
    return _left_open(told, version, key) or _passed_over(told, version, key) or _outside(told, above, version, key)


def _beside_spared(told: Told, version: str, key: Key) -> Judgement:
    """Where only what is spared or mended is told: before it, and between several such, nothing is known."""
    if all(span.low is not None and compare_keys(key, span.low) in (0, 1) for span in told.spared):
        state = State.FIXED if told.fixes else State.NOT_AFFECTED
        return Judgement(state, f"{version} is not before any version that is said to be mended or spared")
    return Judgement(State.UNCLEAR, f"the record says which versions are mended or spared, and nothing of {version}")


def _left_open(told: Told, version: str, key: Key) -> Judgement | None:
    """Open where the record itself says that it does not know.

    Of all the rest of versions that is believed before the last affected one; who wrote it had tried that one alone.
    """
    is_past = any(compare_keys(key, fix) in (0, 1) for _text, fix in told.fixes)
    is_earlier = not is_past and any(compare_keys(key, span.low) == -1 for span in told.affected)
    holding = [span for span in told.open if place_of(key, span) is Place.INSIDE]
    if not any(is_earlier or not span.is_everything for span in holding):
        return None
    return Judgement(State.UNCLEAR, f"the record says that it is not known whether {version} is affected")


def _passed_over(told: Told, version: str, key: Key) -> Judgement | None:
    """Open where the version is not in a list that stands for a range: `3.7`, `3.8`, `3.9.0` beside "up to 3.9.0"."""
    if compare_keys(key, told.until) != -1:
        return None
    return Judgement(State.UNCLEAR, f"{version} is not in the list of the record, which yet says up to a later one")


def _outside(told: Told, above: Sequence[Span], version: str, key: Key) -> Judgement:
    past = [text for text, fix in told.fixes if compare_keys(key, fix) in (0, 1)]
    if told.rest is RangeStatus.AFFECTED and not above and not past:
        return Judgement(State.AFFECTED, f"{version} is not among the versions that are spared")
    ended = [span for span in above if span.fix is not None]
    if ended:
        fix = max(ended, key=lambda span: span.high or key).told.fixed
        return Judgement(State.FIXED, f"{version} is not before {fix}, which has the fix")
    if past and any(span.low is None or compare_keys(span.low, key) == -1 for span in told.affected):
        return Judgement(State.FIXED, f"{version} is not before {past[-1]}, which has the fix")
    if above:
        last = max(above, key=lambda span: span.high or key).told.last_affected
        return Judgement(State.NOT_AFFECTED, f"{version} is later than {last}, the last version said to be affected")
    return Judgement(State.NOT_AFFECTED, f"{version} is not among the versions said to be affected")


def _backported(told: Told, inside: Sequence[Span], version: str, key: Key) -> Judgement | None:
    """Fixed where a sentence names a fix of the version's own branch within the range: `24.2.4` of `< 25.1.1`."""
    for text, fix in told.backports:
        is_own = set(branches_of(fix)[:1]) & set(branches_of(key)[:1]) and compare_keys(key, fix) in (0, 1)
        if is_own and all(span.low is None or compare_keys(span.low, fix) == -1 for span in inside):
            return Judgement(State.FIXED, f"{version} is not before {text}, the fix of its branch")
    return None


def _inside(inside: Sequence[Span], version: str) -> Judgement:
    if inside[0].is_single:
        return Judgement(State.AFFECTED, f"{version} is named as affected")
    return Judgement(State.AFFECTED, f"{version} is among the versions said to be affected ({_words(inside[0])})")


def _spared(span: Span, told: Told, version: str, key: Key) -> Judgement:
    is_fix = span.low is not None and (told.rest is RangeStatus.AFFECTED or bool(told.affected))
    earlier = [other for other in told.affected if other.low is None or compare_keys(other.low, key) == -1]
    if is_fix and (earlier or told.rest is RangeStatus.AFFECTED):
        return Judgement(State.FIXED, f"{version} is said to have the fix")
    return Judgement(State.NOT_AFFECTED, f"{version} is said not to be affected")


def _between_words(spared: Sequence[Span], inside: Sequence[Span], version: str) -> Judgement:
    if all(any(compare_keys(each.low, span.low) == 0 for each in spared) for span in inside):
        return Judgement(State.NOT_AFFECTED, f"{version} is the last version before those said to be affected")
    if any(span.is_single for span in spared):
        return Judgement(State.FIXED, f"{version} is named as not affected")
    return Judgement(State.UNCLEAR, f"the record says of {version} both that it is affected and that it is not")


def _unclear(unclear: Sequence[Span], above: Sequence[Span], version: str, key: Key) -> Judgement:
    """A range nobody can read leaves the version open, unless its own branch has a fix that it is not before."""
    own = [span for span in above if span.fix is not None and set(branches_of(key)[:1]) & set(branches_of(span.fix))]
    if own:
        return Judgement(State.FIXED, f"{version} is not before {own[0].told.fixed}, the fix of its branch")
    return Judgement(State.UNCLEAR, f"{version} cannot be held against the range told ({_words(unclear[0])})")


def _by_branch(rivals: Sequence[Span], inside: Sequence[Span], told: Told, version: str, key: Key) -> Judgement:
    """Ranges from one lower end to different upper ends: the fixes of the version's own branch decide, or nobody."""
    fixes = [(span.told.fixed or "", span.fix) for span in (*rivals, *inside) if span.fix is not None]
    fixes += [(text, fix) for text, fix in told.fixes if fix is not None]
    for branch in branches_of(key):
        same = [(text, fix) for text, fix in fixes if fix.family == key.family and branch in branches_of(fix)]
        signs = {compare_keys(key, fix) for _, fix in same}
        if signs and signs <= {-1}:
            return Judgement(State.AFFECTED, f"{version} is before {same[0][0]}, the fix of its branch")
        if signs and signs <= {0, 1}:
            return Judgement(State.FIXED, f"{version} is not before {same[-1][0]}, the fix of its branch")
    ends = " and ".join(f"({_words(span)})" for span in (rivals[-1], inside[0]))
    return Judgement(
        State.UNCLEAR, f"ranges of the record contradict each other on {version}: {ends}; no fix is of its branch"
    )


def _shares_low(one: Span, other: Span) -> bool:
    if one.is_single or other.is_single:
        return False
    if one.low is None or other.low is None:
        return one.low is other.low
    return compare_keys(one.low, other.low) == 0


def _is_everything(told: Told) -> bool:
    if told.spared or any(not span.is_everything for span in told.affected if not span.is_single):
        return False
    is_rest = told.rest is RangeStatus.AFFECTED and not told.fixes
    return is_rest or any(span.is_everything for span in told.affected)


def _words(span: Span) -> str:
    told = span.told
    if told.exact is not None:
        return told.exact
    low = f"from {told.introduced}" if span.low is not None or (not span.is_readable and told.introduced) else ""
    high = ""
    if told.fixed is not None and (span.high is not None or not span.is_readable):
        high = f"before {told.fixed}"
    elif told.last_affected is not None:
        high = f"up to {told.last_affected}"
    return ", ".join(part for part in (low, high) if part) or "all of them"
