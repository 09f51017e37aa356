"""Whether a control's name means anything: on one platform, or on any where a rule is for all of them."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from passmuster.application.storage.verdicts import last_verdicts
from passmuster.controls.catalogue import find_pack
from passmuster.errors import PassmusterError
from passmuster.pipeline.evaluating import DEFAULT_PACKS
from passmuster.records.models import Finding, Platform


def unknown_controls(controls: Iterable[str], platform: Platform | None) -> dict[str, str]:
    """Those that no finding, last look or pack of the platform (None: of any) has, with the name each is nearest to.

    A pack that cannot be read knows none; the nearest is empty where nothing is near.
    """
    asked = sorted(set(controls))
    if not asked:
        return {}
    where = [platform] if platform else list(Platform.objects.order_by("pk"))
    packs = {name for each in where for name in each.packs or DEFAULT_PACKS} or set(DEFAULT_PACKS)
    known = {control for name in packs for control in _controls_of(name)}
    known |= {verdict.control for each in where for verdict in last_verdicts(each)}
    missing = [control for control in asked if control not in known]
    found = Finding.objects.filter(platform__in=where, control__in=missing)
    seen = set(found.values_list("control", flat=True).distinct()) if missing else set()
    return {control: _nearest(control, known) for control in missing if control not in seen}


def control_complaints(named: dict[str, str], platform: Platform | None) -> list[str]:
    """A line for each of these controls (by what it is named as) that nothing knows; empty names are nobody's."""
    unknown = unknown_controls(filter(None, named.values()), platform)
    return [
        f"{what}: {_complaint(control, unknown[control], platform)}"
        for what, control in named.items()
        if control in unknown
    ]


def complaints_about(controls: Iterable[str], platform: Platform | None) -> list[str]:
    """The same of several that are named in one place, a line each."""
    return [
        f"controls: {_complaint(control, near, platform)}"
        for control, near in unknown_controls(controls, platform).items()
    ]


def _complaint(control: str, near: str, platform: Platform | None) -> str:
    where = f"of {platform}" if platform else "of any platform"
    mend = f"did you mean {near}?" if near else "take the name from the list of findings or the controls' reference"
    return f"no pack {where} has {control}; {mend}"


def _nearest(control: str, known: Iterable[str]) -> str:
    by_large = {each.upper(): each for each in sorted(known)}
    near = get_close_matches(control.upper(), by_large, n=1)
    return by_large[near[0]] if near else ""


def _controls_of(name: str) -> frozenset[str]:
    try:
        return frozenset(control.id for control in find_pack(name).controls)
    except PassmusterError:
        return frozenset()
