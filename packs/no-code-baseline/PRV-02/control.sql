with administrator_roles as (
    select e.role_id
    from effective_roles e join roles r on r.role_id = e.included_role_id
    where r.is_privileged
    group by e.role_id
)
select
    g.grant_id as resource_id,
    coalesce(p.display_name, p.login, q.name, g.subject_id) || ': ' || coalesce(r.name, g.role_id) as name,
    concat_ws(
        '; ',
        case when g.subject_kind = 'group' then 'the group ' else '' end || coalesce(p.login, q.name, g.subject_id)
            || ' holds ' || coalesce(r.name, g.role_id) || ' without an end date',
        'on ' || g.object_kind || coalesce(' ' || g.object_id, ''),
        'since ' || strftime(g.granted_at, '%Y-%m-%d')
    ) as detail
from grants g
join administrator_roles a on a.role_id = g.role_id
left join roles r on r.role_id = g.role_id
left join principals p on g.subject_kind = 'principal' and p.principal_id = g.subject_id
left join groups q on g.subject_kind = 'group' and q.group_id = g.subject_id
where (g.object_kind is null or g.object_kind in ('platform', 'environment'))
  and g.expires_at is null and g.has_expiry is false and g.is_eligible_only is not true
  and p.is_enabled is not false and (p.kind is null or p.kind in ('human', 'guest'))
