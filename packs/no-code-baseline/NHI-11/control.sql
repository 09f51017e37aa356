select c.credential_id as resource_id, coalesce(c.name, c.credential_id) as name,
       'last used on ' || strftime(c.last_used_at, '%Y-%m-%d') || ', ' || date_diff('day', c.last_used_at, $as_of)
       || ' days ago; the limit is ' || $unused_grant_days
       || coalesce('; granted by ' || coalesce(p.display_name, p.login, c.owner_principal_id), '') as detail
from credentials c
left join principals p on p.principal_id = c.owner_principal_id
where c.kind = 'oauth_grant' and c.is_enabled is distinct from false and (c.expires_at is null or c.expires_at > $as_of)
  and c.last_used_at < $as_of - to_days(cast($unused_grant_days as integer))
  and (c.created_at is null or c.created_at <= $as_of - to_days(cast($unused_grant_days as integer)))
