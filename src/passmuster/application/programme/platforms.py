"""Platforms under review: what the programme decides about them, and what their owners do."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django.db.models import Q

from passmuster.application.access import Action, Actor
from passmuster.application.acting import acting
from passmuster.application.programme.credential_names import check_credential_names
from passmuster.application.programme.eased import eased_by, eased_complaints, tell_eased
from passmuster.application.programme.looks import require_looked_at_often_enough
from passmuster.application.programme.often_enough import postpone_nothing, require_often_enough
from passmuster.application.programme.proposing_tiers import propose_tier_for_data
from passmuster.errors import UsageError
from passmuster.model.keeping import DataClass, Tier
from passmuster.pipeline.cadence import cadence_complaints
from passmuster.pipeline.describing import list_connectors
from passmuster.records.models import Platform, Vendor

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_RULE = 200
# A review that is planned follows these.
_DATING = frozenset({"tier", "cadence_rrule", "time_zone"})


@dataclass(frozen=True)
class Basics:
    """What the programme decides: what is read, from where, with which credentials, and how much depends on it."""

    name: str
    kind: str
    vendor: Vendor | None = None
    platform_id: str = ""
    url: str = ""
    export_path: str = ""
    declared_path: str = ""
    credentials: Mapping[str, str] = field(default_factory=dict)
    packs: tuple[str, ...] = ()
    tier: Tier = Tier.MIDDLE
    is_active: bool = True


@dataclass(frozen=True)
class Running:
    """What a platform's owner decides: what it holds, when it is looked at and reviewed."""

    data_class: DataClass = DataClass.INTERNAL
    regulations: tuple[str, ...] = ()
    business_priority: int = 3
    time_zone: str = "UTC"
    cadence_rrule: str = ""
    collect_every_hours: int = 24


def add_platform(actor: Actor, slug: str, basics: Basics, running: Running | None = None) -> Platform:
    """A platform; `slug` stands in addresses and file names for good. Raises UsageError with all that is wrong."""
    complaints = [] if _SLUG.fullmatch(slug) and len(slug) <= 80 else ["the short name is small letters, digits and -"]
    if Platform.objects.filter(slug=slug).exists():
        complaints.append(f"the short name {slug} is taken")
    chosen = running or Running()
    _refuse([*complaints, *_basics_complaints(basics, None), *_running_complaints(chosen)])
    with acting(actor, Action.MANAGE_PROGRAMME, "platform", verb="add_platform") as event:
        platform = Platform(slug=slug, created_at=actor.now)
        _put(platform, basics, chosen)
        platform.save()
        event.subject_id, event.platform, event.after = str(platform.pk), slug, _told(platform)
    return platform


def change_platform(actor: Actor, platform: Platform, basics: Basics, *, why: str = "") -> None:
    """Change what the programme decides; a lower tier needs a reason. Raises UsageError with all that is wrong."""
    _refuse([*_basics_complaints(basics, platform.pk), *_tier_complaints(platform, basics, why)])
    _change(actor, Action.MANAGE_PROGRAMME, platform, basics, why)


def change_running(actor: Actor, platform: Platform, running: Running, *, why: str = "") -> None:
    """Change what its owner decides, and propose the tier its data asks for; raises UsageError with all mistakes.

    Less sensitive data or fewer regulations than before need a reason, and are told to legal and sponsors. Looks and
    reviews that are rarer than the tier asks for are the programme's to choose, with a reason: NotAllowed, UsageError.
    """
    _refuse([*_running_complaints(running), *eased_complaints(platform, running.data_class, running.regulations, why)])
    if running.cadence_rrule != platform.cadence_rrule:
        require_often_enough(actor, platform, running.cadence_rrule, why)
    require_looked_at_often_enough(actor, platform, running.collect_every_hours, why)
    before = platform.data_class
    eased = eased_by(platform, running.data_class, running.regulations)
    _change(actor, Action.MANAGE_PLATFORM, platform, running, why)
    tell_eased(actor, platform, eased, why)
    if platform.data_class != before:
        propose_tier_for_data(actor, platform)


def basics_of(platform: Platform) -> Basics:
    """What the programme decided."""
    names = [name for name in Basics.__dataclass_fields__ if name not in ("packs", "tier")]
    told = {name: getattr(platform, name) for name in names}
    return Basics(**told, packs=tuple(platform.packs), tier=Tier(platform.tier))


def running_of(platform: Platform) -> Running:
    """What its owner decided."""
    told = {name: getattr(platform, name) for name in Running.__dataclass_fields__}
    return replace(Running(**told), regulations=tuple(platform.regulations), data_class=DataClass(platform.data_class))


def _change(actor: Actor, action: Action, platform: Platform, facts: Basics | Running, why: str) -> None:
    with acting(actor, action, platform, platform=platform, why=why, verb="change_platform") as event:
        before = _told(platform)
        _put(platform, facts)
        after = _told(platform)
        changed = [name for name in after if before[name] != after[name]]
        fields = list(type(facts).__dataclass_fields__)
        if not _DATING.isdisjoint(changed):
            postpone_nothing(actor, platform)
            fields.append("next_review_on")
        platform.save(update_fields=fields)
        event.before, event.after = ({name: told[name] for name in changed} for told in (before, after))
        event.is_silent = not changed


def _put(platform: Platform, *facts: Basics | Running) -> None:
    for each in facts:
        for name in type(each).__dataclass_fields__:
            value = getattr(each, name)
            setattr(platform, name, list(value) if isinstance(value, tuple) else value)
    platform.credentials = dict(platform.credentials)


def _told(platform: Platform) -> dict[str, Any]:
    told = {**asdict(replace(basics_of(platform), vendor=None)), **asdict(running_of(platform))}
    # An address may carry a password where somebody wrote one; it is refused, but the record is for ever.
    return {**told, "vendor": platform.vendor.name if platform.vendor else None}


def _refuse(complaints: list[str]) -> None:
    if complaints:
        raise UsageError("; ".join(complaints))


def _tier_complaints(platform: Platform, basics: Basics, why: str) -> list[str]:
    tiers = list(Tier)
    is_lower = tiers.index(basics.tier) > tiers.index(Tier(platform.tier))
    return ["a lower tier asks for fewer gates and reviews: say why"] if is_lower and not why.strip() else []


def _basics_complaints(basics: Basics, key: int | None) -> list[str]:
    complaints = []
    if not basics.name.strip():
        complaints.append("the name is empty")
    elif Platform.objects.filter(name__iexact=basics.name.strip()).exclude(Q(pk=key)).exists():
        complaints.append(f"there is a platform {basics.name.strip()} already")
    kinds = sorted(each.kind for each in list_connectors())
    if basics.kind not in kinds:
        complaints.append(f"{basics.kind!r} is no kind of platform; known are {', '.join(kinds)}")
    parts = urlsplit(basics.url)
    if basics.url and (parts.scheme not in ("http", "https") or not parts.hostname):
        complaints.append("the address begins with https://")
    if parts.username or parts.password:
        complaints.append("the address must not carry a user or password; name credentials instead")
    try:
        check_credential_names(basics.credentials, os.environ)
    except UsageError as error:
        complaints.append(str(error))
    return complaints


def _running_complaints(running: Running) -> list[str]:
    complaints = []
    is_zone = running.time_zone in available_timezones()
    if not is_zone:
        complaints.append(f"{running.time_zone!r} is no time zone; write one like Europe/Berlin")
    if not 1 <= running.business_priority <= 5:
        complaints.append("the business priority is 1 (highest) to 5")
    if not 1 <= running.collect_every_hours <= 24 * 31:
        complaints.append("it is looked at every 1 to 744 hours")
    if running.cadence_rrule:
        zone = running.time_zone if is_zone else "UTC"
        complaints += [f"the cadence: {each}" for each in cadence_complaints(running.cadence_rrule, zone)]
    if len(running.cadence_rrule) > _LONGEST_RULE:
        complaints.append(f"the cadence: is longer than {_LONGEST_RULE} characters")
    return complaints
