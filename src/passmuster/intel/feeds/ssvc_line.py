"""SSVC points in their short form: `SSVCv2/E:N/A:Y/T:P/2024-07-11T21:26:33Z/`."""

from __future__ import annotations

import re
from datetime import datetime

from passmuster.model.advisory import SsvcPoint

_LINE = re.compile(r"SSVCv2/((?:[A-Z]{1,3}:[A-Z]/)+)(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z)?/?")
_LONGEST = 200
_LETTERS = {
    "E": ("exploitation", {"N": "none", "P": "public_poc", "A": "active"}),
    "A": ("automatable", {"N": "no", "Y": "yes"}),
    "T": ("technical_impact", {"P": "partial", "T": "total"}),
}


def read_ssvc_line(text: str, *, by: str) -> list[SsvcPoint]:
    """The points a text is, and nothing but; none where it is something else."""
    match = _LINE.fullmatch(text.strip()) if len(text) < _LONGEST else None
    if match is None:
        return []
    try:
        judged_at = datetime.fromisoformat(match[2]) if match[2] else None
    except ValueError:
        judged_at = None
    points = []
    for pair in match[1].rstrip("/").split("/"):
        letter, _, value = pair.partition(":")
        name, values = _LETTERS.get(letter, ("", {}))
        if value in values:
            points.append(SsvcPoint(name, values[value], by, judged_at))
    return points
