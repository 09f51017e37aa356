"""Counts of findings, kept by triggers that see whole statements, so that a million rows by COPY cost one upsert."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Table, its key, and which findings it counts.
COUNTS = (
    ("records_findingcount", "platform_id, owner_id, control, severity_rank, status", "true"),
    ("records_findingduecount", "platform_id, owner_id, severity_rank, status, due_on", "due_on IS NOT NULL"),
)
# Event, and the rows it takes away and brings.
EVENTS = (
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
    # The keys' uniqueness is added when the migration ends, so the first counts cannot be an upsert.
    statements = [
        f"INSERT INTO {table} ({key}, n) SELECT {key}, count(*) FROM records_finding WHERE {which} GROUP BY {key};"
        for table, key, which in COUNTS
    ]
    for event, tables, sources in EVENTS:
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
        for event, _tables, _sources in EVENTS
        for statement in (
            f"DROP TRIGGER count_findings_{event} ON records_finding;",
            f"DROP FUNCTION passmuster_count_findings_{event}();",
        )
    ]


def _key(*names):
    fields = {
        "platform": models.ForeignKey(
            db_constraint=False,
            on_delete=django.db.models.deletion.DO_NOTHING,
            related_name="+",
            to="records.platform",
        ),
        "owner": models.ForeignKey(
            db_constraint=False,
            db_index=False,
            null=True,
            on_delete=django.db.models.deletion.DO_NOTHING,
            related_name="+",
            to=settings.AUTH_USER_MODEL,
        ),
        "control": models.CharField(max_length=64),
        "severity_rank": models.PositiveSmallIntegerField(),
        "status": models.CharField(max_length=16),
        "due_on": models.DateField(),
    }
    identity = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")
    return [("id", identity), *((name, fields[name]) for name in names), ("n", models.BigIntegerField())]


def _once(names, called):
    return {"constraints": [models.UniqueConstraint(fields=names, nulls_distinct=False, name=called)]}


_BY_CONTROL = ("platform", "owner", "control", "severity_rank", "status")
_BY_DATE = ("platform", "owner", "severity_rank", "status", "due_on")


class Migration(migrations.Migration):
    dependencies = [("records", "0006_messages")]

    operations = [
        migrations.CreateModel("FindingCount", _key(*_BY_CONTROL), _once(_BY_CONTROL, "finding_count_once")),
        migrations.CreateModel("FindingDueCount", _key(*_BY_DATE), _once(_BY_DATE, "finding_due_count_once")),
        migrations.RunSQL(_install(), _remove()),
    ]
