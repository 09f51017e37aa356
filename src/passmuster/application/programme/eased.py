"""Said to hold less than before: another data class or fewer regulations, which take work away from others."""

from __future__ import annotations

from collections.abc import Sequence

from passmuster.application.access import Actor
from passmuster.application.messages.telling import tell
from passmuster.application.programme.owners import people_of
from passmuster.model.keeping import DataClass, DutyRole
from passmuster.records.models import Platform

_ORDER = list(DataClass)


def eased_by(platform: Platform, data_class: DataClass, regulations: Sequence[str]) -> str:
    """What would be less than it is, in words; empty where nothing is."""
    told = []
    if _ORDER.index(data_class) < _ORDER.index(DataClass(platform.data_class)):
        told.append(f"it holds {data_class} data and no longer {platform.data_class}")
    if gone := sorted(set(platform.regulations) - set(regulations)):
        told.append(f"{', '.join(gone)} no longer applies" if len(gone) == 1 else f"{', '.join(gone)} no longer apply")
    return " and ".join(told)


def eased_complaints(platform: Platform, data_class: DataClass, regulations: Sequence[str], why: str) -> list[str]:
    """That a reason is missing for what is said to be less."""
    eased = eased_by(platform, data_class, regulations)
    return [f"say why: {eased}"] if eased and not why.strip() else []


def tell_eased(actor: Actor, platform: Platform, eased: str, why: str) -> None:
    """Tell those who ask for more where more is at stake."""
    if not eased:
        return
    people = {person.pk: person for role in (DutyRole.LEGAL, DutyRole.SPONSOR) for person in people_of(platform, role)}
    for person in people.values():
        if person.pk != actor.person_id:
            tell(
                person,
                key=f"eased:{platform.pk}:{actor.now.isoformat()}",
                kind="platform_eased",
                text=f"{actor.name} says of {platform}: {eased}, because {why.strip()}. Object where that is not so.",
                link=f"/settings/platforms/{platform.slug}/",
                now=actor.now,
            )
