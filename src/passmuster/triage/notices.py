"""A vendor's notice held against a component: notices name platforms and modules, not versions; pure."""

from __future__ import annotations

import re
from datetime import datetime

from passmuster.model.advisory import Advisory, Notice
from passmuster.model.component import Component, ComponentKind
from passmuster.model.match import Match, Verdict
from passmuster.model.regions import do_meet, listed
from passmuster.model.waves import seen_from
from passmuster.model.words import Hosting, Responsibility

_JOINTS = re.compile(r"[^a-z0-9]+")


def notice_match(advisory: Advisory, component: Component, *, as_of: datetime, is_named: bool = False) -> Match | None:
    """The match of a notice that names this platform; None where it names another, or there is no notice.

    `is_named`: somebody who knows more of names (a catalogue) says that it does.
    """
    notice = seen_from(advisory, component.regions).notice
    if notice is None or not (is_named or _names(notice, component)):
        return None
    if do_meet(notice.regions, component.regions) is False:
        return _elsewhere(advisory, component)
    in_force = in_force_at(notice)
    is_done = in_force is not None and in_force <= as_of
    if component.hosting is Hosting.SELF:
        verdict, who, words = Verdict.AFFECTED, Responsibility.CUSTOMER, "we run this copy ourselves"
    else:
        verdict = Verdict.VENDOR_FIXED if is_done else Verdict.VENDOR_PENDING
        who = Responsibility.SHARED if notice.preview_at and not is_done else Responsibility.VENDOR
        words = f"the vendor {'has put' if is_done else 'puts'} the change in force"
    return Match(
        advisory=advisory.id,
        component=component,
        verdict=verdict,
        reason=f"A notice of {notice.vendor or 'the vendor'} names {component.name}; {words}.",
        who_patches=who,
        aliases=advisory.aliases,
    )


def _elsewhere(advisory: Advisory, component: Component) -> Match:
    told = dict.fromkeys(each for record in advisory.records if record.notice for each in record.notice.regions)
    regions = listed(told or (advisory.notice.regions if advisory.notice else ()))
    return Match(
        advisory=advisory.id,
        component=component,
        verdict=Verdict.NOT_AFFECTED,
        reason=f"The notice is for {regions}, and {component.name} runs in {listed(component.regions)}.",
        who_patches=Responsibility.VENDOR,
        aliases=advisory.aliases,
    )


def region_doubt(notice: Notice | None, component: Component) -> str:
    """What to tell of a notice for some regions where it is not known whether the component runs in one of them."""
    if notice is None or do_meet(notice.regions, component.regions) is not None:
        return ""
    where = f"in {listed(component.regions)}" if component.regions else "in a region that nobody tells"
    return (
        f"The vendor's notice is for {listed(notice.regions)}; {component.name} runs {where} "
        "and is taken to be concerned."
    )


def in_force_at(notice: Notice) -> datetime | None:
    """When the vendor has put the change in force for everybody; None where it has not said."""
    return notice.enforced_at or notice.latest_at


def _names(notice: Notice, component: Component) -> bool:
    if component.kind not in (ComponentKind.PLATFORM, ComponentKind.SERVICE):
        return False
    ours = {_squeeze(word) for word in (component.name, component.product, component.platform_id)} - {""}
    if notice.platforms:
        return bool(ours & {_squeeze(name) for name in notice.platforms})
    return bool(notice.vendor) and _squeeze(notice.vendor) in {_squeeze(component.vendor), *ours}


def _squeeze(text: str) -> str:
    return _JOINTS.sub("", text.lower())
