"""Proposals of another tier, and the cache that counts failed sign-ins for every process."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

_CACHE = """
CREATE TABLE IF NOT EXISTS passmuster_cache (
    cache_key varchar(255) NOT NULL PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX IF NOT EXISTS passmuster_cache_expires ON passmuster_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0002_evidence_record")]

    operations = [
        migrations.RunSQL(_CACHE, "DROP TABLE IF EXISTS passmuster_cache"),
        migrations.CreateModel(
            name="TierProposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "tier",
                    models.CharField(
                        choices=[("high", "high"), ("middle", "middle"), ("low", "low")],
                        max_length=16,
                    ),
                ),
                ("reasons", models.JSONField(default=list)),
                ("proposed_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("is_accepted", models.BooleanField(blank=True, null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "platform",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tier_proposals",
                        to="records.platform",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("decided_at", None)),
                        fields=("platform",),
                        name="one_open_tier_proposal",
                    )
                ],
            },
        ),
    ]
