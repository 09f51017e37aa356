"""People, their duties, groups of the identity provider, and one's own tokens."""

from __future__ import annotations

from typing import Annotated, Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import AliasPath, Field

from passmuster.application.access import TABLE, Action, may_anywhere
from passmuster.application.changes.patch_minutes import patch_minutes_of
from passmuster.application.people.signing_in import people_without_second_factor
from passmuster.application.people.tokens import issue_api_token, revoke_api_token
from passmuster.model.keeping import DutyRole
from passmuster.records.models import ApiToken, Person
from passmuster.web.api.auth import ApiRequest, own_key
from passmuster.web.api.paging import Filters, Listed, listed
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Asked, Id, Instant, Told, Word
from passmuster.web.people_seen import groups_seen_by, people_seen_by

people, account = Topic("people"), Topic("my account")
TOPICS = (account, people)


class DutyTold(Told):
    """A role on a platform (null: everywhere), and the group it follows (empty: given here)."""

    role: DutyRole
    platform: Annotated[str | None, Field(validation_alias=AliasPath("platform", "slug"))] = None
    from_group: str


class PersonTold(Told):
    """Somebody who may sign in."""

    id: Id
    email: str
    name: str
    vendor: Annotated[str | None, Field(validation_alias=AliasPath("vendor", "name"))] = None
    is_active: bool
    time_zone: str
    created_at: Instant
    patch_minutes_per_week: int | None
    duties: list[DutyTold]


class ColleagueTold(Told):
    """Somebody to whom work can be handed."""

    id: Id
    email: str
    name: str


class MeTold(Told):
    """Who one is, and what one may do somewhere."""

    person: PersonTold
    scopes: list[Action] | None
    may: list[Action]


class GroupTold(Told):
    """What a group of the identity provider stands for."""

    id: Id
    group: str
    role: DutyRole
    platform: Annotated[str | None, Field(validation_alias=AliasPath("platform", "slug"))] = None


class TokenTold(Told):
    """An API token; its text is told once, when it is made."""

    id: Id
    name: str
    prefix: str
    scopes: list[str]
    created_at: Instant
    expires_at: Instant
    last_used_at: Instant | None
    revoked_at: Instant | None


class NewToken(Told):
    """A token just made, with its text."""

    token: TokenTold
    text: str


class TokenAsked(Asked):
    """The program that will hold it, what it may do, and when it ends (within a year)."""

    name: Word
    scopes: Annotated[list[Action], Field(min_length=1, max_length=len(Action))]
    expires_at: Instant


class ActionTold(Told):
    """Something that can be done, and the roles that may."""

    action: Action
    roles: list[DutyRole]


class PeopleFilters(Filters):
    """Which people."""

    is_active: bool | None = None


def _with_duties(rows: QuerySet[Person]) -> QuerySet[Person]:
    return rows.select_related("vendor").prefetch_related("duties__platform")


def tell_person(person: Person) -> PersonTold:
    """The person with their duties."""
    told = {name: getattr(person, name) for name in ("id", "email", "name", "is_active", "time_zone", "created_at")}
    duties = [DutyTold.model_validate(duty) for duty in person.duties.all()]
    told["patch_minutes_per_week"] = patch_minutes_of(person)
    return PersonTold.model_construct(**told, vendor=person.vendor.name if person.vendor else None, duties=duties)


@account.reads("/me", Action.MANAGE_OWN_ACCOUNT, MeTold)
def show_me(request: ApiRequest) -> Any:
    """Who this token or session stands for."""
    actor = request.auth
    person = get_object_or_404(_with_duties(Person.objects.all()), pk=own_key(actor))
    return MeTold.model_construct(
        person=tell_person(person),
        scopes=None if actor.scopes is None else sorted(actor.scopes),
        may=[action for action in Action if may_anywhere(actor, action)],
    )


@account.reads("/me/tokens", Action.MANAGE_OWN_ACCOUNT, Listed[TokenTold])
def list_tokens(request: ApiRequest, filters: Query[Filters]) -> Any:
    """One's own API tokens, newest first."""
    return listed(request, ApiToken.objects.filter(person_id=own_key(request.auth)), ("-id",), filters)


@account.does("/me/tokens", Action.MANAGE_OWN_ACCOUNT, NewToken, status=201, has_secret=True)
def make_token(request: ApiRequest, asked: TokenAsked) -> Any:
    """Make an API token, signed in to the pages; its text is never shown again. A token makes none."""
    token, text = issue_api_token(request.auth, name=asked.name, scopes=asked.scopes, expires_at=asked.expires_at)
    return {"token": token, "text": text}


@account.does("/me/tokens/{pk}", Action.MANAGE_OWN_ACCOUNT, method="DELETE")
def revoke_token(request: ApiRequest, pk: Id) -> None:
    """End a token of one's own; doing it twice changes nothing."""
    revoke_api_token(request.auth, get_object_or_404(ApiToken, pk=pk, person_id=own_key(request.auth)))


@people.reads("/colleagues", Action.VIEW, Listed[ColleagueTold])
def list_colleagues(request: ApiRequest, filters: Query[Filters]) -> Any:
    """Active people of one's own company, by address: whose ids acts take as owner, deputy or assignee."""
    return listed(request, Person.objects.filter(is_active=True, vendor=None), ("email", "id"), filters)


@people.reads("/people", Action.READ_PEOPLE, Listed[PersonTold])
def list_people(request: ApiRequest, filters: Query[PeopleFilters]) -> Any:
    """Everybody, by address."""
    rows = people_seen_by(request.auth)
    rows = rows if filters.is_active is None else rows.filter(is_active=filters.is_active)
    page = listed(request, rows, ("email", "id"), filters)
    return {**page, "items": [tell_person(person) for person in page["items"]]}


@people.reads("/people/without-second-factor", Action.READ_PEOPLE, list[int])
def list_exposed(request: ApiRequest) -> Any:
    """The ids of active people who have a password and no second factor."""
    return sorted(people_without_second_factor() & set(people_seen_by(request.auth).values_list("pk", flat=True)))


@people.reads("/access", Action.VIEW, list[ActionTold])
def show_access(request: ApiRequest) -> Any:
    """Who may do what: the table all faces ask."""
    return [{"action": action, "roles": sorted(roles)} for action, roles in TABLE.items()]


@people.reads("/people/{pk}", Action.READ_PEOPLE, PersonTold)
def show_person(request: ApiRequest, pk: Id) -> Any:
    """One person."""
    return tell_person(get_object_or_404(people_seen_by(request.auth), pk=pk))


@people.reads("/groups", Action.READ_PEOPLE, Listed[GroupTold])
def list_groups(request: ApiRequest, filters: Query[Filters]) -> Any:
    """Groups of the identity provider that stand for duties."""
    return listed(request, groups_seen_by(request.auth), ("id",), filters)
