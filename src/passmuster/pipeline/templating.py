"""Templates of platforms without an interface: what their owner fills in, as a workbook or its YAML twin."""

from __future__ import annotations

from pathlib import Path

from passmuster.collect.connectors.declared.connector import read_file
from passmuster.collect.connectors.declared.declaration import Declaration
from passmuster.collect.connectors.declared.from_snapshot import declaration_of
from passmuster.collect.connectors.declared.template import template_for
from passmuster.collect.connectors.declared.workbook import write_declaration
from passmuster.collect.connectors.declared.yaml_twin import yaml_twin_of
from passmuster.documents.atomic import write_text
from passmuster.errors import OutputRefused, UsageError
from passmuster.intel.catalogue.load import load_catalogue
from passmuster.pipeline.evaluating import locate_snapshot
from passmuster.snapshot.read import open_snapshot

_WORKBOOK = ".xlsx"
_YAML = (".yaml", ".yml")


def write_template(
    out: Path, *, platform: str | None = None, path: Path | None = None, snapshot: Path | None = None
) -> None:
    """Write the file: empty for a platform, from a filled-in file (the other twin), or from an earlier snapshot.

    Raises UsageError unless exactly one of the three is given, OutputRefused where `out` is there already.
    """
    if [platform, path, snapshot].count(None) != 2:
        raise UsageError("say what to write: --platform NAME, or --from FILE, or --snapshot DIR; one of them")
    if out.suffix.lower() not in (_WORKBOOK, *_YAML):
        raise UsageError(f"{out}: name a file that ends with .xlsx or .yaml")
    if out.exists():
        raise OutputRefused(f"{out}: is there already; name a new file, so that nobody's answers are lost")
    declaration = _declaration(platform, path, snapshot)
    if out.suffix.lower() == _WORKBOOK:
        write_declaration(declaration, out)
    else:
        write_text(out, yaml_twin_of(declaration))


def _declaration(platform: str | None, path: Path | None, snapshot: Path | None) -> Declaration:
    if path is not None:
        return read_file(path, is_draft=True)
    if snapshot is not None:
        return declaration_of(open_snapshot(locate_snapshot(snapshot)))
    return _template(platform or "")


def _template(name: str) -> Declaration:
    catalogue = load_catalogue(None)
    found = next((each for each in catalogue.platforms if name.casefold() in (each.id, each.name.casefold())), None)
    if found is None and name.casefold() != "other":
        known = ", ".join(sorted(each.id for each in catalogue.platforms))
        raise UsageError(f"{name!r} is not in the catalogue; one of {known}, or other for any platform")
    if found is None:
        return template_for("other", vendor="", product_words=())
    return template_for(found.id, vendor=found.vendor, product_words=found.product_words)
