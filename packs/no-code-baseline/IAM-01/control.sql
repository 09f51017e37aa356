with people as (
    select principal_id, platform_id, display_name, login, auth_source
    from principals
    where kind in ('human', 'guest') and is_enabled is not false and is_pending is not true
      and sso_exempt is not true and (expires_at is null or expires_at > $as_of)
),
counts as (
    select any_value(platform_id) as platform_id, count(*) as people,
        count(*) filter (where auth_source = 'local') as locals,
        min(coalesce(login, display_name, principal_id)) as example
    from people
)
select
    p.principal_id as resource_id,
    coalesce(p.display_name, p.login) as name,
    concat_ws('; ', 'signs in with an account local to the platform', 'account ' || p.login) as detail
from people p cross join counts c
where p.auth_source = 'local' and c.locals < c.people
union all
select
    platform_id,
    'the platform',
    'nobody signs in through an identity provider; '
        || cast(people as varchar) || case when people = 1 then ' account is' else ' accounts are' end
        || ' local to the platform, such as ' || example
from counts
where people > 0 and locals = people
