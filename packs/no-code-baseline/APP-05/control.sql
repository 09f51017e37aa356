select s.app_id || '/' || s.step_id as resource_id,
       coalesce(a.name, s.app_id) || ': ' || coalesce(nullif(s.name, ''), s.step_id) as name,
       case when l.item is null then 'new: not reviewed'
            when l.state = 'refused' then 'refused'
            else 'approval expired on ' || strftime(l.expires_at, '%Y-%m-%d') end
       || '; ' || s.category || ' step' || case when s.step_type is null then '' else ' of type ' || s.step_type end
       || coalesce(', last changed by ' || coalesce(p.display_name, p.login, a.modified_by), '')
       || case when a.modified_at is null then '' else ' on ' || strftime(a.modified_at, '%Y-%m-%d') end as detail
from app_steps s
left join apps a on a.app_id = s.app_id
left join environments e on e.environment_id = a.environment_id
left join principals p on p.principal_id = a.modified_by
left join allow_lists l on l.list_id = 'steps' and l.item = s.app_id || '/' || s.step_id
where s.category in ('script', 'command') and s.is_enabled is distinct from false
  and a.is_active is distinct from false
  and coalesce(e.kind, 'production') not in ('sandbox', 'developer', 'trial', 'test')
  and (l.item is null or l.state = 'refused' or (l.state = 'approved' and l.expires_at <= $as_of))
