with gated as (
  select update_id || coalesce('/' || component_id, '') || coalesce('/' || environment_id, '') as resource_id,
         update_id, component_id, environment_id, backup_id, applied_at
  from updates
  where (kev or severity = 'critical')
    and who_patches is distinct from 'vendor'
    and applied_at <= $as_of and applied_at > $as_of - to_days(cast($change_lookback_days as integer))
),
candidates as (
  select g.resource_id, g.applied_at, b.taken_at, b.restore_test_result, b.integrity_sha256
  from gated g join backups b on b.backup_id = g.backup_id
  union all
  select g.resource_id, g.applied_at, b.taken_at, b.restore_test_result, b.integrity_sha256
  from gated g join backups b
    on b.taken_at <= g.applied_at
   and b.taken_at >= g.applied_at - to_hours(cast($recovery_point_hours as integer))
   and coalesce(b.environment_id, g.environment_id, '') = coalesce(g.environment_id, b.environment_id, '')
  where g.backup_id is null and b.kind is distinct from 'config_export'
),
found as (
  select resource_id,
         max(case when taken_at <= applied_at and restore_test_result is distinct from 'failed'
                   and (integrity_sha256 is not null or restore_test_result = 'ok') then 1 else 0 end) as is_good,
         min(case when taken_at > applied_at or restore_test_result = 'failed' then 1 else 0 end) as is_bad,
         max(case when restore_test_result = 'failed' then 1 else 0 end) as has_failed
  from candidates group by resource_id
)
select g.resource_id,
       coalesce(g.component_id || ': ', '') || g.update_id as name,
       'applied on ' || strftime(g.applied_at, '%Y-%m-%d %H:%M') || ' UTC; '
         || case
              when f.resource_id is null then 'no backup of the ' || $recovery_point_hours || ' hours before it'
              when f.has_failed = 1 then 'the backup before it failed its restore test'
              else 'backup ' || coalesce(g.backup_id, '') || ' was taken afterwards'
            end as detail
from gated g left join found f on f.resource_id = g.resource_id
where (f.resource_id is null and g.backup_id is null) or (f.is_bad = 1 and f.is_good = 0)
