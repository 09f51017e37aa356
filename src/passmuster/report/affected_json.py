"""Matches of one component as the `passmuster/affected@1` document."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TextIO

from passmuster.model.match import Match


def write_affected(matches: Iterable[Match], out: TextIO) -> None:
    """Write the document; in ASCII, so that it survives any pipe."""
    document = {
        "schema": "passmuster/affected@1",
        "advisories": [
            {
                "id": match.advisory,
                "aliases": list(match.aliases),
                "verdict": str(match.verdict),
                "reason": match.reason,
                "fixed_versions": list(match.fixed_versions),
                "who_patches": str(match.who_patches),
            }
            for match in matches
        ],
    }
    json.dump(document, out, indent=1)
    out.write("\n")
