"""The tables of a snapshot, typed and described in one place: a module a topic.

Conventions: ids are the platform's own; times are UTC (`_at`); durations carry their unit; **NULL means not collected
or not knowable, never "no"**. The reference page `docs/reference/snapshot.md` is generated from here.
"""

from __future__ import annotations

from passmuster.snapshot.columns import Table
from passmuster.snapshot.tables import building, data, operating, people

TABLES: dict[str, Table] = {
    table.name: table for topic in (people, building, data, operating) for table in topic.DECLARED
}
