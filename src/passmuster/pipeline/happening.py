"""What happened to a platform since a moment: exploited vulnerabilities, its vendor's incidents, major releases."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from passmuster.intel.catalogue.load import load_catalogue
from passmuster.intel.components import components_of
from passmuster.intel.matching.looking import advisories_of
from passmuster.intel.matching.match import match_asked
from passmuster.intel.matching.naming import asked_for
from passmuster.intel.store.reading import Store
from passmuster.model.advisory import Advisory, NoticeKind
from passmuster.model.component import Component
from passmuster.model.match import Verdict
from passmuster.snapshot.read import open_snapshot
from passmuster.triage.notices import notice_match

_CLOSED = frozenset({Verdict.FIXED, Verdict.NOT_AFFECTED})
# Vendors announce every Tuesday's build as a release; these are the ones that change how a platform works.
_MAJOR = re.compile(r"\bmajor\b|\bwave\b|\bv?\d+\.0(?:\.0)?\b", re.IGNORECASE)


_ENDINGS = frozenset({NoticeKind.DEPRECATION, NoticeKind.RETIREMENT})


@dataclass(frozen=True)
class Happening:
    """One event. `kind` is exploited, incident, release or how a service ends; `reference` names it in its source."""

    kind: str
    reference: str
    text: str


def happenings_since(snapshot: Path, store: Path, *, since: datetime, as_of: datetime) -> tuple[Happening, ...]:
    """What is known at `as_of` and was not at `since`, by kind and reference; raises PassmusterError.

    By what the store had seen then, so that an old entry that was imported only now counts as new.
    """
    return _new_since(snapshot, store, _of, (since, as_of))


def endings_since(snapshot: Path, store: Path, *, since: datetime, as_of: datetime) -> tuple[str, ...]:
    """What the platform's vendors said since then of services they end, in words; raises PassmusterError."""
    return tuple(each.text for each in _new_since(snapshot, store, _ending_of, (since, as_of)))


def _new_since(
    snapshot: Path, store: Path, of: Callable[..., Sequence[Happening]], moments: tuple[datetime, datetime]
) -> tuple[Happening, ...]:
    catalogue = load_catalogue()
    components = components_of(open_snapshot(snapshot), catalogue)
    asked = [(component, asked_for(component, catalogue)) for component in dict.fromkeys(components)]
    found: list[set[Happening]] = []
    for moment in moments:
        with closing(Store(store, as_of=moment)) as opened:
            held: set[Happening] = set()
            for component, names in asked:
                for advisory in advisories_of(opened, names):
                    match = match_asked(advisory, component, names, as_of=moment)
                    is_open = match is not None and match.verdict not in _CLOSED
                    held |= set(of(advisory, component, is_open=is_open, as_of=moment))
            found.append(held)
    return tuple(sorted(found[1] - found[0], key=lambda each: (each.kind, each.reference)))


def _ending_of(advisory: Advisory, component: Component, *, is_open: bool, as_of: datetime) -> Sequence[Happening]:
    notice = advisory.notice
    if notice is None or notice.kind not in _ENDINGS or advisory.is_withdrawn:
        return ()
    if notice_match(advisory, component, as_of=as_of, is_named=is_open) is None:
        return ()
    title = advisory.title or notice.text.partition("\n")[0][:150] or advisory.id
    return (Happening(notice.kind, advisory.id, f"{notice.vendor} tells of a {notice.kind}: {title}"),)


def _of(advisory: Advisory, component: Component, *, is_open: bool, as_of: datetime) -> Sequence[Happening]:
    if advisory.is_withdrawn:
        return ()
    if advisory.kev is not None and is_open:
        return (Happening("exploited", advisory.id, f"{advisory.id} is exploited and concerns {component.name}"),)
    notice = advisory.notice
    if notice is None or (notice_match(advisory, component, as_of=as_of, is_named=is_open) is None):
        return ()
    title = advisory.title or notice.text.partition("\n")[0][:150] or advisory.id
    if notice.kind is NoticeKind.INCIDENT:
        return (Happening("incident", advisory.id, f"{notice.vendor} tells of an incident: {title}"),)
    if notice.kind is NoticeKind.RELEASE and _MAJOR.search(f"{title} {notice.text}"):
        return (Happening("release", advisory.id, f"{notice.vendor} announces a major release: {title}"),)
    return ()
