select platform_id as resource_id,
       'snapshot' as name,
       'taken on ' || strftime(taken_at, '%Y-%m-%d') || ', ' || date_diff('day', taken_at, $as_of)
         || ' days ago; at most ' || $snapshot_max_age_days || ' are allowed' as detail
from snapshots
where taken_at < $as_of - to_days(cast($snapshot_max_age_days as integer))
union all
select table_name,
       table_name,
       'could not be read in full (' || status || ')' || coalesce(': ' || nullif(reason, ''), '')
from collection
where status in ('partial', 'denied', 'error')
