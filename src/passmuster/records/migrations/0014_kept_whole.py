from django.db import migrations, models

# What an event told of a piece of evidence stays with it; only what comes after it, and which controls and reviews it
# is linked to, may change.
_REMOVE = "DROP TRIGGER evidence_stays ON records_evidence;"
_REMOVE_ORDER = "DROP TRIGGER evidence_order_stays ON records_evidence;"
_FEWER = """
CREATE TRIGGER evidence_stays BEFORE DELETE OR UPDATE OF file_name, media_type, sha256, size_bytes, uploaded_at
    ON records_evidence FOR EACH ROW
    EXECUTE FUNCTION records_refuse_change();
"""
_MORE = """
CREATE TRIGGER evidence_stays BEFORE DELETE OR UPDATE OF title, kind, file_name, media_type, sha256, size_bytes,
    platform_id, vendor_id, request_id, period_from, period_to, expires_on, owner_id, uploaded_by_id, uploaded_at
    ON records_evidence FOR EACH ROW
    EXECUTE FUNCTION records_refuse_change();
CREATE TRIGGER evidence_order_stays BEFORE UPDATE OF superseded_by_id ON records_evidence FOR EACH ROW
    WHEN (OLD.superseded_by_id IS NOT NULL) EXECUTE FUNCTION records_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0013_authors_of_changes")]
    operations = [
        migrations.AddField("ticket", "sent_digest", models.CharField(blank=True, max_length=64)),
        migrations.AddField("ticket", "sent_count", models.PositiveIntegerField(default=0)),
        migrations.RemoveIndex("finding", "finding_ticket"),
        migrations.AddIndex(
            "finding",
            models.Index(
                condition=models.Q(("ticket__isnull", False)),
                fields=["ticket", "status", "severity_rank", "id"],
                name="finding_ticket",
            ),
        ),
        migrations.RunSQL(_REMOVE + _MORE, _REMOVE_ORDER + _REMOVE + _FEWER),
    ]
