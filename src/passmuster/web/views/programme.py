"""Settings of the programme: vendors, platforms, owners in bulk, who is told when something is late."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_POST

from passmuster.application.access import Action, Actor, platforms_for
from passmuster.application.programme import vendors
from passmuster.application.programme.escalation_steps import escalation
from passmuster.application.programme.owners_in_bulk import import_owners, owner_rows, owners_csv, write_owners_workbook
from passmuster.application.programme.ownership import set_escalation
from passmuster.application.programme.platforms import add_platform
from passmuster.errors import UsageError
from passmuster.model.keeping import DutyRole
from passmuster.records.models import Platform, Vendor
from passmuster.web.form_fields import words
from passmuster.web.needs import needs
from passmuster.web.platform_forms import basics_in, form_choices, steps_in
from passmuster.web.submitting import submit, submit_and_return
from passmuster.web.uploading import uploaded

_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@needs(Action.VIEW, to_post=Action.MANAGE_PROGRAMME)
def vendors_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """All vendors, and the form for a new one."""
    if request.method == "POST":
        name, catalogue_id, notes = words(request, "name", "catalogue_id", "notes")
        submit(
            request,
            lambda: vendors.add_vendor(actor, name=name, catalogue_id=catalogue_id, notes=notes),
            f"{name} is added.",
        )
        return redirect("vendors")
    return render(request, "settings/vendors.html", {"vendors": Vendor.objects.order_by("name")})


@needs(Action.VIEW, to_post=Action.MANAGE_PROGRAMME)
def vendor_page(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """One vendor."""
    vendor = get_object_or_404(Vendor, pk=pk)
    if request.method == "POST":
        name, catalogue_id, notes = words(request, "name", "catalogue_id", "notes")
        return submit_and_return(
            request,
            lambda: vendors.change_vendor(actor, vendor, name=name, catalogue_id=catalogue_id, notes=notes),
            "Saved.",
            "vendor",
            pk,
        )
    return render(request, "settings/vendor.html", {"vendor": vendor, "contacts": vendor.contacts.order_by("name")})


@needs(Action.VIEW)
def platforms_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The platforms the actor may see."""
    seen = Platform.objects.select_related("vendor").order_by("name")
    allowed = platforms_for(actor, Action.VIEW)
    if allowed is not None:
        seen = seen.filter(pk__in=allowed)
    return render(request, "settings/platforms.html", {"platforms": seen})


@needs(Action.MANAGE_PROGRAMME)
def new_platform(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The form for a new platform."""
    if request.method != "POST":
        return render(request, "settings/new_platform.html", form_choices())
    (slug,) = words(request, "slug")
    try:
        basics = basics_in(request)
        platform = add_platform(actor, slug or slugify(basics.name), basics)
    except UsageError as error:
        for line in str(error).splitlines():
            messages.error(request, line)
        return render(request, "settings/new_platform.html", {**form_choices(), "told": request.POST}, status=422)
    messages.success(request, f"{platform.name} is added; say now who owns it.")
    return redirect("platform_setting", platform.slug)


@needs(Action.VIEW, to_post=Action.MANAGE_PROGRAMME)
def escalation_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Who is told when something is late, on all platforms without steps of their own."""
    if request.method == "POST":
        return submit_and_return(
            request, lambda: set_escalation(actor, steps_in(request)), "The steps are saved.", "escalation"
        )
    steps = escalation()
    told = {"steps": steps.usual, "is_default": steps.is_default, "roles": list(DutyRole)}
    return render(request, "settings/escalation.html", told)


@needs(Action.VIEW)
def owners_csv_file(_request: HttpRequest, actor: Actor) -> HttpResponse:
    """Everybody who owns something, as CSV."""
    return _download(owners_csv(owner_rows(actor)).encode("utf-8-sig"), "text/csv; charset=utf-8", "owners.csv")


@needs(Action.VIEW)
def owners_workbook(_request: HttpRequest, actor: Actor) -> HttpResponse:
    """The same as a workbook."""
    with tempfile.TemporaryDirectory(prefix="passmuster-") as folder:
        target = Path(folder) / "owners.xlsx"
        write_owners_workbook(target, owner_rows(actor))
        return _download(target.read_bytes(), _WORKBOOK, "owners.xlsx")


@needs(Action.MANAGE_PLATFORM)
@require_POST
def take_in_owners(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Owners from a CSV or XLSX file."""

    def take_in() -> None:
        with uploaded(request, "file", ".csv", ".xlsx") as path:
            import_owners(actor, path)

    return submit_and_return(request, take_in, "The owners of the file are set.", "platform_settings")


def _download(content: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(content, kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
