select log_source_id as resource_id,
       coalesce(replace(l.kind, '_', ' '), 'log') || coalesce(' of ' || coalesce(e.name, l.environment_id), '') as name,
       'administrators of the platform can delete or change it' as detail
from log_sources l
left join environments e on e.environment_id = l.environment_id
where admin_can_delete and is_enabled is not false and (l.kind is null or l.kind not in ('execution', 'system'))
