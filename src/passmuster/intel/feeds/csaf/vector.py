"""What a CVSS vector gives, by the `cvss` library."""

from __future__ import annotations

from dataclasses import dataclass

from cvss import CVSS2, CVSS3, CVSS4
from cvss.exceptions import CVSSError

_MOST_CHARACTERS = 400
_BASE_4 = ("AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA")
# Bands of the severity words in CVSS 3 and 4; the upper end of each.
_BANDS = ((0.0, "NONE"), (3.9, "LOW"), (6.9, "MEDIUM"), (8.9, "HIGH"), (10.0, "CRITICAL"))
_BANDS_2 = ((3.9, "LOW"), (6.9, "MEDIUM"), (10.0, "HIGH"))


@dataclass(frozen=True)
class VectorScores:
    """The scores a vector gives, 0 to 10. Of version 4 `base` leaves out what is no base metric, `full` does not."""

    version: str
    base: float
    temporal: float | None
    environmental: float | None
    full: float


def read_vector(text: str) -> VectorScores | None:
    """The scores of a vector of version 2, 3.0, 3.1 or 4.0; None where it is not a valid one."""
    if len(text) > _MOST_CHARACTERS:
        return None
    try:
        if text.startswith("CVSS:4.0/"):
            return _read_4(text)
        parsed = CVSS3(text) if text.startswith("CVSS:3") else CVSS2(text)
    except (CVSSError, ValueError, KeyError):
        return None
    base, temporal, environmental = (None if score is None else float(score) for score in parsed.scores())
    version = text[5:8] if text.startswith("CVSS:3") else "2.0"
    last = next(score for score in (environmental, temporal, base, 0.0) if score is not None)
    return VectorScores(version, base or 0.0, temporal, environmental, last)


def _read_4(text: str) -> VectorScores:
    full = float(CVSS4(text).base_score)
    base_metrics = [part for part in text.split("/")[1:] if part.split(":")[0] in _BASE_4]
    base = float(CVSS4("/".join(["CVSS:4.0", *base_metrics])).base_score)
    return VectorScores("4.0", base, None, None, full)


def band(score: float, version: str) -> str:
    """The severity word of a score, capital letters."""
    return next(word for upper, word in (_BANDS_2 if version == "2.0" else _BANDS) if score <= upper + 1e-9)
