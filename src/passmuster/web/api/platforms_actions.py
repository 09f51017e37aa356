"""What is done to platforms and their environments."""

from __future__ import annotations

from typing import Annotated, Any
from zoneinfo import available_timezones

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import Field

from passmuster.application.access import Action, Actor
from passmuster.application.programme.environments import EnvironmentFacts, put_environment, remove_environment
from passmuster.application.programme.platforms import Basics, Running, add_platform, change_platform, change_running
from passmuster.errors import UsageError
from passmuster.model.keeping import DataClass, Stage, Tier
from passmuster.records.models import Environment, Platform, Vendor
from passmuster.web.api.auth import ApiRequest, sight
from passmuster.web.api.paging import on_platforms
from passmuster.web.api.programme import EnvironmentTold, PlatformTold, platform_shown
from passmuster.web.api.times import PlainFreezeAsked, PlainWindowAsked
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Asked, Flag, Id, Slug, Text, Whole, Word

platforms = Topic("platforms")
TOPICS = (platforms,)
Words = Annotated[list[Word], Field(max_length=100)]


class BasicsAsked(Asked):
    """What the programme decides; `credentials` are names of variables, files or commands, never values."""

    name: Annotated[Word, Field(max_length=200)]
    kind: Annotated[Word, Field(max_length=64)]
    vendor: Id | None = None
    platform_id: Annotated[Word, Field(max_length=200)] = ""
    url: Annotated[Text, Field(max_length=500)] = ""
    export_path: Annotated[Text, Field(max_length=500)] = ""
    declared_path: Annotated[Text, Field(max_length=500)] = ""
    credentials: Annotated[dict[Word, Word], Field(max_length=50)] = Field(default_factory=dict)
    packs: Words = Field(default_factory=list)
    tier: Tier = Tier.MIDDLE
    is_active: Flag = True

    def facts(self) -> Basics:
        """As the use case takes it; raises Http404 for a vendor that is not there."""
        told = self.model_dump(exclude={"vendor", "packs"})
        vendor = get_object_or_404(Vendor, pk=self.vendor) if self.vendor else None
        return Basics(**told, vendor=vendor, packs=tuple(self.packs))


class RunningAsked(Asked):
    """What a platform's owner decides."""

    data_class: DataClass = DataClass.INTERNAL
    regulations: Words = Field(default_factory=list)
    business_priority: Annotated[Whole, Field(ge=1, le=5)] = 3
    time_zone: Annotated[Word, Field(max_length=64)] = "UTC"
    cadence_rrule: Annotated[Word, Field(max_length=200)] = ""
    collect_every_hours: Annotated[Whole, Field(ge=1, le=744)] = 24

    def facts(self) -> Running:
        """As the use case takes it."""
        return Running(**self.model_dump(exclude={"regulations"}), regulations=tuple(self.regulations))


class NewPlatform(Asked):
    """A platform; its short name stands in addresses for good."""

    slug: Slug
    basics: BasicsAsked
    running: RunningAsked = RunningAsked()


class ChangedBasics(Asked):
    """What the programme decides, all of it, and why it changes."""

    basics: BasicsAsked
    why: Text = ""


class ChangedRunning(Asked):
    """What the owner decides, all of it, and why it changes."""

    running: RunningAsked
    why: Text = ""


class EnvironmentAsked(Asked):
    """An environment, found by its name.

    `windows` and `freezes` are spelt as in `passmuster/calendar@1`, the `plain` ones in plain words; both together are
    all it has.
    """

    name: Annotated[Word, Field(max_length=200)]
    stage: Stage = Stage.PRODUCTION
    time_zone: Annotated[Word, Field(max_length=64)] = "UTC"
    external_id: Annotated[Word, Field(max_length=200)] = ""
    region: Annotated[Word, Field(max_length=64)] = ""
    windows: Annotated[list[dict[str, Any]], Field(max_length=200)] = Field(default_factory=list)
    freezes: Annotated[list[dict[str, Any]], Field(max_length=200)] = Field(default_factory=list)
    plain_windows: Annotated[list[PlainWindowAsked], Field(max_length=200)] = Field(default_factory=list)
    plain_freezes: Annotated[list[PlainFreezeAsked], Field(max_length=200)] = Field(default_factory=list)

    def facts(self) -> EnvironmentFacts:
        """As the use case takes it; raises UsageError with what is wrong with the plain ones."""
        if self.time_zone not in available_timezones():
            raise UsageError(f"{self.time_zone!r} is no time zone; write one like Europe/Berlin")
        told = self.model_dump(exclude={"windows", "freezes", "plain_windows", "plain_freezes"})
        windows = [*self.windows, *(each.item(self.time_zone) for each in self.plain_windows)]
        freezes = [*self.freezes, *(each.item(self.time_zone) for each in self.plain_freezes)]
        return EnvironmentFacts(**told, windows=windows, freezes=freezes)


class WhyAsked(Asked):
    """Why, in the query of a DELETE."""

    why: Text = ""


@platforms.does("/platforms", Action.MANAGE_PROGRAMME, PlatformTold, status=201)
def make_platform(request: ApiRequest, asked: NewPlatform) -> Any:
    """Add a platform."""
    return add_platform(request.auth, asked.slug, asked.basics.facts(), asked.running.facts())


@platforms.does("/platforms/{slug}/basics", Action.MANAGE_PROGRAMME, PlatformTold, method="PUT")
def put_basics(request: ApiRequest, slug: Slug, asked: ChangedBasics) -> Any:
    """Change what the programme decides."""
    platform = platform_shown(sight(request), slug)
    change_platform(request.auth, platform, asked.basics.facts(), why=asked.why)
    return Platform.objects.select_related("vendor").get(pk=platform.pk)


@platforms.does("/platforms/{slug}/running", Action.MANAGE_PLATFORM, PlatformTold, method="PUT")
def put_running(request: ApiRequest, slug: Slug, asked: ChangedRunning) -> Any:
    """Change what the platform's owner decides."""
    platform = platform_shown(sight(request), slug)
    change_running(request.auth, platform, asked.running.facts(), why=asked.why)
    return Platform.objects.select_related("vendor").get(pk=platform.pk)


@platforms.does("/platforms/{slug}/environments", Action.MANAGE_PLATFORM, EnvironmentTold, method="PUT")
def put_one_environment(request: ApiRequest, slug: Slug, asked: EnvironmentAsked) -> Any:
    """Add an environment, or change the one of that name."""
    return put_environment(request.auth, platform_shown(sight(request), slug), asked.facts())


@platforms.does("/environments/{pk}", Action.MANAGE_PLATFORM, method="DELETE")
def drop_environment(request: ApiRequest, pk: Id, asked: Query[WhyAsked]) -> None:
    """Take an environment away; refused where changes of it are on record."""
    remove_environment(request.auth, get_object_or_404(_environments(sight(request)), pk=pk), why=asked.why)


def _environments(actor: Actor) -> QuerySet[Environment]:
    return on_platforms(Environment.objects.select_related("platform"), actor, Action.VIEW)
