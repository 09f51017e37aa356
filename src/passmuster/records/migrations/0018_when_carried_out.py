import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0017_record")]
    operations = [
        migrations.AddField("change", "outside_window", models.CharField(blank=True, max_length=500)),
        migrations.AddField("change", "verified_case", models.CharField(blank=True, max_length=200)),
        migrations.AddField(
            "change",
            "verified_evidence",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="verified_changes",
                to="records.evidence",
            ),
        ),
        migrations.AddField(
            "change",
            "verified_person",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="records.person",
            ),
        ),
    ]
