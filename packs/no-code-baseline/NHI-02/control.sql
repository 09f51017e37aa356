select c.credential_id as resource_id, coalesce(c.name, c.credential_id) as name,
       case when c.expires_at is not null then 'ends only on ' || strftime(c.expires_at, '%Y-%m-%d') else 'never expires' end
       || case when c.created_at is null then '' else ', created on ' || strftime(c.created_at, '%Y-%m-%d') end
       || case when c.scopes is null then ''
               else ', ' || json_array_length(c.scopes) || case when json_array_length(c.scopes) = 1 then ' scope' else ' scopes' end end
       || coalesce(', owner ' || coalesce(p.display_name, p.login, c.owner_principal_id), '') as detail
from credentials c
left join principals p on p.principal_id = c.owner_principal_id
where c.kind in ('api_key', 'pat') and c.is_enabled is distinct from false
  and ((c.expires_at is null and c.has_expiry = false) or c.expires_at >= cast('2099-01-01' as timestamp))
