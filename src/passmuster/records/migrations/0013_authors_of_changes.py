"""Who is behind a change is kept; since when its try is planned, and when its deployment was written down."""

import django.contrib.postgres.fields
from django.db import migrations, models

# What is known of changes from before: who is named now, who made and adopted the plan, and who was named before as the
# record tells it.
_FILLED = """
UPDATE records_change c SET
  attempt_at = c.created_at,
  deployed_noted_at = c.deployed_at,
  authors = ARRAY(
    SELECT DISTINCT who FROM (
      SELECT unnest(ARRAY[c.requested_by_id, c.owner_id, c.emergency_by_id]) AS who
      UNION SELECT p.adopted_by_id FROM records_plan p WHERE p.id = c.plan_id
      UNION SELECT p.made_by_id FROM records_plan p WHERE p.id = c.plan_id
      UNION SELECT a.id FROM records_auditevent e JOIN records_person a ON a.email = e.actor
        WHERE e.subject_kind = 'change' AND e.subject_id = c.id::text
          AND e.action IN ('request_approval', 'record_deployment', 'replan_change', 'use_emergency_path')
      UNION SELECT o.id FROM records_auditevent e JOIN records_person o ON o.id::text = e.after ->> 'owner'
        WHERE e.subject_kind = 'change' AND e.subject_id = c.id::text AND e.action = 'name_change_owner'
    ) AS named WHERE who IS NOT NULL ORDER BY who);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0012_answered_calls"),
    ]

    operations = [
        migrations.AddField(
            model_name="change",
            name="attempt_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="change",
            name="authors",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="deployed_noted_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunSQL(_FILLED, migrations.RunSQL.noop),
    ]
