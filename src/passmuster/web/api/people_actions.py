"""What is done about people, groups and one's own account."""

from __future__ import annotations

from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import Field

from passmuster.application.access import Action, Actor
from passmuster.application.changes.patch_minutes import WHOLE_WEEK, set_patch_minutes
from passmuster.application.people import people as use
from passmuster.application.people.duties import Held
from passmuster.application.people.groups import map_group, unmap_group
from passmuster.application.people.signing_in import sign_in_link
from passmuster.application.people.tokens import issue_feed_token, revoke_feed_token
from passmuster.model.keeping import DutyRole
from passmuster.records.models import FeedToken, GroupDuty, Person, Platform, Vendor
from passmuster.web.api.auth import ApiRequest, own_key
from passmuster.web.api.paging import Filters, Listed, listed
from passmuster.web.api.people import GroupTold, PersonTold, tell_person
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Asked, Id, Instant, Reason, Slug, Text, Told, Whole, Why, Word

people, account = Topic("people"), Topic("my account")
TOPICS = (people, account)


class DutyAsked(Asked):
    """A role on a platform (null: everywhere)."""

    role: DutyRole
    platform: Slug | None = None


class PersonAsked(Asked):
    """Somebody who may sign in, at first by a one-time link."""

    email: Annotated[Word, Field(max_length=254)]
    name: Annotated[Word, Field(max_length=200)]
    duties: Annotated[list[DutyAsked], Field(max_length=500)] = Field(default_factory=list)
    vendor: Id | None = None
    why: Text = ""


class DutiesAsked(Asked):
    """Exactly these duties, beside what groups give."""

    duties: Annotated[list[DutyAsked], Field(max_length=500)]
    why: Text = ""


class NameAsked(Asked):
    """Name and time zone."""

    name: Annotated[Word, Field(max_length=200)]
    time_zone: Annotated[Word, Field(max_length=64)]


class MinutesAsked(Asked):
    """How many minutes a week somebody has for patches; null: no limit."""

    minutes: Annotated[Whole, Field(ge=0, le=WHOLE_WEEK)] | None
    why: Text = ""


class GroupAsked(Asked):
    """A group as the identity provider spells it, and the role it stands for."""

    group: Annotated[Word, Field(max_length=200)]
    role: DutyRole
    platform: Slug | None = None
    why: Text = ""


class LinkTold(Told):
    """Where the person sets a password, once."""

    link: str


class FeedTold(Told):
    """A calendar subscription; its token is told once."""

    id: Id
    created_at: Instant
    last_used_at: Instant | None
    revoked_at: Instant | None


class NewFeed(Told):
    """A subscription just made, with its token."""

    feed: FeedTold
    token: str


@people.does("/people", Action.MANAGE_PEOPLE, PersonTold, status=201)
def make_person(request: ApiRequest, asked: PersonAsked) -> Any:
    """Let somebody in."""
    vendor = get_object_or_404(Vendor, pk=asked.vendor) if asked.vendor else None
    given = {"email": asked.email, "name": asked.name, "why": asked.why}
    return tell_person(use.add_person(request.auth, **given, duties=_held(asked.duties), vendor=vendor))


@people.does("/people/{pk}/duties", Action.MANAGE_PEOPLE, PersonTold, method="PUT")
def put_duties(request: ApiRequest, pk: Id, asked: DutiesAsked) -> Any:
    """Have the person hold exactly these duties."""
    person = get_object_or_404(Person, pk=pk)
    use.change_duties(request.auth, person, _held(asked.duties), why=asked.why)
    return tell_person(person)


@people.does("/people/{pk}/name", Action.MANAGE_PEOPLE, PersonTold, method="PUT")
def put_name(request: ApiRequest, pk: Id, asked: NameAsked) -> Any:
    """Change somebody's name and time zone."""
    return _renamed(request.auth, get_object_or_404(Person, pk=pk), asked)


@people.does("/people/{pk}/patch-minutes", Action.MANAGE_PEOPLE, PersonTold, method="PUT")
def put_minutes(request: ApiRequest, pk: Id, asked: MinutesAsked) -> Any:
    """Say how many minutes a week somebody has for patches; plans give them no more."""
    return _with_minutes(request.auth, get_object_or_404(Person, pk=pk), asked)


@people.does("/people/{pk}/deactivate", Action.MANAGE_PEOPLE, PersonTold)
def deactivate(request: ApiRequest, pk: Id, asked: Why) -> Any:
    """Shut the person out at once."""
    person = get_object_or_404(Person, pk=pk)
    use.deactivate_person(request.auth, person, why=asked.why)
    return tell_person(person)


@people.does("/people/{pk}/reactivate", Action.MANAGE_PEOPLE, PersonTold)
def reactivate(request: ApiRequest, pk: Id, asked: Why) -> Any:
    """Let the person back in."""
    person = get_object_or_404(Person, pk=pk)
    use.reactivate_person(request.auth, person, why=asked.why)
    return tell_person(person)


@people.does("/people/{pk}/remove-second-factors", Action.MANAGE_PEOPLE)
def remove_factors(request: ApiRequest, pk: Id, asked: Reason) -> None:
    """For somebody who lost their phone or key."""
    use.remove_second_factors(request.auth, get_object_or_404(Person, pk=pk), why=asked.why)


@people.does("/people/{pk}/sign-in-link", Action.MANAGE_PEOPLE, LinkTold, has_secret=True)
def make_link(request: ApiRequest, pk: Id, asked: Why) -> Any:
    """Make a one-time link; whoever makes it sees it, so it is on record."""
    return {"link": sign_in_link(request.auth, get_object_or_404(Person, pk=pk), why=asked.why)}


@people.does("/groups", Action.MANAGE_PEOPLE, GroupTold)
def make_group(request: ApiRequest, asked: GroupAsked) -> Any:
    """Let a group stand for a role; doing it twice changes nothing."""
    platform = get_object_or_404(Platform, slug=asked.platform) if asked.platform else None
    return map_group(request.auth, asked.group, asked.role, platform, why=asked.why)


@people.does("/groups/{pk}", Action.MANAGE_PEOPLE, method="DELETE")
def drop_group(request: ApiRequest, pk: Id) -> None:
    """End what a group stands for."""
    unmap_group(request.auth, get_object_or_404(GroupDuty, pk=pk))


@account.does("/me/name", Action.MANAGE_OWN_ACCOUNT, PersonTold, method="PUT")
def put_own_name(request: ApiRequest, asked: NameAsked) -> Any:
    """Change one's own name and time zone."""
    return _renamed(request.auth, Person.objects.get(pk=own_key(request.auth)), asked)


@account.does("/me/patch-minutes", Action.MANAGE_OWN_ACCOUNT, PersonTold, method="PUT")
def put_own_minutes(request: ApiRequest, asked: MinutesAsked) -> Any:
    """Say how many minutes a week one has for patches."""
    return _with_minutes(request.auth, Person.objects.get(pk=own_key(request.auth)), asked)


@account.reads("/me/calendar-feeds", Action.MANAGE_OWN_ACCOUNT, Listed[FeedTold])
def list_feeds(request: ApiRequest, filters: Query[Filters]) -> Any:
    """One's own calendar subscriptions."""
    return listed(request, FeedToken.objects.filter(person_id=own_key(request.auth)), ("-id",), filters)


@account.does("/me/calendar-feeds", Action.MANAGE_OWN_ACCOUNT, NewFeed, status=201, has_secret=True)
def make_feed(request: ApiRequest) -> Any:
    """Make a calendar subscription, signed in to the pages; a token makes none."""
    feed, text = issue_feed_token(request.auth)
    return {"feed": feed, "token": text}


@account.does("/me/calendar-feeds/{pk}", Action.MANAGE_OWN_ACCOUNT, method="DELETE")
def revoke_feed(request: ApiRequest, pk: Id) -> None:
    """End a calendar subscription of one's own."""
    revoke_feed_token(request.auth, get_object_or_404(FeedToken, pk=pk, person_id=own_key(request.auth)))


def _held(asked: list[DutyAsked]) -> list[Held]:
    keys = {slug: get_object_or_404(Platform, slug=slug).pk for slug in {each.platform for each in asked} if slug}
    return [Held(each.role, keys[each.platform] if each.platform else None) for each in asked]


def _with_minutes(actor: Actor, person: Person, asked: MinutesAsked) -> PersonTold:
    set_patch_minutes(actor, person, asked.minutes, why=asked.why)
    return tell_person(person)


def _renamed(actor: Actor, person: Person, asked: NameAsked) -> PersonTold:
    use.rename_person(actor, person, name=asked.name, time_zone=asked.time_zone)
    return tell_person(person)
