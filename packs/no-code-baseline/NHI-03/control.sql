select c.credential_id as resource_id, coalesce(c.name, c.credential_id) as name,
       replace(c.kind, '_', ' ')
       || case when c.rotated_at is null then ' created on ' || strftime(c.created_at, '%Y-%m-%d')
               else ' last rotated on ' || strftime(c.rotated_at, '%Y-%m-%d') end
       || ', ' || date_diff('day', coalesce(c.rotated_at, c.created_at), $as_of) || ' days ago'
       || case when c.rotated_at is null then ', and no rotation since is known' else '' end
       || '; the limit is ' || $secret_rotation_days
       || coalesce('; owner ' || coalesce(p.display_name, p.login, c.owner_principal_id), '') as detail
from credentials c
left join principals p on p.principal_id = c.owner_principal_id
where c.kind in ('api_key', 'pat', 'oauth_client', 'basic', 'webhook_secret', 'stored_secret')
  and c.is_enabled is distinct from false and (c.expires_at is null or c.expires_at > $as_of)
  and coalesce(c.rotated_at, c.created_at) < $as_of - to_days(cast($secret_rotation_days as integer))
