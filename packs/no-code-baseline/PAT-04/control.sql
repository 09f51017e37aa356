select u.update_id || coalesce('/' || u.component_id, '') || coalesce('/' || u.environment_id, '') as resource_id,
       coalesce(u.component_id || ': ', '') || u.update_id as name,
       'applied ' || coalesce('to ' || e.name || ' ', '') || 'on ' || strftime(u.applied_at, '%Y-%m-%d')
         || case when u.staged_ok_at is null then ' without a successful test in staging'
                 else ' before its test in staging succeeded on ' || strftime(u.staged_ok_at, '%Y-%m-%d') end as detail
from updates u
left join environments e on e.environment_id = u.environment_id
where u.applied_at <= $as_of
  and u.applied_at > $as_of - to_days(cast($change_lookback_days as integer))
  and u.who_patches is distinct from 'vendor'
  and (u.environment_id is null or e.kind in ('production', 'default'))
  and (u.staged_ok_at is null or u.staged_ok_at > u.applied_at)
