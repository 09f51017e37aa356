select s.app_id || '/' || s.step_id as resource_id,
       coalesce(a.name, s.app_id) || ': ' || coalesce(nullif(s.name, ''), s.step_id) as name,
       'values are pasted into the query'
       || case when s.uses_bound_parameters = false then ', none is bound' else '' end
       || case when s.step_type is null then '' else ', step of type ' || s.step_type end
       || coalesce(', owner ' || coalesce(p.display_name, p.login, a.owner_principal_id), '') as detail
from app_steps s
left join apps a on a.app_id = s.app_id
left join principals p on p.principal_id = a.owner_principal_id
where s.category = 'sql' and s.is_enabled is distinct from false and a.is_active is distinct from false
  and s.has_expression_in_query = true and coalesce(s.uses_bound_parameters, false) = false
