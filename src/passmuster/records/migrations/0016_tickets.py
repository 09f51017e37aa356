"""When a ticket was told, what became of it when it was not taken, and who raised it; as far as the record knows."""

from django.db import migrations, models

_FILLED = """
UPDATE records_ticket t SET sent_at = e.at
  FROM (SELECT subject_id, max(at) AS at FROM records_auditevent
        WHERE subject_kind = 'ticket' AND action = 'send_ticket' GROUP BY subject_id) e
  WHERE e.subject_id = t.id::text;
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0015_control_due")]
    operations = [
        migrations.AddField("ticket", "sent_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("ticket", "failure", models.CharField(blank=True, max_length=200)),
        migrations.AddField("ticket", "failing_since", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("ticket", "failed_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("ticket", "raised_by", models.CharField(blank=True, max_length=254)),
        migrations.RunSQL(_FILLED, migrations.RunSQL.noop),
    ]
