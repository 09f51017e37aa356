select log_source_id as resource_id,
       coalesce(replace(l.kind, '_', ' '), 'log') || coalesce(' of ' || coalesce(e.name, l.environment_id), '') as name,
       'holds privileged changes but is delivered nowhere, so nothing can raise an alert' as detail
from log_sources l
left join environments e on e.environment_id = l.environment_id
where is_enabled is not false
  and lower(trim(delivered_to)) in ('', 'none')
  and (l.kind = 'admin_audit' or contains(event_classes, '"admin_change"') or contains(event_classes, '"permission_change"'))
