"""Finding the document in what the user names, and telling by its content what it is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from passmuster.collect.connectors.power_platform.identifiers import as_id
from passmuster.collect.connectors.power_platform.odd_parts import OddParts
from passmuster.collect.connectors.power_platform.powershell import as_list, as_object, as_text, as_truth
from passmuster.collect.connectors.power_platform.purview.files import is_audit_export
from passmuster.collect.connectors.power_platform.sources import has_expected_key
from passmuster.collect.connectors.power_platform.verdicts import is_test_results, verdict_rows, verdict_rows_of_tests
from passmuster.documents.json_file import read_json
from passmuster.errors import UnreadableInput

_PATTERNS = ("ProviderSettingsExport*.json", "ScubaResults*.json", "TestResults*.json", "*.json")
_DESCRIPTION = "a ScubaGear ProviderSettingsExport.json or ScubaResults_*.json, or the folder that holds one"


@dataclass(frozen=True)
class Export:
    """What the document holds. `settings` is None where it keeps verdicts alone, or nothing that is known here."""

    settings: Mapping[str, Any] | None
    verdicts: tuple[dict[str, Any], ...]
    tenant_id: str
    tenant_name: str
    sha256: str
    odd_verdicts: OddParts

    @property
    def is_foreign(self) -> bool:
        """Whether nothing in the document is of a Power Platform export."""
        return self.settings is None and not self.verdicts


def read_export(path: Path) -> Export:
    """The document at `path` or in that folder; raises UnreadableInput that names the file, the place and the mend."""
    file = _find(path)
    document = read_json(file)
    return tell(document, sha256=_digest(file))


def tell(document: Any, *, sha256: str = "") -> Export:
    """What a parsed document is, by its content and not by its name."""
    odd = OddParts()
    if is_test_results(document):
        return Export(None, tuple(verdict_rows_of_tests(document)), "", "", sha256, odd)
    outer = document if isinstance(document, dict) else {}
    verdicts = tuple(verdict_rows(outer, odd))
    settings = next((each for each in (outer, as_object(outer.get("Raw")) or {}) if has_expected_key(each)), None)
    about = (as_object(outer.get("MetaData")) or {}, *_tenant_details(settings or outer))
    return Export(
        settings=settings,
        verdicts=verdicts,
        tenant_id=_first((settings or {}).get("tenant_id"), *(each.get("TenantId") for each in about))
        or _told_by_default_environment(settings or {}),
        tenant_name=_first(*(each.get("DisplayName") for each in about)),
        sha256=sha256,
        odd_verdicts=odd,
    )


def _tenant_details(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The descriptions of the tenant that every product of an export brings along."""
    entries = [as_object(each) or {} for each in as_list(settings.get("tenant_details"))]
    inner = [
        as_object(each) or {}
        for entry in entries
        for key, value in sorted(entry.items(), key=str)
        if key.endswith("AdditionalData")
        for each in as_list(value)
    ]
    return entries + inner


def _told_by_default_environment(settings: Mapping[str, Any]) -> str:
    """The tenant id in `Default-<tenant id>`, the name that the default environment of every tenant has."""
    entries = [as_object(each) or {} for each in as_list(settings.get("environment_list"))]
    names = {as_id(each.get("EnvironmentName")) or "" for each in entries if as_truth(each.get("IsDefault"))}
    only = names.pop() if len(names) == 1 else ""
    return only.removeprefix("Default-") if only.startswith("Default-") else ""


def _first(*candidates: Any) -> str:
    texts = (as_text(each) for each in candidates)
    return next((text for text in texts if text and not text.startswith("Error retrieving")), "")


def _find(path: Path) -> Path:
    if not path.is_dir():
        return path
    for pattern in _PATTERNS:
        found = sorted(each for each in path.glob(pattern) if each.is_file() and not is_audit_export(each))
        if len(found) > 1:
            names = ", ".join(each.name for each in found[:4])
            raise UnreadableInput(f"{path}: holds several exports ({names}); name the one to read with --from")
        if found:
            return found[0]
    raise UnreadableInput(f"{path}: holds no export; --from takes {_DESCRIPTION}")


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
