"""Settings of one platform."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from passmuster.application.access import Action, Actor, may, platforms_for
from passmuster.application.people.decision_rights import decision_rights
from passmuster.application.programme.environments import put_environment, remove_environment
from passmuster.application.programme.escalation_steps import escalation
from passmuster.application.programme.looks import every, hours_told
from passmuster.application.programme.ownership import SCOPE_KINDS, Thing, remove_owner, set_escalation, set_owner
from passmuster.application.programme.platforms import change_platform, change_running
from passmuster.application.programme.registers import (
    kept_registers,
    read_register,
    take_in_registers_from,
    write_registers_to,
)
from passmuster.application.programme.tiers import decide_tier
from passmuster.errors import UsageError
from passmuster.model.keeping import Tier
from passmuster.records.models import Environment, Ownership, Person, Platform, TierProposal
from passmuster.web.cadence_form import cadence_told
from passmuster.web.form_fields import word, words
from passmuster.web.needs import needs
from passmuster.web.platform_forms import basics_in, environment_in, form_choices, running_in, steps_in
from passmuster.web.submitting import submit
from passmuster.web.uploading import all_uploaded

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_REGISTERS = ("allow_lists", "attestations", "owners", "updates")


@needs(Action.VIEW)
def page(request: HttpRequest, actor: Actor, slug: str) -> HttpResponse:
    """All of one platform's settings; only those who may change them get the buttons."""
    platform = platform_of(actor, slug)
    told = {
        "platform": platform,
        "credentials": "\n".join(f"{name}={source}" for name, source in platform.credentials.items()),
        "chosen_vendor": str(platform.vendor_id or ""),
        "is_inactive": not platform.is_active,
        "regulations_text": "\n".join(platform.regulations),
        "environments": platform.environments.order_by("name"),
        "looks_asked": every(asked) if (asked := hours_told().get(Tier(platform.tier))) else "",
        "cadence": cadence_told(platform, actor.now),
        "owners": platform.ownerships.select_related("owner", "deputy").order_by("scope_kind", "scope_id"),
        "steps": platform.escalation_steps.order_by("after_hours"),
        "usual_steps": escalation().usual,
        "rights": decision_rights(platform),
        "proposals": platform.tier_proposals.filter(decided_at=None),
        "people": Person.objects.filter(is_active=True, vendor=None).order_by("name"),
        "scope_kinds": SCOPE_KINDS,
        "registers": _REGISTERS,
        "registers_kept": kept_registers(actor, platform),
        "may_programme": may(actor, Action.MANAGE_PROGRAMME, platform.pk),
        "may_platform": may(actor, Action.MANAGE_PLATFORM, platform.pk),
    }
    return render(request, "settings/platform.html", {**told, **form_choices()})


@needs(Action.MANAGE_PROGRAMME)
@require_POST
def change_basics(request: HttpRequest, actor: Actor, slug: str) -> HttpResponse:
    """What the programme decides."""
    platform, why = platform_of(actor, slug), word(request, "reason")
    return _done(request, platform, lambda: change_platform(actor, platform, basics_in(request), why=why), "Saved.")


@needs(Action.MANAGE_PLATFORM)
@require_POST
def change_how_it_runs(request: HttpRequest, actor: Actor, slug: str) -> HttpResponse:
    """What its owner decides."""
    platform, why = platform_of(actor, slug), word(request, "reason")
    return _done(
        request, platform, lambda: change_running(actor, platform, running_in(request, platform), why=why), "Saved."
    )


@needs(Action.MANAGE_PLATFORM)
@require_POST
def put_one_environment(request: HttpRequest, actor: Actor, slug: str) -> HttpResponse:
    """Add an environment, or change the one of that name."""
    platform = platform_of(actor, slug)
    return _done(request, platform, lambda: put_environment(actor, platform, environment_in(request)), "Saved.")


@needs(Action.MANAGE_PLATFORM)
@require_POST
def drop_environment(request: HttpRequest, actor: Actor, slug: str, pk: int) -> HttpResponse:
    """Take an environment away."""
    platform = platform_of(actor, slug)
    environment = get_object_or_404(Environment, pk=pk, platform=platform)
    (why,) = words(request, "why")
    return _done(request, platform, lambda: remove_environment(actor, environment, why=why), "Taken away.")


@needs(Action.MANAGE_PLATFORM)
@require_POST
def put_owner(request: HttpRequest, actor: Actor, slug: str) -> HttpResponse:
    """Make somebody answer for a thing."""
    platform = platform_of(actor, slug)
    kind, identity, owner, deputy = words(request, "scope_kind", "scope_id", "owner", "deputy")

    def put() -> None:
        people = {str(person.pk): person for person in Person.objects.filter(is_active=True, vendor=None)}
        if owner not in people or (deputy and deputy not in people):
            raise UsageError("choose the owner, and the deputy if any, from the list")
        set_owner(actor, platform, Thing(kind, identity), owner=people[owner], deputy=people.get(deputy))

    return _done(request, platform, put, "The owner is set.")


@needs(Action.MANAGE_PLATFORM)
@require_POST
def drop_owner(request: HttpRequest, actor: Actor, slug: str, pk: int) -> HttpResponse:
    """Have nobody answer for the thing by name."""
    platform = platform_of(actor, slug)
    ownership = get_object_or_404(Ownership, pk=pk, platform=platform)
    return _done(request, platform, lambda: remove_owner(actor, ownership), "Taken away.")


@needs(Action.MANAGE_PLATFORM)
@require_POST
def put_escalation(request: HttpRequest, actor: Actor, slug: str) -> HttpResponse:
    """Who is told when something here is late."""
    platform = platform_of(actor, slug)
    return _done(request, platform, lambda: set_escalation(actor, steps_in(request), platform), "Saved.")


@needs(Action.MANAGE_PLATFORM)
@require_POST
def take_in_register(request: HttpRequest, actor: Actor, slug: str) -> HttpResponse:
    """Registers as CSV files and workbooks, by their names; a single file may be said to be one of them."""
    platform = platform_of(actor, slug)
    (name,) = words(request, "register")

    def take_in() -> None:
        if name and name not in _REGISTERS:
            raise UsageError("choose which register it is")
        with all_uploaded(request, "file", ".csv", ".xlsx") as files:
            if name and len(files) > 1:
                raise UsageError("with more than one file, each is the register it is named as: choose that")
            named = [(f"{name}{path.suffix}" if name else told, path) for told, path in files]
            take_in_registers_from(actor, platform, named)

    return _done(request, platform, take_in, "Taken in; the next evaluation reads it.")


@needs(Action.VIEW)
def register_file(_request: HttpRequest, actor: Actor, slug: str, name: str) -> HttpResponse:
    """A register as it is kept."""
    content = read_register(actor, platform_of(actor, slug), name)
    if content is None:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return HttpResponse(content, "text/csv; charset=utf-8", headers=headers)


@needs(Action.VIEW)
def registers_workbook(_request: HttpRequest, actor: Actor, slug: str) -> HttpResponse:
    """All registers as one workbook."""
    platform = platform_of(actor, slug)
    if not kept_registers(actor, platform):
        raise Http404
    with tempfile.TemporaryDirectory(prefix="passmuster-") as folder:
        target = Path(folder) / "registers.xlsx"
        write_registers_to(actor, platform, target)
        headers = {"Content-Disposition": f'attachment; filename="{slug}-registers.xlsx"'}
        return HttpResponse(target.read_bytes(), WORKBOOK, headers=headers)


@needs(Action.MANAGE_PROGRAMME)
@require_POST
def decide_proposal(request: HttpRequest, actor: Actor, slug: str, pk: int) -> HttpResponse:
    """Take a proposed tier, or keep the present one."""
    platform = platform_of(actor, slug)
    proposal = get_object_or_404(TierProposal.objects.select_related("platform"), pk=pk, platform=platform)
    why, answer = words(request, "why", "answer")
    return _done(
        request, platform, lambda: decide_tier(actor, proposal, is_accepted=answer == "accept", why=why), "Decided."
    )


def platform_of(actor: Actor, slug: str) -> Platform:
    """The platform; whoever may not see it is not told that it is there."""
    allowed = platforms_for(actor, Action.VIEW)
    seen = Platform.objects.all() if allowed is None else Platform.objects.filter(pk__in=allowed)
    return get_object_or_404(seen, slug=slug)


def _done(request: HttpRequest, platform: Platform, use_case: Callable[[], Any], told: str) -> HttpResponse:
    submit(request, use_case, told)
    return redirect("platform_setting", platform.slug)
