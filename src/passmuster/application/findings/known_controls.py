"""Whether a control's name means anything: on one platform, or on any where a rule is for all of them."""

from __future__ import annotations

from passmuster.application.findings.suspending import last_verdicts
from passmuster.controls.catalogue import find_pack
from passmuster.errors import PassmusterError
from passmuster.pipeline.evaluating import DEFAULT_PACKS
from passmuster.records.models import Finding, Platform


def is_known_control(control: str, platform: Platform | None) -> bool:
    """Whether findings, the last look or a pack of the platform (None: of any) know this control.

    A pack that cannot be read knows none.
    """
    where = [platform] if platform else list(Platform.objects.order_by("pk"))
    if Finding.objects.filter(platform__in=where, control=control).exists():
        return True
    packs = {name for each in where for name in each.packs or DEFAULT_PACKS}
    return any(control in _controls_of(name) for name in sorted(packs or DEFAULT_PACKS)) or any(
        control == verdict.control for each in where for verdict in last_verdicts(each)
    )


def control_complaints(named: dict[str, str], platform: Platform | None) -> list[str]:
    """A line for each of these controls (by what it is named as) that nothing knows; empty names are nobody's."""
    where = f"of {platform}" if platform else "of any platform"
    return [
        f"{what}: no pack {where} has {control}; take the name from the list of findings or the controls' reference"
        for what, control in named.items()
        if control and not is_known_control(control, platform)
    ]


def _controls_of(name: str) -> frozenset[str]:
    try:
        return frozenset(control.id for control in find_pack(name).controls)
    except PassmusterError:
        return frozenset()
