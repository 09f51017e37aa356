"""The example organisation: people, vendors, three platforms read from the examples that ship."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from passmuster.application.access import Actor
from passmuster.application.acting import actor_of, keeper
from passmuster.application.people.duties import Held
from passmuster.application.people.people import add_person
from passmuster.application.programme.environments import EnvironmentFacts, put_environment
from passmuster.application.programme.ownership import Thing, set_escalation, set_owner
from passmuster.application.programme.platforms import Basics, Running, add_platform
from passmuster.application.programme.vendors import add_vendor
from passmuster.model.keeping import DataClass, DutyRole, Stage, Tier
from passmuster.records.models import Person, Platform, Vendor

# Who there is: the first name is the address at example.org too.
PEOPLE: Mapping[str, tuple[str, tuple[DutyRole, ...]]] = {
    "dana": ("Dana Demo", (DutyRole.ADMINISTRATOR, DutyRole.SPONSOR)),
    "olga": ("Olga Owner", (DutyRole.PLATFORM_OWNER,)),
    "rita": ("Rita Reviewer", (DutyRole.REVIEWER,)),
    "remi": ("Remi Remedy", (DutyRole.REMEDIATION_OWNER,)),
    "anna": ("Anna Approver", (DutyRole.APPROVER,)),
    "lea": ("Lea Legal", (DutyRole.LEGAL,)),
    "audi": ("Audi Auditor", (DutyRole.AUDITOR,)),
}
_ZONE = "Europe/Berlin"
_NIGHTLY = {"id": "night", "rrule": "FREQ=DAILY", "minutes": 120}


@dataclass(frozen=True)
class Organisation:
    """The people by first name and the platforms by short name; `examples` is the folder that is read."""

    people: Mapping[str, Person]
    platforms: Mapping[str, Platform]
    examples: Path

    def at(self, who: str, now: datetime) -> Actor:
        """The person as an actor at that time."""
        return actor_of(self.people[who], by="page", now=now)

    def keeper(self, now: datetime) -> Actor:
        """The schedule at that time."""
        return keeper(now)


def found_organisation(examples: Path, now: datetime) -> Organisation:
    """Add everybody and everything, as an administrator on the host and then they themselves would."""
    people = _colleagues(now)
    dana = actor_of(people["dana"], by="page", now=now)
    vendor = add_vendor(dana, name="Example Automations Ltd", catalogue_id="n8n", notes="Hosts our automations.")
    people["vic"] = add_person(
        dana, email="vic@example.org", name="Vic Vendor", duties=[Held(DutyRole.VENDOR_CONTACT)], vendor=vendor
    )
    platforms = {
        slug: add_platform(dana, slug, basics, running) for slug, basics, running in _platforms(examples, vendor)
    }
    made = Organisation(people, platforms, examples)
    _settle_in(made, now)
    return made


def _colleagues(now: datetime) -> dict[str, Person]:
    """Those who work there, by first name."""
    host = Actor("the demo on the host", "command", now, duties=frozenset({(DutyRole.ADMINISTRATOR, None)}))
    return {
        first: add_person(
            host, email=f"{first}@example.org", name=name, duties=[Held(role) for role in roles], why="the demo"
        )
        for first, (name, roles) in PEOPLE.items()
    }


def _platforms(examples: Path, vendor: Vendor) -> Iterator[tuple[str, Basics, Running]]:
    """The platforms' short names and what is told of them."""
    yield (
        "automations",
        Basics(
            *("Automations", "n8n", vendor, "n8n:demo"),
            export_path=str(examples / "n8n-before"),
            declared_path=str(examples / "n8n" / "declared.yaml"),
            tier=Tier.HIGH,
        ),
        Running(DataClass.CONFIDENTIAL, ("GDPR",), business_priority=1, time_zone=_ZONE),
    )
    yield (
        "office-apps",
        Basics("Office apps", "power-platform", export_path=str(examples / "power-platform-before")),
        Running(business_priority=2, time_zone=_ZONE),
    )
    yield (
        "plant-floor",
        Basics(
            *("Plant floor", "node-red", None, "node-red:demo"),
            export_path=str(examples / "node-red"),
            declared_path=str(examples / "node-red" / "declared.yaml"),
            tier=Tier.LOW,
        ),
        Running(business_priority=4, time_zone=_ZONE),
    )


def _settle_in(made: Organisation, now: datetime) -> None:
    olga = made.at("olga", now)
    nightly = {**_NIGHTLY, "starts": f"{now:%Y-%m-%d}T22:00:00"}
    automations = made.platforms["automations"]
    for name, stage, identity in (
        ("production", Stage.PRODUCTION, "instance"),
        ("staging", Stage.STAGING, ""),
    ):
        put_environment(
            olga,
            automations,
            EnvironmentFacts(name, stage, _ZONE, external_id=identity, windows=[nightly]),
            why="as the operations team runs it",
        )
    for platform in made.platforms.values():
        set_owner(olga, platform, Thing(), owner=made.people["remi"], deputy=made.people["olga"])
    set_escalation(
        made.at("dana", now), [(24, DutyRole.PLATFORM_OWNER), (72, DutyRole.SPONSOR)], why="agreed with the board"
    )
