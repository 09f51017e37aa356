select s.app_id || '/' || s.step_id as resource_id,
       coalesce(a.name, s.app_id) || ': ' || coalesce(nullif(s.name, ''), s.step_id) as name,
       s.secret_hits || case when s.secret_hits = 1 then ' place looks' else ' places look' end || ' like a secret in clear text'
       || case when s.step_type is null then '' else ', in a step of type ' || s.step_type end
       || case when a.is_active = false then ' (the app is inactive, the secret is readable all the same)' else '' end
       || coalesce(', owner ' || coalesce(p.display_name, p.login, a.owner_principal_id), '') as detail
from app_steps s
left join apps a on a.app_id = s.app_id
left join principals p on p.principal_id = a.owner_principal_id
where s.secret_hits > 0
