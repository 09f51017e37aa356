"""The tables of a batch, as Parquet files. Matching reads them in bulk; nothing else describes them.

`row` numbers a version of a record across the whole store (batch number * 2^32 + place); it joins all tables.

* `records`: one row a version. `key` names the record whatever its version, `state` is `present` or `withdrawn` (gone
  from a list that is whole), `is_withdrawn` says that the record itself is withdrawn or rejected, `document` is the
  record as JSON (`record_json`).
* `names`: id and aliases of each version, lower case.
* `products`: names under which a version speaks of a product, lower case, for looking up candidates; one row a name.
  `source` is `product`, `package`, `purl` (without version and qualifiers) or `cpe` (`vendor:product`).
* `ranges`: every range of every product, flat; a product without ranges has one row whose `status` is NULL. `ordinal`
  is the product's place in the record. `product`, `package`, `purl` are lower case, `purl` without version.
"""

from __future__ import annotations

import pyarrow as pa

_INSTANT = pa.timestamp("us")

RECORDS = pa.schema(
    [
        ("row", pa.int64()),
        ("key", pa.string()),
        ("kind", pa.string()),
        ("feed", pa.string()),
        ("id", pa.string()),
        ("seen_at", _INSTANT),
        ("digest", pa.string()),
        ("state", pa.string()),
        ("is_withdrawn", pa.bool_()),
        ("published_at", _INSTANT),
        ("modified_at", _INSTANT),
        ("document", pa.string()),
    ]
)
NAMES = pa.schema([("row", pa.int64()), ("name", pa.string())])
PRODUCTS = pa.schema([("row", pa.int64()), ("ordinal", pa.int32()), ("name", pa.string()), ("source", pa.string())])
RANGES = pa.schema(
    [
        ("row", pa.int64()),
        ("ordinal", pa.int32()),
        ("vendor", pa.string()),
        ("product", pa.string()),
        ("package", pa.string()),
        ("collection", pa.string()),
        ("purl", pa.string()),
        ("default_status", pa.string()),
        ("status", pa.string()),
        ("scheme", pa.string()),
        ("introduced", pa.string()),
        ("fixed", pa.string()),
        ("last_affected", pa.string()),
        ("exact", pa.string()),
    ]
)
SCORES = pa.schema([("cve", pa.string()), ("probability", pa.float64()), ("percentile", pa.float64())])
SCHEMAS = {"records": RECORDS, "names": NAMES, "products": PRODUCTS, "ranges": RANGES}

PRESENT, WITHDRAWN = "present", "withdrawn"
ROWS_OF_A_BATCH = 2**32
