select log_source_id as resource_id,
       coalesce(replace(l.kind, '_', ' '), 'log') || coalesce(' of ' || coalesce(e.name, l.environment_id), '') as name,
       'kept ' || retention_days || ' days, ' || $log_retention_days || ' are required' as detail
from log_sources l
left join environments e on e.environment_id = l.environment_id
where is_enabled is not false
  and (l.kind is null or l.kind not in ('execution', 'system'))
  and retention_days < $log_retention_days
