"""Builds of Microsoft's products."""

from __future__ import annotations

import re

from passmuster.intel.versions.key import Key
from passmuster.intel.versions.numbers import dotted_key

# Business Central tells two numbers; its updates are those of the application.
_APPLICATION = re.compile(r"^app(?:lication)?(?:\s+build)?\s*:?\s*(\d[\d. ]*)", re.IGNORECASE)


def microsoft_key(text: str) -> Key | None:
    """Order by the application's build (`App Build 24.4. 22925, Platform Build ...`), or by plain numbers."""
    match = _APPLICATION.match(text.strip())
    return dotted_key(match[1].replace(" ", "").strip(".") if match else text)
