"""The feeds there are, and which of them a document is of: by its content, never by its name."""

from __future__ import annotations

from collections.abc import Sequence

from passmuster.intel.feeds.advisories import AdvisoryFeed
from passmuster.intel.feeds.cve import CveFeed
from passmuster.intel.feeds.epss import EpssFeed
from passmuster.intel.feeds.interface import Document, Feed
from passmuster.intel.feeds.kev import KevFeed
from passmuster.intel.feeds.osv import OsvFeed

FEEDS: tuple[Feed, ...] = (KevFeed(), CveFeed(), OsvFeed(), EpssFeed(), AdvisoryFeed())


def find_feed(document: Document, feeds: Sequence[Feed] = FEEDS) -> Feed | None:
    """The first feed that recognises the document, None where none does."""
    return next((feed for feed in feeds if feed.recognises(document)), None)
