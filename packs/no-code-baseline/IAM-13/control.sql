with outsiders as (
    select principal_id, coalesce(display_name, login) as name, login, created_at,
        expires_at is null and has_expiry is false as is_endless,
        coalesce(nullif(trim(sponsor), ''), owner_principal_id, nullif(trim(manager), ''), trim(sponsor)) = '' as is_unsponsored
    from principals
    where (kind = 'guest' or (kind = 'human' and is_external))
      and is_enabled is not false and (expires_at is null or expires_at > $as_of)
)
select
    principal_id as resource_id,
    name,
    concat_ws(
        '; ',
        case when is_unsponsored then 'no sponsor' end,
        case when is_endless then 'no end date' end,
        'created on ' || strftime(created_at, '%Y-%m-%d'),
        'account ' || login
    ) as detail
from outsiders
where is_endless or is_unsponsored
