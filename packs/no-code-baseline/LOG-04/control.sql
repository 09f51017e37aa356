select log_source_id as resource_id,
       coalesce(replace(l.kind, '_', ' '), 'log') || coalesce(' of ' || coalesce(e.name, l.environment_id), '') as name,
       case
         when lower(trim(delivered_to)) in ('', 'none') then 'is delivered nowhere'
         else 'last delivered to ' || delivered_to || ' at ' || strftime(last_delivered_at, '%Y-%m-%d %H:%M') || ' UTC, '
           || date_diff('hour', last_delivered_at, $as_of) || ' hours ago'
           || coalesce('; events exist up to ' || strftime(last_event_at, '%Y-%m-%d %H:%M'), '')
       end as detail
from log_sources l
left join environments e on e.environment_id = l.environment_id
where (is_enabled is not false
       and lower(trim(delivered_to)) in ('', 'none')
       and (l.kind is null or l.kind not in ('execution', 'system')))
   or (is_enabled
       and lower(trim(delivered_to)) not in ('', 'none')
       and last_delivered_at < $as_of - to_hours(cast($log_freshness_hours as integer))
       and (last_event_at is null or last_delivered_at < last_event_at))
