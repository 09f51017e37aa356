"""Counts of findings, kept by triggers that see whole statements, so that a million rows by COPY cost one upsert."""

from django.db import migrations

# Table, its key, and which findings it counts.
COUNTS = (
    ("records_findingcount", "platform_id, owner_id, control, severity_rank, status", "true"),
    ("records_findingduecount", "platform_id, owner_id, severity_rank, status, due_on", "due_on IS NOT NULL"),
    ("records_findingtotal", "platform_id, control, severity_rank, status", "true"),
    ("records_findingduetotal", "status, due_on, platform_id, severity_rank", "due_on IS NOT NULL"),
)
# Event, and the rows it takes away and brings.
_EVENTS = (
    ("insert", "NEW TABLE AS brought", (("brought", 1),)),
    ("update", "OLD TABLE AS taken NEW TABLE AS brought", (("taken", -1), ("brought", 1))),
    ("delete", "OLD TABLE AS taken", (("taken", -1),)),
)


def _upsert(table, key, which, sources):
    parts = " UNION ALL ".join(
        f"SELECT {key}, {sign} * count(*) AS n FROM {rows} WHERE {which} GROUP BY {key}" for rows, sign in sources
    )
    # Two writers that lock the counts in one order never wait for each other in a ring.
    return (
        f"INSERT INTO {table} AS kept ({key}, n) "
        f"SELECT {key}, sum(n) FROM ({parts}) AS moved GROUP BY {key} HAVING sum(n) <> 0 ORDER BY {key} "
        f"ON CONFLICT ({key}) DO UPDATE SET n = kept.n + excluded.n;"
    )


def _install():
    statements = []
    for event, tables, sources in _EVENTS:
        body = " ".join(_upsert(table, key, which, sources) for table, key, which in COUNTS)
        name = f"passmuster_count_findings_{event}"
        statements.append(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$;"
        )
        statements.append(
            f"CREATE TRIGGER count_findings_{event} AFTER {event.upper()} ON records_finding "
            f"REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION {name}();"
        )
    return statements


def _remove():
    return [
        statement
        for event, _tables, _sources in _EVENTS
        for statement in (
            f"DROP TRIGGER count_findings_{event} ON records_finding;",
            f"DROP FUNCTION passmuster_count_findings_{event}();",
        )
    ]


class Migration(migrations.Migration):
    replaces = [("records", "0007_counts"), ("records", "0011_many_findings")]
    dependencies = [("records", "0003_what_stays")]
    operations = [migrations.RunSQL(_install(), _remove())]
