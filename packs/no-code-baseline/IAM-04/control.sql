select
    principal_id as resource_id,
    coalesce(display_name, login) as name,
    concat_ws(
        '; ',
        'no second factor is enrolled',
        'account ' || login,
        'created on ' || strftime(created_at, '%Y-%m-%d')
    ) as detail
from principals
where kind in ('human', 'guest') and is_enabled is not false and is_pending is not true
  and (expires_at is null or expires_at > $as_of)
  and mfa = 'none'
