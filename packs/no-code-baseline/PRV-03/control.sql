with administrator_roles as (
    select e.role_id, string_agg(distinct r.name, ', ' order by r.name) as role_names
    from effective_roles e join roles r on r.role_id = e.included_role_id
    where r.is_privileged
    group by e.role_id
),
held as (
    select g.subject_kind, g.subject_id, any_value(a.role_names) as role_names
    from grants g join administrator_roles a on a.role_id = g.role_id
    where (g.object_kind is null or g.object_kind in ('platform', 'environment'))
      and (g.expires_at is null or g.expires_at > $as_of)
    group by g.subject_kind, g.subject_id
),
in_sight as (
    select subject_id as principal_id from held where subject_kind = 'principal'
    union
    select m.member_id from held h
    join memberships m on m.group_id = h.subject_id and m.member_kind = 'principal'
    where h.subject_kind = 'group'
      and (m.valid_from is null or m.valid_from <= $as_of) and (m.valid_until is null or m.valid_until > $as_of)
),
hidden as (
    select e.principal_id, any_value(p.display_name) as display_name, any_value(p.login) as login,
        string_agg(distinct coalesce(g.name, g.group_id), ', ') as group_names,
        string_agg(distinct h.role_names, ', ') as role_names
    from held h
    join groups g on g.group_id = h.subject_id and g.kind is distinct from 'everyone'
    join effective_memberships e on e.group_id = h.subject_id
    join principals p on p.principal_id = e.principal_id
    left join in_sight s on s.principal_id = e.principal_id
    where h.subject_kind = 'group' and s.principal_id is null
      and p.is_enabled is not false and (p.expires_at is null or p.expires_at > $as_of)
      and (p.kind is null or p.kind in ('human', 'guest'))
    group by e.principal_id
),
listed as (
    select k.principal_id,
        bool_or(l.state = 'refused') as is_refused,
        bool_or(l.state = 'pending') as is_pending,
        bool_or(l.state = 'approved' and (l.expires_at is null or l.expires_at > $as_of)) as is_approved
    from (
        select principal_id, lower(principal_id) as item from hidden
        union
        select principal_id, lower(login) from hidden
    ) k
    join allow_lists l on l.list_id = 'administrators' and lower(trim(l.item)) = k.item
    group by k.principal_id
)
select
    h.principal_id as resource_id,
    coalesce(h.display_name, h.login) as name,
    concat_ws(
        '; ',
        case
            when l.principal_id is null then 'new: not on the list of administrators'
            when l.is_refused then 'refused'
            else 'approval expired'
        end,
        'holds ' || h.role_names || ' by nesting in ' || h.group_names,
        'account ' || h.login
    ) as detail
from hidden h left join listed l on l.principal_id = h.principal_id
where l.principal_id is null or l.is_refused or (not l.is_approved and not l.is_pending)
