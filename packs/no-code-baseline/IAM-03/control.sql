with exempt as (
    select principal_id, platform_id, coalesce(display_name, login) as name, login
    from principals
    where kind in ('human', 'guest') and is_enabled is not false and is_pending is not true
      and (expires_at is null or expires_at > $as_of)
      and sso_exempt
),
signs_on as (
    select count(*) as people
    from principals
    where kind in ('human', 'guest') and is_enabled is not false and is_pending is not true
      and (expires_at is null or expires_at > $as_of)
      and (auth_source = 'sso' or auth_source is null)
),
listed as (
    select k.principal_id,
        bool_or(l.state = 'refused') as is_refused,
        bool_or(l.state = 'pending') as is_pending,
        bool_or(l.state = 'approved' and (l.expires_at is null or l.expires_at > $as_of)) as is_approved,
        bool_or(l.state = 'approved' and (l.expires_at is null or l.expires_at > $as_of)
            and trim(coalesce(l.reason, '')) <> '') as is_justified
    from (
        select principal_id, lower(principal_id) as item from exempt
        union
        select principal_id, lower(login) from exempt
    ) k
    join allow_lists l on l.list_id = 'administrators' and lower(trim(l.item)) = k.item
    group by k.principal_id
)
select
    e.principal_id as resource_id,
    e.name,
    concat_ws(
        '; ',
        'may sign in past single sign-on',
        case
            when l.principal_id is null then 'new: not on the list of administrators'
            when l.is_refused then 'refused'
            when l.is_approved then 'approved without a reason'
            else 'approval expired'
        end,
        'account ' || e.login
    ) as detail
from exempt e
left join listed l on l.principal_id = e.principal_id
where (select people from signs_on) > 0
  and (
    l.principal_id is null
    or l.is_refused
    or (l.is_approved and not l.is_justified)
    or (not l.is_approved and not l.is_pending)
  )
union all
select
    any_value(platform_id),
    'the platform',
    cast(count(*) as varchar) || ' accounts may sign in past single sign-on; the house limit is '
        || cast($max_sso_exempt_accounts as varchar)
from exempt
where (select people from signs_on) > 0
having count(*) > $max_sso_exempt_accounts
