with closed as (
    select principal_id, coalesce(display_name, login) as name, login, is_enabled, employment_ended_at
    from principals
    where (kind is null or kind in ('human', 'guest', 'service', 'application'))
      and (
        is_enabled is false
        or (is_enabled is null and employment_ended_at < $as_of - to_days(cast($leaver_days as integer)))
      )
),
remnants as (
    select g.subject_id as principal_id, 1 as rights, 0 as tokens, 0 as links
    from closed c join grants g on g.subject_kind = 'principal' and g.subject_id = c.principal_id
    left join roles r on r.role_id = g.role_id
    where (g.expires_at is null or g.expires_at > $as_of)
      and (r.kind is distinct from 'profile' or r.is_privileged)
    union all
    select k.owner_principal_id, 0, 1, 0
    from closed c join credentials k on k.owner_principal_id = c.principal_id
    where k.is_enabled is not false and (k.expires_at is null or k.expires_at > $as_of)
    union all
    select n.owner_principal_id, 0, 0, 1
    from closed c join connections n on n.owner_principal_id = c.principal_id
),
summed as (
    select principal_id, sum(rights) as rights, sum(tokens) as tokens, sum(links) as links
    from remnants group by principal_id
)
select
    c.principal_id as resource_id,
    c.name,
    concat_ws(
        '; ',
        case when c.is_enabled is false then 'disabled' else 'not known to be disabled' end,
        'left on ' || strftime(c.employment_ended_at, '%Y-%m-%d'),
        case when s.rights > 0 then 'direct rights: ' || cast(s.rights as varchar) end,
        case when s.tokens > 0 then 'tokens and stored secrets: ' || cast(s.tokens as varchar) end,
        case when s.links > 0 then 'connections: ' || cast(s.links as varchar) end,
        'account ' || c.login
    ) as detail
from closed c join summed s on s.principal_id = c.principal_id
