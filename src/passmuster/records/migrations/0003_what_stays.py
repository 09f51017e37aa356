"""What is recorded stays: triggers that refuse to change it."""

from django.db import migrations

# Whoever wants to change the past in the database must take these away first, which only its owner can. The chain finds
# what was changed all the same: this keeps mistakes and careless code out.
_FUNCTION = """
CREATE FUNCTION records_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION '% of % is refused: what is recorded stays', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$body$;
"""
# What an event told of a piece of evidence stays with it; only what comes after it, and which controls and reviews it
# is linked to, may change.
_TRIGGERS = """
CREATE TRIGGER event_stays BEFORE UPDATE OR DELETE ON records_auditevent
    FOR EACH ROW EXECUTE FUNCTION records_refuse_change();
CREATE TRIGGER events_stay BEFORE TRUNCATE ON records_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION records_refuse_change();
CREATE TRIGGER head_stays BEFORE DELETE ON records_audithead
    FOR EACH ROW EXECUTE FUNCTION records_refuse_change();
CREATE TRIGGER checkpoint_stays BEFORE DELETE OR UPDATE OF number, root, head_digest, envelope, created_at
    ON records_checkpoint FOR EACH ROW EXECUTE FUNCTION records_refuse_change();
CREATE TRIGGER evidence_stays BEFORE DELETE OR UPDATE OF title, kind, file_name, media_type, sha256, size_bytes,
    platform_id, vendor_id, request_id, period_from, period_to, expires_on, owner_id, uploaded_by_id, uploaded_at
    ON records_evidence FOR EACH ROW
    EXECUTE FUNCTION records_refuse_change();
CREATE TRIGGER evidence_order_stays BEFORE UPDATE OF superseded_by_id ON records_evidence FOR EACH ROW
    WHEN (OLD.superseded_by_id IS NOT NULL) EXECUTE FUNCTION records_refuse_change();
"""
_REMOVE = """
DROP TRIGGER event_stays ON records_auditevent;
DROP TRIGGER events_stay ON records_auditevent;
DROP TRIGGER head_stays ON records_audithead;
DROP TRIGGER checkpoint_stays ON records_checkpoint;
DROP TRIGGER evidence_stays ON records_evidence;
DROP TRIGGER evidence_order_stays ON records_evidence;
DROP FUNCTION records_refuse_change();
"""


class Migration(migrations.Migration):
    replaces = [("records", "0002_evidence_record"), ("records", "0014_kept_whole")]
    dependencies = [("records", "0002_tables")]
    operations = [migrations.RunSQL(_FUNCTION + _TRIGGERS, _REMOVE)]
