from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0016_tickets")]
    operations = [
        migrations.AddIndex("auditevent", models.Index(fields=["action", "number"], name="audit_of_action")),
        migrations.AddIndex("auditevent", models.Index(fields=["actor", "number"], name="audit_of_actor")),
        migrations.AddIndex("auditevent", models.Index(fields=["at", "number"], name="audit_by_time")),
    ]
