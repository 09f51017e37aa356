with administrators as (
    select g.principal_id,
        string_agg(distinct coalesce(r.name, r.role_id), ', ') as role_names,
        bool_or(g.object_kind is null or g.object_kind = 'platform') as is_platform_wide,
        count(distinct case when g.object_kind = 'environment' then g.object_id end) as environments,
        bool_and(g.via = 'group') as is_by_group
    from privileged_grants g join roles r on r.role_id = g.role_id
    where g.is_privileged and (g.object_kind is null or g.object_kind in ('platform', 'environment'))
    group by g.principal_id
)
select
    p.principal_id as resource_id,
    coalesce(p.display_name, p.login) as name,
    concat_ws(
        '; ',
        'holds ' || a.role_names || case
            when a.is_platform_wide then ' on the platform'
            else ' in ' || cast(a.environments as varchar) || ' environment(s)'
        end || case when a.is_by_group then ', through a group' else '' end,
        'account ' || p.login
    ) as detail
from principals p join administrators a on a.principal_id = p.principal_id
where p.kind in ('service', 'application') and p.is_enabled is not false
  and (p.expires_at is null or p.expires_at > $as_of)
