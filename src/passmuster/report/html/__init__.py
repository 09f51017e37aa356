"""One self-contained HTML page a review and one a fleet: no request to any host, readable without JavaScript."""

from passmuster.report.html.page import write_fleet, write_review

__all__ = ["write_fleet", "write_review"]
