with copies as (
  select e.environment_id, b.taken_at from environments e
  join backups b on b.environment_id = e.environment_id where b.kind is distinct from 'config_export'
  union all
  select e.environment_id, b.taken_at from environments e
  cross join backups b where b.environment_id is null and b.kind is distinct from 'config_export'
),
newest as (
  select environment_id, max(taken_at) as taken_at, count(*) - count(taken_at) as undated from copies group by environment_id
)
select e.environment_id as resource_id,
       e.name,
       case
         when n.environment_id is null then 'no backup'
         else 'newest backup of ' || strftime(n.taken_at, '%Y-%m-%d %H:%M') || ' UTC, '
           || date_diff('hour', n.taken_at, $as_of) || ' hours old; at most ' || $recovery_point_hours || ' are allowed'
       end as detail
from environments e
left join newest n on n.environment_id = e.environment_id
where (e.kind is null or e.kind not in ('developer', 'trial', 'test', 'sandbox'))
  and (n.environment_id is null
       or (n.undated = 0 and n.taken_at < $as_of - to_hours(cast($recovery_point_hours as integer))))
