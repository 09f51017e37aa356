select credential_id as resource_id, coalesce(name, credential_id) as name,
       case when expires_at is not null then 'ends only on ' || strftime(expires_at, '%Y-%m-%d') else 'never expires' end
       || case when created_at is null then '' else ', made on ' || strftime(created_at, '%Y-%m-%d') end
       || case when scopes is null then '' else ', ' || json_array_length(scopes) || ' scopes' end
       || case when owner_principal_id is null then '' else ', owner ' || owner_principal_id end as detail
from credentials
where kind in ('api_key', 'pat') and is_enabled is distinct from false
  and ((expires_at is null and has_expiry = false) or expires_at >= cast('2099-01-01' as timestamp))
