"""Settings of people: who is there, what they answer for, groups that stand for duties."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from passmuster.application.access import Action, Actor, access_rows
from passmuster.application.changes.patch_minutes import patch_minutes_of, set_patch_minutes
from passmuster.application.people import people
from passmuster.application.people.duties import Held
from passmuster.application.people.groups import map_group, unmap_group
from passmuster.application.people.people_in_bulk import import_people
from passmuster.application.people.signing_in import people_without_second_factor, sign_in_link
from passmuster.errors import PassmusterError, UsageError
from passmuster.model.keeping import DutyRole
from passmuster.records.models import GroupDuty, Person, Platform, Vendor
from passmuster.web.form_fields import minutes_in, words
from passmuster.web.needs import needs
from passmuster.web.people_seen import groups_seen_by, people_seen_by
from passmuster.web.submitting import submit, submit_and_return
from passmuster.web.uploading import uploaded


@needs(Action.MANAGE_OWN_ACCOUNT)
def settings_page(request: HttpRequest, _actor: Actor) -> HttpResponse:
    """Where everything is set up."""
    return render(request, "settings/index.html")


@needs(Action.VIEW)
def access_page(request: HttpRequest, _actor: Actor) -> HttpResponse:
    """Who may do what."""
    return render(request, "settings/access.html", {"roles": list(DutyRole), "rows": access_rows()})


@needs(Action.READ_PEOPLE)
def people_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Everybody with their duties; for whoever manages people, the form for somebody new."""
    everybody = people_seen_by(actor).order_by("-is_active", "email")
    return render(
        request,
        "settings/people.html",
        {"people": everybody, "exposed": people_without_second_factor(), **_choices()},
    )


@needs(Action.MANAGE_PEOPLE)
@require_POST
def add_person(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Somebody new; the answer is their page, with the one-time link."""
    email, name = words(request, "email", "name")
    try:
        vendor = Vendor.objects.filter(Q(pk=_number(request, "vendor"))).first()
        person = people.add_person(actor, email=email, name=name, duties=_chosen(request), vendor=vendor)
    except UsageError as error:
        messages.error(request, str(error))
        return redirect("people")
    return _person(request, actor, person, link=sign_in_link(actor, person))


@needs(Action.MANAGE_PEOPLE)
@require_POST
def take_in_people(request: HttpRequest, actor: Actor) -> HttpResponse:
    """People from a CSV or XLSX file."""

    def take_in() -> None:
        with uploaded(request, "file", ".csv", ".xlsx") as path:
            import_people(actor, path, why=f"imported from {path.name}")

    return submit_and_return(request, take_in, "The people of the file are here.", "people")


@needs(Action.READ_PEOPLE)
def person_page(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """One person."""
    return _person(request, actor, get_object_or_404(people_seen_by(actor), pk=pk))


@needs(Action.MANAGE_PEOPLE)
@require_POST
def change_duties(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """Have the person hold the ticked duties, and the one chosen anew."""
    person = get_object_or_404(Person, pk=pk)
    (why,) = words(request, "why")

    def change() -> None:
        kept = [_held(text) for text in request.POST.getlist("keep")]
        people.change_duties(actor, person, [*kept, *_chosen(request)], why=why)

    return submit_and_return(request, change, "The duties are saved.", "person", pk)


@needs(Action.MANAGE_PEOPLE)
@require_POST
def change_minutes(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """How many minutes a week the person has for patches."""
    person = get_object_or_404(Person, pk=pk)
    return submit_and_return(
        request, lambda: set_patch_minutes(actor, person, minutes_in(request)), "The minutes are saved.", "person", pk
    )


@needs(Action.MANAGE_PEOPLE)
@require_POST
def make_link(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """A one-time link, shown in this answer and never again."""
    person = get_object_or_404(people_seen_by(actor), pk=pk)
    try:
        link = sign_in_link(actor, person)
    except PassmusterError as error:
        messages.error(request, str(error))
        return redirect("person", pk)
    return _person(request, actor, person, link=link)


@needs(Action.MANAGE_PEOPLE)
@require_POST
def switch_person(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """Shut the person out, let them back in, or take their second factors away."""
    person = get_object_or_404(Person, pk=pk)
    why, step = words(request, "why", "step")
    steps = {
        "deactivate": people.deactivate_person,
        "reactivate": people.reactivate_person,
        "factors": people.remove_second_factors,
    }
    if step not in steps:
        return redirect("person", pk)
    return submit_and_return(request, lambda: steps[step](actor, person, why=why), "Done.", "person", pk)


@needs(Action.READ_PEOPLE, to_post=Action.MANAGE_PEOPLE)
def groups_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Which groups of the identity provider stand for which duties."""
    if request.method == "POST":
        (group,) = words(request, "group")

        def add() -> None:
            if not (chosen := _chosen(request)):
                raise UsageError("choose a role")
            platform = Platform.objects.filter(Q(pk=chosen[0].platform_id)).first()
            map_group(actor, group, chosen[0].role, platform)

        submit(request, add, "The group is mapped; its members have the duty from their next sign-in on.")
        return redirect("groups")
    mapped = groups_seen_by(actor).order_by("group", "role")
    return render(request, "settings/groups.html", {"mapped": mapped, **_choices()})


@needs(Action.MANAGE_PEOPLE)
@require_POST
def remove_group(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """End what a group stands for."""
    mapped = get_object_or_404(GroupDuty, pk=pk)
    return submit_and_return(request, lambda: unmap_group(actor, mapped), "The group stands for it no more.", "groups")


def _person(request: HttpRequest, actor: Actor, person: Person, *, link: str = "") -> HttpResponse:
    told = {
        "person": person,
        "minutes": patch_minutes_of(person),
        "duties": person.duties.all(),
        "link": link,
        "is_self": person.pk == actor.person_id,
    }
    exposed = person.pk in people_without_second_factor()
    return render(request, "settings/person.html", {**told, "is_exposed": exposed, **_choices()})


def _choices() -> dict[str, object]:
    return {
        "roles": list(DutyRole),
        "platforms": Platform.objects.order_by("name"),
        "vendors": Vendor.objects.order_by("name"),
    }


def _chosen(request: HttpRequest) -> list[Held]:
    """The duty chosen in a form's `role` and `platform`; none where no role is."""
    (role,) = words(request, "role")
    return [Held(DutyRole(role), _number(request, "platform"))] if role in list(DutyRole) else []


def _held(text: str) -> Held:
    role, _, platform = text.partition(":")
    if role not in list(DutyRole):
        raise UsageError("choose from the list")
    return Held(DutyRole(role), _key(platform))


def _number(request: HttpRequest, name: str) -> int | None:
    """A key chosen in a form, None where nothing is; raises UsageError."""
    return _key(*words(request, name))


def _key(text: str) -> int | None:
    if not text:
        return None
    # A platform that was chosen and is not understood must not turn into "everywhere".
    if not (text.isascii() and text.isdecimal()) or len(text) > 18:
        raise UsageError("choose from the list")
    return int(text)
