select credential_id as resource_id, coalesce(name, credential_id) as name,
       'last used on ' || strftime(last_used_at, '%Y-%m-%d') || ', ' || date_diff('day', last_used_at, $as_of)
       || ' days ago; the limit is ' || $unused_grant_days
       || case when owner_principal_id is null then '' else ', granted by ' || owner_principal_id end as detail
from credentials
where kind = 'oauth_grant' and is_enabled is distinct from false and (expires_at is null or expires_at > $as_of)
  and last_used_at < $as_of - to_days(cast($unused_grant_days as integer))
  and (created_at is null or created_at <= $as_of - to_days(cast($unused_grant_days as integer)))
