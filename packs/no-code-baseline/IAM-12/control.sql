select
    principal_id as resource_id,
    coalesce(display_name, login) as name,
    concat_ws(
        '; ',
        'left on ' || strftime(employment_ended_at, '%Y-%m-%d') || ', '
            || cast(date_diff('day', employment_ended_at, $as_of) as varchar) || ' days ago',
        case when is_enabled then 'the account is enabled' else 'the account is not known to be disabled' end,
        'last used on ' || strftime(last_sign_in_at, '%Y-%m-%d'),
        'account ' || login
    ) as detail
from principals
where kind in ('human', 'guest') and is_enabled is not false and (expires_at is null or expires_at > $as_of)
  and employment_ended_at < $as_of - to_days(cast($leaver_days as integer))
