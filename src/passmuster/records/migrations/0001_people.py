"""Who signs in, and the cache that counts failed sign-ins for every process.

Alone, because other applications' tables refer to people: what they change costs less before the rest is there.
"""

import django.db.models.deletion
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
    initial = True
    replaces = [("records", "0003_people")]
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Vendor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, unique=True)),
                ("catalogue_id", models.CharField(blank=True, max_length=64)),
                ("notes", models.TextField(blank=True)),
                ("created_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("email", models.EmailField(max_length=254, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("is_active", models.BooleanField(default=True)),
                ("time_zone", models.CharField(default="UTC", max_length=64)),
                ("preferences", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField()),
                (
                    "vendor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contacts",
                        to="records.vendor",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.RunSQL(_CACHE, "DROP TABLE IF EXISTS passmuster_cache"),
    ]
