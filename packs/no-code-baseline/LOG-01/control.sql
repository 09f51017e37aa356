with audits as (
  select e.environment_id, l.is_enabled from environments e
  join log_sources l on l.environment_id = e.environment_id where l.kind = 'admin_audit'
  union all
  select e.environment_id, l.is_enabled from environments e
  cross join log_sources l where l.environment_id is null and l.kind = 'admin_audit'
),
found as (
  select environment_id, max(case when is_enabled then 1 else 0 end) as is_on, count(*) - count(is_enabled) as unclear
  from audits group by environment_id
)
select e.environment_id as resource_id,
       e.name,
       coalesce(e.kind, 'environment of unknown kind')
         || case when f.environment_id is null then ': has no administrative audit log'
                 else ': its administrative audit log is switched off' end as detail,
       -- an environment of unknown kind may be production, so it keeps the control's severity
       case when e.is_default or e.kind is null or e.kind in ('production', 'default') then 'critical' else 'high' end
         as severity
from environments e
left join found f on f.environment_id = e.environment_id
where f.environment_id is null or (f.is_on = 0 and f.unclear = 0)
