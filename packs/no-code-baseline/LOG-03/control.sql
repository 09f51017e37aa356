select log_source_id as resource_id,
       coalesce(replace(kind, '_', ' '), 'log') || coalesce(' of ' || environment_id, '') as name,
       'kept ' || retention_days || ' days, ' || $log_retention_days || ' are required' as detail
from log_sources
where is_enabled is not false
  and (kind is null or kind not in ('execution', 'system'))
  and retention_days < $log_retention_days
