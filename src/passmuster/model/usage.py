"""How much a platform is used, as counted in a snapshot, and which tier that speaks for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from passmuster.model.keeping import DataClass, Tier

_Word = TypeVar("_Word", bound=str)
_TIERS = (Tier.LOW, Tier.MIDDLE, Tier.HIGH)
_DATA_CLASSES = tuple(DataClass)
# Half again as many people, and enough of them that it is not two instead of one.
_GROWTH, _ENOUGH = 1.5, 20
# Data this sensitive does not stand on a platform of a lower tier.
_LOWEST: Mapping[DataClass, Tier] = {DataClass.CONFIDENTIAL: Tier.MIDDLE, DataClass.RESTRICTED: Tier.HIGH}


@dataclass(frozen=True)
class Usage:
    """People who may sign in, classes of data, kinds of connectors in use; None where the look could not tell."""

    people: int | None = None
    data_classes: frozenset[DataClass] | None = None
    connector_kinds: frozenset[str] | None = None


@dataclass(frozen=True)
class OtherTier:
    """A tier that fits the usage better, and the reasons in words."""

    tier: Tier
    reasons: tuple[str, ...]


def propose_tier(current: Tier, before: Usage, after: Usage) -> OtherTier | None:
    """A higher tier where usage grew since `before`: one step up, or what the new class of data asks for.

    Never a lower one: that less is used now says nothing about what stands there. Unknown counts are no growth.
    """
    grown = [*_more_people(before, after), *_new_connectors(before, after)]
    classes = sorted(_new(before.data_classes, after.data_classes), key=_DATA_CLASSES.index)
    # A class that asks for no more than the platform has is told along with other reasons, and is none by itself.
    asked = [_LOWEST.get(each, Tier.LOW) for each in classes]
    step = min(_TIERS.index(current) + bool(grown), len(_TIERS) - 1)
    tier = max(_TIERS[step], *asked, key=_TIERS.index) if asked else _TIERS[step]
    reasons = (*grown, *(f"it holds {each} data now" for each in classes))
    return OtherTier(tier, reasons) if tier is not current else None


def propose_for_data(current: Tier, data_class: DataClass) -> OtherTier | None:
    """What a class of data that somebody stated asks for, where the platform's tier is lower."""
    lowest = _LOWEST.get(data_class, Tier.LOW)
    if _TIERS.index(lowest) <= _TIERS.index(current):
        return None
    return OtherTier(lowest, (f"it is said to hold {data_class} data",))


def higher_of(first: OtherTier, second: OtherTier) -> OtherTier:
    """Both in one: the higher tier, and every reason once."""
    tier = max(first.tier, second.tier, key=_TIERS.index)
    return OtherTier(tier, tuple(dict.fromkeys((*first.reasons, *second.reasons))))


def _more_people(before: Usage, after: Usage) -> list[str]:
    if before.people is None or after.people is None:
        return []
    is_more = after.people - before.people >= _ENOUGH and after.people >= before.people * _GROWTH
    return [f"{after.people} people may sign in, {before.people} could before"] if is_more else []


def _new_connectors(before: Usage, after: Usage) -> list[str]:
    new = sorted(_new(before.connector_kinds, after.connector_kinds))
    shown = ", ".join(new[:5]) + (f" and {len(new) - 5} more" if len(new) > 5 else "")
    return [f"new kinds of connectors: {shown}"] if new else []


def _new(before: frozenset[_Word] | None, after: frozenset[_Word] | None) -> frozenset[_Word]:
    return frozenset() if before is None or after is None else after - before
