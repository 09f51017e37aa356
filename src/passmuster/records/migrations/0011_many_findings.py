"""Findings by the million: which run they stand at, totals without owners, indexes of every list; triage as rows."""

from importlib import import_module

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

_COUNTS = import_module("passmuster.records.migrations.0007_counts")
# Table, its key, and which findings it counts.
TOTALS = (
    ("records_findingtotal", "platform_id, control, severity_rank, status", "true"),
    ("records_findingduetotal", "status, due_on, platform_id, severity_rank", "due_on IS NOT NULL"),
)


def _functions(counts):
    """What the triggers of 0007 do, for these counts; the triggers themselves stay."""
    return [
        f"CREATE OR REPLACE FUNCTION passmuster_count_findings_{event}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN {' '.join(_COUNTS._upsert(table, key, which, sources) for table, key, which in counts)} "
        "RETURN NULL; END $$;"
        for event, _tables, sources in _COUNTS.EVENTS
    ]


def _filled():
    return [
        f"INSERT INTO {table} ({key}, n) SELECT {key}, count(*) FROM records_finding WHERE {which} GROUP BY {key};"
        for table, key, which in TOTALS
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0010_forms"),
    ]

    operations = [
        migrations.CreateModel(
            name="FindingDueTotal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("severity_rank", models.PositiveSmallIntegerField()),
                ("status", models.CharField(max_length=16)),
                ("due_on", models.DateField()),
                ("n", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="FindingTotal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("control", models.CharField(max_length=64)),
                ("severity_rank", models.PositiveSmallIntegerField()),
                ("status", models.CharField(max_length=16)),
                ("n", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="FollowedControl",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pack", models.CharField(max_length=64)),
                ("control", models.CharField(max_length=64)),
                ("seen_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="FollowedRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("run_sha256", models.CharField(max_length=64)),
                ("open_findings", models.BigIntegerField()),
                ("basis", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="TriagedAdvisory",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("advisory", models.CharField(max_length=200)),
                ("title", models.CharField(blank=True, max_length=500)),
                ("component", models.CharField(blank=True, max_length=300)),
                ("version", models.CharField(blank=True, max_length=200)),
                ("fixed", models.CharField(blank=True, max_length=300)),
                ("severity", models.CharField(blank=True, max_length=16)),
                ("severity_rank", models.PositiveSmallIntegerField()),
                ("is_exploited", models.BooleanField(default=False)),
                ("exposure", models.CharField(blank=True, max_length=64)),
                ("is_exposure_assumed", models.BooleanField(default=False)),
                ("outcome", models.CharField(max_length=64)),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("due_order", models.DateTimeField()),
                ("who_patches", models.CharField(blank=True, max_length=32)),
                ("reason", models.TextField(blank=True)),
                (
                    "environments",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200), default=list, size=None
                    ),
                ),
                ("sought", models.TextField(blank=True)),
            ],
        ),
        migrations.RemoveIndex(
            model_name="finding",
            name="finding_owner",
        ),
        migrations.AlterField(
            model_name="finding",
            name="deviation",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="findings",
                to="records.deviation",
            ),
        ),
        migrations.AlterField(
            model_name="finding",
            name="last_seen_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="finding",
            name="owner",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="findings",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="finding",
            name="platform",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="findings",
                to="records.platform",
            ),
        ),
        migrations.AlterField(
            model_name="finding",
            name="ticket",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="findings",
                to="records.ticket",
            ),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(
                fields=["platform", "control", "status", "severity_rank", "id"], name="finding_platform_control"
            ),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(
                condition=models.Q(("owner__isnull", False)),
                fields=["owner", "status", "severity_rank", "id"],
                name="finding_owner",
            ),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(
                condition=models.Q(("owner__isnull", True)),
                fields=["status", "severity_rank", "id"],
                name="finding_nobodys",
            ),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(
                condition=models.Q(("environment", ""), _negated=True),
                fields=["environment", "status", "severity_rank", "id"],
                name="finding_environment",
            ),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(
                condition=models.Q(("due_on__isnull", False), ("status__in", ["open", "in_progress"])),
                fields=["platform", "due_on", "id"],
                name="finding_platform_due",
            ),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(
                condition=models.Q(("due_on__isnull", False), ("status__in", ["open", "in_progress"])),
                fields=["owner", "due_on", "id"],
                name="finding_owner_due",
            ),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(
                condition=models.Q(("deviation__isnull", False)),
                fields=["deviation", "status", "severity_rank", "id"],
                name="finding_deviation",
            ),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(
                condition=models.Q(("ticket__isnull", False)),
                fields=["ticket", "severity_rank", "id"],
                name="finding_ticket",
            ),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(
                condition=models.Q(("excepted_from__isnull", False)), fields=["platform"], name="finding_excepted"
            ),
        ),
        migrations.AddIndex(
            model_name="findingcount",
            index=models.Index(fields=["owner", "status"], name="finding_count_owner"),
        ),
        migrations.AddIndex(
            model_name="findingduecount",
            index=models.Index(fields=["owner", "status", "due_on"], name="finding_due_count_owner"),
        ),
        migrations.AddField(
            model_name="findingduetotal",
            name="platform",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="records.platform",
            ),
        ),
        migrations.AddField(
            model_name="findingtotal",
            name="platform",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="records.platform",
            ),
        ),
        migrations.AddField(
            model_name="followedcontrol",
            name="platform",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="records.platform"
            ),
        ),
        migrations.AddField(
            model_name="followedrun",
            name="evaluation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.evaluation"
            ),
        ),
        migrations.AddField(
            model_name="followedrun",
            name="platform",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="followed_run", to="records.platform"
            ),
        ),
        migrations.AddField(
            model_name="triagedadvisory",
            name="plan",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="triaged", to="records.plan"
            ),
        ),
        migrations.AddField(
            model_name="triagedadvisory",
            name="platform",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="triaged",
                to="records.platform",
            ),
        ),
        migrations.AddConstraint(
            model_name="findingduetotal",
            constraint=models.UniqueConstraint(
                fields=("status", "due_on", "platform", "severity_rank"), name="finding_due_total_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="findingtotal",
            constraint=models.UniqueConstraint(
                fields=("platform", "control", "severity_rank", "status"), name="finding_total_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="followedcontrol",
            constraint=models.UniqueConstraint(fields=("platform", "pack", "control"), name="followed_control_once"),
        ),
        migrations.AddIndex(
            model_name="triagedadvisory",
            index=models.Index(fields=["due_order", "severity_rank", "id"], name="triaged_soonest"),
        ),
        migrations.AddIndex(
            model_name="triagedadvisory",
            index=models.Index(fields=["platform", "due_order", "severity_rank", "id"], name="triaged_platform"),
        ),
        migrations.AddIndex(
            model_name="triagedadvisory",
            index=models.Index(
                condition=models.Q(("is_exploited", True)),
                fields=["due_order", "severity_rank", "id"],
                name="triaged_exploited",
            ),
        ),
        migrations.AddConstraint(
            model_name="triagedadvisory",
            constraint=models.UniqueConstraint(fields=("platform", "advisory", "component"), name="triaged_once"),
        ),
        # Room for a row's next state beside it: then the indexes of what did not change are not written.
        migrations.RunSQL(
            "ALTER TABLE records_finding SET (fillfactor = 90)", "ALTER TABLE records_finding RESET (fillfactor)"
        ),
        migrations.RunSQL(
            [*_filled(), *_functions((*_COUNTS.COUNTS, *TOTALS))],
            _functions(_COUNTS.COUNTS),
        ),
    ]
