select credential_id as resource_id, coalesce(name, credential_id) as name,
       replace(kind, '_', ' ')
       || case when rotated_at is null then ' created on ' || strftime(created_at, '%Y-%m-%d')
               else ' last rotated on ' || strftime(rotated_at, '%Y-%m-%d') end
       || ', ' || date_diff('day', coalesce(rotated_at, created_at), $as_of) || ' days ago'
       || case when rotated_at is null then ', and no rotation since is known' else '' end
       || '; the limit is ' || $secret_rotation_days
       || case when owner_principal_id is null then '' else ', owner ' || owner_principal_id end as detail
from credentials
where kind in ('api_key', 'pat', 'oauth_client', 'basic', 'webhook_secret', 'stored_secret')
  and is_enabled is distinct from false and (expires_at is null or expires_at > $as_of)
  and coalesce(rotated_at, created_at) < $as_of - to_days(cast($secret_rotation_days as integer))
