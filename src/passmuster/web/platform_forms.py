"""The forms of a platform, from fields to the values of use cases."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from passmuster.application.programme.environments import EnvironmentFacts
from passmuster.application.programme.platforms import Basics, Running
from passmuster.errors import UsageError
from passmuster.model.keeping import DataClass, DutyRole, Stage, Tier
from passmuster.pipeline.describing import list_connectors
from passmuster.records.models import Platform, Vendor
from passmuster.web.form_fields import words


def form_choices() -> dict[str, Any]:
    """What the lists of the forms offer."""
    return {
        "kinds": [(each.kind, each.title) for each in list_connectors()],
        "tiers": list(Tier),
        "data_classes": list(DataClass),
        "stages": list(Stage),
        "roles": list(DutyRole),
        "vendors": Vendor.objects.order_by("name"),
    }


def basics_in(request: HttpRequest) -> Basics:
    """What the programme decides; raises UsageError."""
    name, kind, vendor, platform_id, url = words(request, "name", "kind", "vendor", "platform_id", "url")
    export_path, declared_path, credentials, packs, tier = words(
        request, "export_path", "declared_path", "credentials", "packs", "tier"
    )
    if tier not in list(Tier):
        raise UsageError("choose a tier")
    if vendor and not vendor.isdecimal():
        raise UsageError("choose the vendor from the list")
    return Basics(
        name=name,
        kind=kind,
        vendor=Vendor.objects.filter(pk=int(vendor)).first() if vendor else None,
        platform_id=platform_id,
        url=url,
        export_path=export_path,
        declared_path=declared_path,
        credentials=_named_lines(credentials),
        packs=tuple(packs.split()),
        tier=Tier(tier),
        is_active=request.POST.get("is_active", "yes") == "yes",
    )


def running_in(request: HttpRequest, platform: Platform) -> Running:
    """What the owner decides, but for the cadence, which has a page of its own; raises UsageError."""
    data_class, regulations, priority, zone, hours = words(
        request, "data_class", "regulations", "business_priority", "time_zone", "collect_every_hours"
    )
    if data_class not in list(DataClass):
        raise UsageError("choose a data class")
    return Running(
        data_class=DataClass(data_class),
        regulations=tuple(line.strip() for line in regulations.splitlines() if line.strip()),
        business_priority=_whole(priority, "the business priority"),
        time_zone=zone,
        cadence_rrule=platform.cadence_rrule,
        collect_every_hours=_whole(hours, "how often it is looked at"),
    )


def environment_in(request: HttpRequest) -> EnvironmentFacts:
    """An environment, whose windows and freezes have a page of their own; raises UsageError."""
    name, stage, zone, external_id, region = words(request, "name", "stage", "time_zone", "external_id", "region")
    if stage not in list(Stage):
        raise UsageError("choose a stage")
    return EnvironmentFacts(
        name=name,
        stage=Stage(stage),
        time_zone=zone,
        external_id=external_id,
        region=region,
        windows=None,
        freezes=None,
    )


def steps_in(request: HttpRequest) -> list[tuple[int, DutyRole]]:
    """Steps of an escalation: `hours` and `role` fields in pairs; a pair without hours is none."""
    hours, roles = request.POST.getlist("hours"), request.POST.getlist("role")
    if len(hours) != len(roles) or any(role not in list(DutyRole) for role in roles):
        raise UsageError("choose a role for each step")
    pairs = zip(hours, roles, strict=True)
    return [(_whole(text.strip(), "a step"), DutyRole(role)) for text, role in pairs if text.strip()]


def _named_lines(text: str) -> dict[str, str]:
    """`VARIABLE=env:NAME` lines."""
    found = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        name, mark, source = line.partition("=")
        if not mark or name.strip() in found:
            # The line may hold a secret, so it is not repeated.
            raise UsageError(f"credentials, line {number}: write each variable once, as VARIABLE=env:NAME")
        found[name.strip()] = source.strip()
    return found


def _whole(text: str, what: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 6:
        raise UsageError(f"{what} is a whole number")
    return int(text)
