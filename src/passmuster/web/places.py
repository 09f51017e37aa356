"""Where each kind of record is shown: the one list of addresses that pages about several kinds link to."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from django.urls import Resolver404, resolve

# `{}` stands for the record's key; a platform's is its slug.
_PAGES: Mapping[str, str] = {
    "platform": "/platforms/{}/",
    "platform_setting": "/settings/platforms/{}/",
    "plan": "/plans/{}/",
    "review": "/reviews/{}/",
    "finding": "/findings/{}/",
    "ticket": "/findings/tickets/{}/",
    "deviation": "/deviations/{}/",
    "change": "/changes/{}/",
    "evidence": "/evidence/{}/",
    "vendor_request": "/vendor-requests/{}/",
    "collection": "/collections/{}/",
    "person": "/settings/people/{}/",
    "vendor": "/settings/vendors/{}/",
}
_LISTS: Mapping[str, str] = {
    "platform": "/platforms/",
    "review": "/reviews/",
    "finding": "/findings/",
    "deviation": "/deviations/",
    "change": "/changes/",
    "evidence": "/evidence/",
    "message": "/messages/",
    "calendar": "/calendar/",
    "vendor_request": "/asked/",
    "new_platform": "/settings/new-platform/",
}


def page_of_record(kind: str, key: object) -> str:
    """The page of one record, or an empty text where none is served."""
    path = _PAGES[kind].format(key)
    return path if is_served(path) else ""


def list_of(kind: str, **narrowed: object) -> str:
    """The list of a kind, narrowed by its filters (empty ones left out), or an empty text where none is served."""
    path = _LISTS[kind]
    query = urlencode({name: value for name, value in narrowed.items() if value not in (None, "")})
    return path + (f"?{query}" if query else "") if is_served(path) else ""


def is_served(path: str) -> bool:
    """Whether a page answers at that address."""
    try:
        resolve(path)
    except Resolver404:
        return False
    return True
