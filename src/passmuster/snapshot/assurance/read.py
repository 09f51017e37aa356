"""Reading `passmuster/assurance@1`: one file a vendor, every mistake of every file at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from passmuster.documents.schema_words import schema_complaints
from passmuster.documents.yaml_file import plain, read_yaml
from passmuster.errors import UnreadableInput
from passmuster.model.assurance import VendorAssurance
from passmuster.snapshot.assurance.parse import vendor_of

SCHEMA = "passmuster/assurance@1"
FOLDER = "assurance"
_PACKAGE = "passmuster.snapshot.assurance"
_MOST_FILES = 1_000


def read_assurance(folder: Path, complaints: list[str]) -> tuple[VendorAssurance, ...]:
    """The vendors of every YAML file in `folder`, by file name; mistakes are added to `complaints`."""
    if not folder.is_dir():
        complaints.append(f"{folder.name}: is no folder; it holds one YAML file a vendor")
        return ()
    paths = sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".yml"))
    if len(paths) > _MOST_FILES:
        complaints.append(f"{folder.name}: holds {len(paths)} files; at most {_MOST_FILES} are read")
        return ()
    vendors = [vendor for path in paths if (vendor := _read(path, f"{folder.name}/{path.name}", complaints))]
    names: dict[str, str] = {}
    for vendor in vendors:
        first = names.setdefault(vendor.name.casefold(), vendor.file)
        if first != vendor.file:
            complaints.append(f"{vendor.file}: {vendor.name} has a file already ({first}); keep one file a vendor")
    return tuple(vendors)


def _read(path: Path, where: str, complaints: list[str]) -> VendorAssurance | None:
    try:
        document = _without_blanks(plain(read_yaml(path)))
    except UnreadableInput as error:
        complaints += str(error).replace(str(path), where).splitlines()
        return None
    found = schema_complaints("assurance", document, where, package=_PACKAGE)
    vendor = None if found else vendor_of(document, where, found)
    complaints += found
    return vendor if not found else None


def _without_blanks(value: Any) -> Any:
    """The document without what was left blank: that is not known, as if it were not there."""
    if isinstance(value, Mapping):
        return {key: _without_blanks(item) for key, item in value.items() if item is not None}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_without_blanks(item) for item in value]
    return value
