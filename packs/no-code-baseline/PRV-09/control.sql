with held as (
    select distinct g.subject_id as group_id, coalesce(i.included_role_id, g.role_id) as role_id, coalesce(n.is_default, false) as is_default
    from grants g
    join groups e on e.group_id = g.subject_id and e.kind = 'everyone'
    left join effective_roles i on i.role_id = g.role_id
    left join environments n
        on n.environment_id = coalesce(case when g.object_kind = 'environment' then g.object_id end, g.environment_id)
    where g.subject_kind = 'group' and (g.expires_at is null or g.expires_at > $as_of)
),
rights as (
    select h.group_id, coalesce(r.name, h.role_id) as role_name, 'administer' as capability
    from held h join roles r on r.role_id = h.role_id
    where r.is_privileged
    union
    select h.group_id, coalesce(r.name, h.role_id), replace(p.capability, '_', ' ')
    from held h
    join role_permissions p on p.role_id = h.role_id
    left join roles r on r.role_id = h.role_id
    where p.effect is distinct from 'deny'
      and (
        p.capability in (
            'write_all', 'manage_users', 'manage_roles', 'author_code', 'deploy', 'impersonate', 'install_addons',
            'manage_logs', 'manage_settings', 'manage_connections', 'create_environment', 'publish_site')
        or (p.capability = 'create_app' and not h.is_default)
        or (p.capability in ('create', 'update', 'delete', 'share') and p.row_scope in ('all', 'filtered'))
      )
      and p.row_scope is distinct from 'own'
)
select
    e.group_id as resource_id,
    any_value(e.name) as name,
    'every user may: ' || string_agg(distinct x.capability, ', ' order by x.capability)
        || '; by ' || string_agg(distinct x.role_name, ', ' order by x.role_name) as detail
from groups e join rights x on x.group_id = e.group_id
group by e.group_id
