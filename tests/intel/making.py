"""Small feeds made for tests, and imports of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from passmuster.intel.feeds.interface import Document, Reading
from passmuster.intel.feeds.registry import find_feed
from passmuster.intel.importing import Importing, ImportResult, Named, import_files
from passmuster.intel.store.reading import Store
from passmuster.model.advisory import Advisory

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
Json = dict[str, Any]


def day(number: int) -> datetime:
    """Noon of the n-th day of 2026."""
    return datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=number)


def read(value: Any) -> Reading:
    """A JSON value read by the feed that recognises it."""
    document = Document("made.json", json.dumps(value), value)
    feed = find_feed(document)
    assert feed is not None
    return feed.read(document)


def write(path: Path, value: Any) -> Path:
    """A JSON file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def take(store: Path, *paths: Path, at: datetime = NOW, **how: Any) -> ImportResult:
    """Import files as seen at an instant."""
    return import_files([Named(path) for path in paths], store, Importing(seen_at=at, now=NOW, **how))


def advisories(store: Path, at: datetime = NOW, names: Sequence[str] | None = None) -> dict[str, Advisory]:
    """What was known at an instant, by id."""
    with closing(Store(store, as_of=at)) as opened:
        return {advisory.id: advisory for advisory in opened.advisories(names)}


def kev(entries: Mapping[str, str], *, version: str = "2026.01.01", released: str = "") -> Json:
    """A catalogue of CVEs with their due dates."""
    return {
        "title": "Catalogue",
        "catalogVersion": version,
        **({"dateReleased": released} if released else {}),
        "count": len(entries),
        "vulnerabilities": [
            {
                "cveID": cve,
                "vendorProject": "Example",
                "product": "Builder",
                "vulnerabilityName": f"Example Builder {cve}",
                "dateAdded": "2025-12-01",
                "shortDescription": "text",
                "requiredAction": "Apply updates.",
                "dueDate": due,
                "knownRansomwareCampaignUse": "Unknown",
                "notes": "https://vendor.example/a ; https://vendor.example/b",
            }
            for cve, due in entries.items()
        ],
    }


def cve(identifier: str = "CVE-2025-10001", *, affected: list[Json] | None = None, **cna: Any) -> Json:
    """A CVE record."""
    product = {"vendor": "Example", "product": "Builder", "versions": [{"version": "< 2.0", "status": "affected"}]}
    return {
        "dataType": "CVE_RECORD",
        "dataVersion": "5.1",
        "cveMetadata": {
            "cveId": identifier,
            "state": "PUBLISHED",
            "assignerShortName": "example",
            "datePublished": "2025-05-01T10:00:00Z",
            "dateUpdated": "2025-05-02T10:00:00Z",
        },
        "containers": {
            "cna": {
                "providerMetadata": {"shortName": "example"},
                "descriptions": [{"lang": "en", "value": "A flaw."}],
                "affected": affected if affected is not None else [product],
                **cna,
            }
        },
    }


def osv(identifier: str = "GHSA-aaaa-bbbb-cccc", *, modified: str = "2025-06-01T00:00:00Z", **more: Any) -> Json:
    """An OSV record."""
    package = {"ecosystem": "npm", "name": "builder", "purl": "pkg:npm/builder"}
    ranges = [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "2.0.0"}]}]
    return {
        "schema_version": "1.6.0",
        "id": identifier,
        "modified": modified,
        "published": "2025-05-20T00:00:00Z",
        "affected": [{"package": package, "ranges": ranges}],
        **more,
    }
