"""A platform in several regions, taken apart where a notice has other dates for some of them; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from passmuster.model.advisory import Advisory
from passmuster.model.component import Component, Site
from passmuster.model.regions import do_meet
from passmuster.model.waves import seen_from


def apart(advisory: Advisory, alike: Sequence[Component]) -> list[list[Component]]:
    """Like components as they are, or one in each of their environments where the advisory looks different there.

    Those in one list are in the same regions. `alike` differ in id and place alone.
    """
    regional = [record.notice for record in advisory.records if record.notice and record.notice.regions]
    sites: dict[tuple[str, ...], list[Site]] = {}
    for site in alike[0].sites if regional else ():
        sites.setdefault(site.regions, []).append(site)
    told = [
        (seen_from(advisory, regions), [do_meet(notice.regions, regions) for notice in regional]) for regions in sites
    ]
    if all(each == told[0] for each in told):
        return [list(alike)]
    return [
        [
            replace(component, environment_id=site.environment_id, regions=regions, sites=())
            for component in alike
            for site in found
        ]
        for regions, found in sites.items()
    ]
