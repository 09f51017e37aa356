"""Asking about advisories written in a line or two, and about real records."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from passmuster.intel.catalogue.load import load_catalogue
from passmuster.intel.feeds.cve import CveFeed
from passmuster.intel.feeds.interface import Document
from passmuster.intel.matching.match import match
from passmuster.model.advisory import Advisory, Record
from passmuster.model.component import Component
from passmuster.model.match import Match
from passmuster.model.words import Hosting


def ask(advisory: Advisory, name: str, version: str | None = None, hosting: str | None = None) -> Match | None:
    """The match of one component, named as a user would."""
    component = Component(
        id=name,
        name=name,
        version=version,
        purl=name if name.startswith("pkg:") else "",
        hosting=Hosting(hosting) if hosting else None,
    )
    return match(advisory, component, load_catalogue())


def verdict(advisory: Advisory, name: str, version: str | None = None, hosting: str | None = None) -> str:
    """The verdict, or `-` where the advisory speaks of something else."""
    found = ask(advisory, name, version, hosting)
    return str(found.verdict) if found else "-"


def cve_record(affected: list[dict[str, Any]], *, text: str = "A flaw.", tags: tuple[str, ...] = ()) -> dict[str, Any]:
    """A CVE record (JSON 5) with these `affected` entries."""
    return {
        "dataType": "CVE_RECORD",
        "dataVersion": "5.1",
        "cveMetadata": {"cveId": "CVE-2026-0001", "state": "PUBLISHED", "assignerShortName": "x"},
        "containers": {
            "cna": {
                "affected": affected,
                "descriptions": [{"lang": "en", "value": text}],
                "tags": list(tags),
            }
        },
    }


def advisory_of(document: dict[str, Any]) -> Advisory:
    """A CVE record as an advisory of that one record."""
    (record,) = CveFeed().read(Document("test", "", document)).records
    return alone(record)


def alone(record: Record) -> Advisory:
    """What one record says alone."""
    return Advisory(
        id=record.id,
        aliases=record.aliases,
        records=(record,),
        scores=record.scores,
        remediations=record.remediations,
        is_hosted_only=record.is_hosted_only,
        is_disputed=record.is_disputed,
        is_withdrawn=record.is_rejected or record.withdrawn_at is not None,
        vendor_fixed_at=record.vendor_fixed_at,
    )


@cache
def real_advisory(path: Path) -> Advisory:
    """A CVE record of the folder of real data."""
    return advisory_of(json.loads(path.read_text(encoding="utf-8")))
