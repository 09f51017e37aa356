select log_source_id as resource_id,
       coalesce(replace(kind, '_', ' '), 'log') || coalesce(' of ' || environment_id, '') as name,
       'administrators of the platform can delete or change it' as detail
from log_sources
where admin_can_delete and is_enabled is not false and (kind is null or kind not in ('execution', 'system'))
