with told as (
  select platform_id, term,
         case when is_agreed is false then false
              when term = 'incident_notice_hours'
                then ends_on >= cast($as_of as date) and try_cast(amount as double) <= $max_incident_notice_hours
              else ends_on >= cast($as_of as date) and is_agreed
         end as is_good
  from assurance_terms where term in ('incident_notice_hours', 'critical_fix_days', 'evidence_access')
),
found as (
  select platform_id, term, bool_or(is_good) as some_good, count(*) - count(is_good) as unclear
  from told group by platform_id, term
)
select p.platform_id as resource_id,
       p.name,
       case f.term when 'incident_notice_hours' then 'no notice of incidents within ' || $max_incident_notice_hours || ' hours'
                   when 'critical_fix_days' then 'no time to the fix of a critical weakness'
                   else 'no access to logs and evidence' end || ' is agreed' as detail
from found f
join platforms p on p.platform_id = f.platform_id
where f.unclear = 0 and not f.some_good
