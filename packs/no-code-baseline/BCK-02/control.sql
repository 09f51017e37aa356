with copies as (
  select e.environment_id, b.restore_tested_at, b.restore_test_result from environments e
  join backups b on b.environment_id = e.environment_id
  union all
  select e.environment_id, b.restore_tested_at, b.restore_test_result from environments e
  cross join backups b where b.environment_id is null
),
tests as (
  select environment_id,
         max(restore_tested_at) as tested_at,
         max(case when restore_test_result = 'failed' then restore_tested_at end) as failed_at,
         max(case when restore_test_result = 'ok' then restore_tested_at end) as ok_at
  from copies where restore_tested_at is not null group by environment_id
)
select e.environment_id as resource_id,
       e.name,
       case
         when t.failed_at >= coalesce(t.ok_at, t.failed_at) and t.failed_at = t.tested_at
           then 'the newest restore test, of ' || strftime(t.failed_at, '%Y-%m-%d') || ', failed'
         else 'last restore test on ' || strftime(t.tested_at, '%Y-%m-%d') || ', '
           || date_diff('day', t.tested_at, $as_of) || ' days ago; at most ' || $restore_test_days || ' are allowed'
       end as detail
from tests t
join environments e on e.environment_id = t.environment_id
where (e.kind is null or e.kind not in ('developer', 'trial', 'test', 'sandbox'))
  and (t.tested_at < $as_of - to_days(cast($restore_test_days as integer))
       or (t.failed_at = t.tested_at and (t.ok_at is null or t.ok_at < t.failed_at)))
