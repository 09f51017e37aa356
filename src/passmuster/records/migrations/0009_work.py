"""What came of a piece of work is kept with it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0007_counts")]

    operations = [
        migrations.AddField(model_name="work", name="result", field=models.JSONField(default=dict)),
    ]
