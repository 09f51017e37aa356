"""Who runs a component, who can mend it, and whether the vendor says it has."""

from __future__ import annotations

import re

from passmuster.intel.catalogue.entry import Product
from passmuster.model.advisory import Advisory
from passmuster.model.component import Component
from passmuster.model.words import Hosting, Responsibility

_LONGEST = 10_000
_CLOUD = r"(?<!self-)(?<!self )\b(?:hosted|cloud|saas)\b"
_MENDED = re.compile(
    r"already\s+(?:been\s+)?(?:fully\s+)?(?:mitigated|fixed|remediated|resolved|patched)"
    r"|(?:fully|completely)\s+mitigated"
    rf"|(?:applied|deployed|deploying|rolled\s+out|pushed)\s[^.]{{0,80}}?{_CLOUD}"
    rf"|{_CLOUD}[^.]{{0,60}}\b(?:have|has|were|was)\s+(?:already\s+)?(?:been\s+)?"
    r"(?:patched|fixed|updated|mitigated|remediated|upgraded)"
    r"|no\s+(?:customer\s+|user\s+)?action\s+(?:is\s+)?(?:required|needed)",
    re.IGNORECASE,
)
_SPARED = re.compile(
    rf"{_CLOUD}[^.;]{{0,60}}\b(?:is|are|was|were)\s+(?:not\s+(?:affected|impacted|vulnerable)|unaffected)"
    rf"|(?:does|do|did)\s+not\s+(?:affect|impact)\s[^.;]{{0,40}}?{_CLOUD}"
    r"|only\s+(?:affects|impacts|concerns)\s[^.;]{0,40}\bself[- ](?:hosted|managed)"
    r"|(?:affects|impacts|concerns|limited\s+to)\s+(?:only\s+)?self[- ](?:hosted|managed)[^.;]{0,30}\bonly",
    re.IGNORECASE,
)


def effective_hosting(component: Component, product: Product | None) -> Hosting | None:
    """Who runs it: as told, or the only way it is offered; None where that is open."""
    if component.hosting is not None:
        return component.hosting
    return product.hosting[0] if product is not None and len(product.hosting) == 1 else None


def who_patches(component: Component, product: Product | None) -> Responsibility:
    """Whose job a patch of this component is."""
    hosting = effective_hosting(component, product) or (product.usual_hosting if product else None) or Hosting.SELF
    told = product.who_patches.get(hosting) if product else None
    return told or _BY_HOSTING[hosting]


def says_mended(advisory: Advisory) -> bool:
    """Whether the publisher says that the vendor has mended what it hosts itself."""
    return any(_MENDED.search(text) for text in _texts(advisory))


def says_cloud_spared(advisory: Advisory) -> bool:
    """Whether the publisher says that self-hosted copies alone are affected."""
    return any(_SPARED.search(text) for text in _texts(advisory))


def _texts(advisory: Advisory) -> list[str]:
    texts = [record.description for record in advisory.records]
    return [text[:_LONGEST] for text in (*texts, *(remediation.text for remediation in advisory.remediations))]


_BY_HOSTING = {
    Hosting.VENDOR: Responsibility.VENDOR,
    Hosting.SELF: Responsibility.CUSTOMER,
    Hosting.HYBRID: Responsibility.SHARED,
}
