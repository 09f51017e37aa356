from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0014_kept_whole")]
    operations = [
        migrations.AddIndex(
            "finding",
            models.Index(
                condition=models.Q(("due_on__isnull", False), ("status__in", ["open", "in_progress"])),
                fields=["control", "due_on", "id"],
                name="finding_control_due",
            ),
        ),
    ]
