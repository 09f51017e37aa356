"""A version of a record as rows of the store's tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import pyarrow as pa
from packageurl import PackageURL

from passmuster.intel.record_json import digest_of_text, spell_for_digest, to_text
from passmuster.intel.store.tables import PRESENT, SCHEMAS
from passmuster.model.advisory import AffectedProduct, Record, RecordKind

_ONE_KEY_A_KIND = frozenset({RecordKind.KEV, RecordKind.CVE, RecordKind.OSV})


@dataclass(frozen=True)
class Version:
    """One version of one record, spelled for the store."""

    key: str
    record: Record = field(repr=False)
    text: str = field(repr=False)
    digest: str

    @property
    def is_withdrawn(self) -> bool:
        """Whether the record itself says that it no longer holds."""
        return self.record.is_rejected or self.record.withdrawn_at is not None


def version_of(record: Record) -> Version:
    """The record with its key and digest."""
    text = to_text(record)
    return Version(key_of(record), record, text, digest_of_text(spell_for_digest(record, text)))


def key_of(record: Record) -> str:
    """What names a record whatever its version: ids of these kinds are unique whoever publishes them."""
    if record.kind in _ONE_KEY_A_KIND:
        return f"{record.kind}:{record.id}"
    return f"{record.kind}:{record.feed}:{record.id}"


def naive(moment: datetime | None) -> datetime | None:
    """An aware instant in UTC without its zone, as the tables hold it."""
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None)


class Rows:
    """Rows gathered by column; `take` gives them as tables and starts anew."""

    def __init__(self, first_row: int) -> None:
        self._next = first_row
        self._columns: dict[str, dict[str, list[Any]]] = {}
        self._start()

    def _start(self) -> None:
        self._columns = {name: {column: [] for column in schema.names} for name, schema in SCHEMAS.items()}

    def lengths(self) -> dict[str, int]:
        """How many rows each table holds."""
        return {name: len(columns["row"]) for name, columns in self._columns.items()}

    def cut(self, lengths: dict[str, int]) -> None:
        """Forget every row after these."""
        for name, columns in self._columns.items():
            for values in columns.values():
                del values[lengths[name] :]

    def add(self, version: Version, *, seen_at: datetime, state: str = PRESENT) -> None:
        """One version, as seen at an instant."""
        row, record = self._next, version.record
        self._next += 1
        self._put(
            "records",
            row=row,
            key=version.key,
            kind=str(record.kind),
            feed=record.feed,
            id=record.id,
            seen_at=naive(seen_at),
            digest=version.digest,
            state=state,
            is_withdrawn=version.is_withdrawn,
            published_at=naive(record.published_at),
            modified_at=naive(record.modified_at),
            document=version.text,
        )
        for name in dict.fromkeys(each.lower() for each in record.names):
            self._put("names", row=row, name=name)
        for ordinal, product in enumerate(record.affected):
            for name, source in dict.fromkeys(product_names(product)):
                self._put("products", row=row, ordinal=ordinal, name=name, source=source)
            self._add_ranges(row, ordinal, product)

    def _add_ranges(self, row: int, ordinal: int, product: AffectedProduct) -> None:
        shared = {
            "row": row,
            "ordinal": ordinal,
            "vendor": product.vendor.lower(),
            "product": product.product.lower(),
            "package": product.package.lower(),
            "collection": product.collection.lower(),
            "purl": plain_purl(product.purl),
            "default_status": str(product.default_status),
        }
        nothing = {"status": None, "scheme": None, "introduced": None, "fixed": None}
        if not product.ranges:
            self._put("ranges", **shared, **nothing, last_affected=None, exact=None)
        for each in product.ranges:
            self._put(
                "ranges",
                **shared,
                status=str(each.status),
                scheme=each.scheme.lower(),
                introduced=each.introduced,
                fixed=each.fixed,
                last_affected=each.last_affected,
                exact=each.exact,
            )

    def _put(self, table: str, **values: Any) -> None:
        columns = self._columns[table]
        for name, value in values.items():
            columns[name].append(value)

    def take(self) -> dict[str, pa.Table]:
        """What was gathered, as one Arrow table each."""
        try:
            return {name: pa.table(self._columns[name], schema=schema) for name, schema in SCHEMAS.items()}
        except UnicodeEncodeError:
            # JSON may spell half a character, which no file of text can hold.
            columns = {name: _whole(values) for name, values in self._columns.items()}
            return {name: pa.table(columns[name], schema=schema) for name, schema in SCHEMAS.items()}
        finally:
            self._start()


def _whole(columns: dict[str, list[Any]]) -> dict[str, list[Any]]:
    def whole(value: Any) -> Any:
        return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value

    return {name: [whole(value) for value in values] for name, values in columns.items()}


def product_names(product: AffectedProduct) -> Iterator[tuple[str, str]]:
    """The names under which a record speaks of a product, lower case, each with where it stands."""
    if product.product:
        yield product.product.lower(), "product"
    if product.package:
        yield product.package.lower(), "package"
    if product.purl:
        yield plain_purl(product.purl), "purl"
    for cpe in product.cpes:
        parts = cpe.replace("\\:", "\0").split(":")
        at = 3 if cpe.startswith("cpe:2.3:") else 2
        if len(parts) > at + 1:
            yield f"{parts[at]}:{parts[at + 1]}".replace("\0", ":").lower(), "cpe"


@lru_cache(maxsize=65_536)
def plain_purl(purl: str) -> str:
    """A package URL without version, qualifiers and subpath, lower case; text that is none stays as it is."""
    if not purl:
        return ""
    try:
        parsed = PackageURL.from_string(purl)
    except ValueError:
        return purl.lower()
    return PackageURL(type=parsed.type, namespace=parsed.namespace, name=parsed.name).to_string().lower()
