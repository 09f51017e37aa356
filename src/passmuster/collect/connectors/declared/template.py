"""An empty declaration for a platform, with what everybody knows of it and the settings the baseline asks about."""

from __future__ import annotations

from typing import Any

from passmuster.collect.connectors.declared.declaration import Declaration, DeclaredTable
from passmuster.snapshot.tables import TABLES

# Settings that controls look for on platforms of any vendor, as words of ours. A test holds them against the packs.
QUESTIONS = (
    "csp.enforced",
    "csrf.protection_enabled",
    "instance.anonymous_access",
    "instance.secret_is_default",
    "vendor.support_access_needs_approval",
)


def template_for(catalogue_id: str, *, vendor: str, product_words: tuple[str, ...]) -> Declaration:
    """What to fill in; `product_words` are those the catalogue ties to the platform, no vendor: it is not in there."""
    known = TABLES["platforms"].column("product").values
    product = next((word for word in product_words if word in known), "other")
    platform: dict[str, Any] = {"product": product}
    platform |= {"vendor": vendor, "catalogue_id": catalogue_id} if vendor else {}
    return Declaration(
        {
            "platforms": DeclaredTable(rows=(platform,)),
            "settings": DeclaredTable(rows=tuple({"key": key} for key in QUESTIONS)),
        }
    )
