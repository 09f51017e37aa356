select
    principal_id as resource_id,
    coalesce(display_name, login) as name,
    concat_ws('; ', 'signs in with an account local to the platform', 'account ' || login) as detail
from principals
where kind in ('human', 'guest') and is_enabled is not false and is_pending is not true
  and sso_exempt is not true and (expires_at is null or expires_at > $as_of)
  and auth_source = 'local'
