from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0011_many_findings"),
    ]

    operations = [
        migrations.CreateModel(
            name="AnsweredCall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asker", models.CharField(max_length=100)),
                ("key", models.CharField(max_length=255)),
                ("digest", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField(default=0)),
                ("body", models.TextField(blank=True)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["created_at"], name="answered_since")],
                "constraints": [models.UniqueConstraint(fields=("asker", "key"), name="answered_once")],
            },
        ),
    ]
