"""The feeds there are, and which of them a document is of: by its content, never by its name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from passmuster.intel.feeds.advisories import AdvisoryFeed
from passmuster.intel.feeds.csaf.feed import CsafFeed
from passmuster.intel.feeds.cve import CveFeed
from passmuster.intel.feeds.cyclonedx.feed import CycloneDxFeed
from passmuster.intel.feeds.epss import EpssFeed
from passmuster.intel.feeds.interface import Document, Feed
from passmuster.intel.feeds.kev import KevFeed
from passmuster.intel.feeds.notices.calendar import CalendarFeed
from passmuster.intel.feeds.notices.feed import NoticeFeed
from passmuster.intel.feeds.notices.mail import MailFeed
from passmuster.intel.feeds.notices.mail_template import bundled_templates, load_templates
from passmuster.intel.feeds.osv import OsvFeed


def all_feeds(mail_templates: Path | None = None, *, now: datetime | None = None) -> tuple[Feed, ...]:
    """Every feed; a house's own mail templates come before those that ship. `now` is what calendars expand around.

    Raises UnreadableInput with every mistake in the templates.
    """
    own = load_templates(mail_templates) if mail_templates else ()
    return (
        KevFeed(),
        CveFeed(),
        OsvFeed(),
        EpssFeed(),
        AdvisoryFeed(),
        CsafFeed(),
        CycloneDxFeed(),
        CalendarFeed(now=now),
        MailFeed((*own, *bundled_templates())),
        NoticeFeed(),
    )


@lru_cache(maxsize=1)
def shipped_feeds() -> tuple[Feed, ...]:
    """Every feed as it ships."""
    return all_feeds()


def find_feed(document: Document, feeds: Sequence[Feed] = ()) -> Feed | None:
    """The first feed that recognises the document (of all that ship, unless told), None where none does."""
    return next((feed for feed in feeds or shipped_feeds() if feed.recognises(document)), None)
