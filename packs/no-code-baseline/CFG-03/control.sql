with exports as (
  select e.environment_id, b.taken_at from environments e
  join backups b on b.environment_id = e.environment_id where b.kind = 'config_export'
  union all
  select e.environment_id, b.taken_at from environments e
  cross join backups b where b.environment_id is null and b.kind = 'config_export'
),
newest as (
  select environment_id, max(taken_at) as exported_at from exports
  group by environment_id having count(*) = count(taken_at)
),
missed as (
  select n.environment_id, n.exported_at, count(*) as apps, min(a.modified_at) as first_change_at
  from newest n join apps a on a.environment_id = n.environment_id
  where a.modified_at > n.exported_at and a.modified_at <= $as_of - to_days(cast($config_export_days as integer))
  group by n.environment_id, n.exported_at
)
select e.environment_id as resource_id,
       e.name,
       'newest export of ' || strftime(m.exported_at, '%Y-%m-%d') || ' misses changes to ' || m.apps
         || ' app(s), the first of ' || strftime(m.first_change_at, '%Y-%m-%d') as detail
from missed m
join environments e on e.environment_id = m.environment_id
where e.kind is null or e.kind not in ('developer', 'trial', 'test', 'sandbox')
