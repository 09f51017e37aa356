"""Which findings a deviation covers, now or if granted: those are accepted, all others open with their clock."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from passmuster.application.access import Actor
from passmuster.application.findings.finding_policy import read_finding_policy
from passmuster.application.storage.storing import home
from passmuster.model.keeping import Tier
from passmuster.model.words import Severity
from passmuster.records.models import Deviation, Finding, Platform


def _fits(tier: str) -> str:
    """What a deviation covers: its control, on its platform (or every one), its resource (or all that fit its rule),
    unless its compensating control was seen not to hold there. `tier` is how the SQL names the platform's."""
    return f"""
    d.control = f.control AND (d.platform_id IS NULL OR d.platform_id = f.platform_id)
    AND CASE WHEN d.resource_id <> '' THEN d.resource_id = f.resource_id
        ELSE (NOT d.rule ? 'tiers' OR d.rule->'tiers' ? {tier})
         AND (NOT d.rule ? 'stages' OR d.rule->'stages' ? f.environment_kind
              OR d.rule->'stages' ? coalesce(e.stage, ''))
        END
    AND NOT EXISTS (SELECT FROM records_deviationcheck c
                    WHERE c.deviation_id = d.id AND c.platform_id = f.platform_id AND NOT c.is_held)"""


_PLACE = """
    LEFT JOIN records_environment e
      ON e.platform_id = f.platform_id AND f.environment <> '' AND f.environment IN (e.external_id, e.name)"""
_COVERS = f"""
    d.status = 'approved' AND d.ends_on >= %(today)s AND d.first_granted_at IS NOT NULL AND {_fits("%(tier)s")}"""
_BEST = f"""
    CREATE TEMP TABLE covered ON COMMIT DROP AS
    SELECT DISTINCT ON (f.id) f.id, d.id AS deviation_id, d.ends_on, f.status, f.deviation_id AS former,
           greatest(f.first_seen_at, d.first_granted_at) AS excepted_from
    FROM records_finding f {_PLACE}
    JOIN records_deviation d ON {_COVERS}
    WHERE f.platform_id = %(platform)s AND f.status <> 'closed'
    ORDER BY f.id, d.ends_on DESC, d.id"""  # noqa: S608 - fixed text
_WOULD = f"""
    SELECT f.id FROM records_finding f {_PLACE}
    JOIN records_platform p ON p.id = f.platform_id
    JOIN records_deviation d ON {_fits("p.tier")}
    WHERE d.id = %s AND f.status <> 'closed'"""  # noqa: S608 - fixed text
# Coming from the rules, which are few, and not from the findings.
_FITS_NO_MORE = f"""
    SELECT DISTINCT f.platform_id FROM records_deviation rule
    JOIN records_finding f ON f.deviation_id = rule.id AND f.status = 'accepted' {_PLACE}
    JOIN records_platform p ON p.id = f.platform_id
    WHERE rule.status = 'approved' AND rule.rule <> '{{}}'
      AND NOT EXISTS (SELECT FROM records_deviation d WHERE d.id = rule.id AND {_fits("p.tier")})"""  # noqa: S608 - fixed text
_LAPSED_STEP = """
    INSERT INTO records_findingstep (finding_id, at, what, by, why)
    SELECT f.id, %(now)s, 'reopened', %(by)s, CASE
        WHEN d.id IS NULL THEN 'nothing accepts it any more'
        WHEN d.status = 'withdrawn' THEN 'deviation ' || d.id || ' was withdrawn'
        WHEN d.status = 'expired' OR d.ends_on < %(today)s THEN 'deviation ' || d.id || ' ended on ' || d.ends_on
        ELSE 'deviation ' || d.id || ' does not hold: its compensating control fails, or its rule no longer fits' END
    FROM records_finding f LEFT JOIN records_deviation d ON d.id = f.deviation_id
    WHERE f.platform_id = %(platform)s AND f.status = 'accepted'
      AND NOT EXISTS (SELECT FROM covered c WHERE c.id = f.id)"""
_LAPSE = """
    UPDATE records_finding f SET status = 'open', deviation_id = NULL
    WHERE f.platform_id = %(platform)s AND f.status = 'accepted'
      AND NOT EXISTS (SELECT FROM covered c WHERE c.id = f.id)"""
_COVER_STEP = """
    INSERT INTO records_findingstep (finding_id, at, what, by, why)
    SELECT id, %(now)s, 'accepted', %(by)s, 'deviation ' || deviation_id || ', until ' || ends_on FROM covered
    WHERE status <> 'accepted' OR former IS DISTINCT FROM deviation_id"""
_COVER = """
    UPDATE records_finding f SET status = 'accepted', deviation_id = c.deviation_id,
        excepted_from = least(coalesce(f.excepted_from, c.excepted_from), c.excepted_from),
        age_from = least(coalesce(f.excepted_from, c.excepted_from), c.excepted_from)
    FROM covered c WHERE c.id = f.id
      AND (f.status <> 'accepted' OR f.deviation_id IS DISTINCT FROM c.deviation_id OR f.excepted_from IS NULL)"""
_CLOCK = """
    UPDATE records_finding f
    SET due_on = (f.age_from AT TIME ZONE 'UTC')::date + (%(days)s::jsonb->>f.severity)::int
    WHERE f.platform_id = %(platform)s AND f.status <> 'closed' AND f.excepted_from IS NOT NULL
      AND f.due_on IS DISTINCT FROM (f.age_from AT TIME ZONE 'UTC')::date + (%(days)s::jsonb->>f.severity)::int"""


def would_cover(deviation: Deviation) -> QuerySet[Finding]:
    """The findings that the deviation would cover if it were granted now, whatever else covers them. Read only."""
    return Finding.objects.filter(pk__in=RawSQL(_WOULD, (deviation.pk,)))  # noqa: S611 - fixed text


def platforms_fit_no_more() -> QuerySet[Platform]:
    """The platforms where a rule covers something that it fits no more: of another tier or stage by now. Read only."""
    return Platform.objects.filter(pk__in=RawSQL(_FITS_NO_MORE, ())).order_by("pk")  # noqa: S611 - fixed text


def cover_findings(actor: Actor, platform: Platform) -> dict[str, int]:
    """Accept what is covered and reopen what is no longer, on one platform, inside the caller's transaction.

    The clock of a finding that was ever excepted runs from the first grant, however often it was renewed.
    """
    days = read_finding_policy(home()).days[Tier(platform.tier)]
    values: dict[str, Any] = {
        "platform": platform.pk,
        "tier": platform.tier,
        "now": actor.now,
        "today": actor.now.date(),
        "by": actor.name,
        "days": json.dumps({str(severity): days[severity] for severity in Severity}),
    }
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.covered")
        cursor.execute(_BEST, values)
        cursor.execute(_LAPSED_STEP, values)
        cursor.execute(_LAPSE, values)
        lapsed = cursor.rowcount
        cursor.execute(_COVER_STEP, values)
        accepted = cursor.rowcount
        cursor.execute(_COVER, values)
        cursor.execute(_CLOCK, values)
    return {"accepted": accepted, "lapsed": lapsed}
