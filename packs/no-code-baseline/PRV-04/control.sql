with wide as (
    select p.role_id,
        string_agg(distinct case p.capability when 'read_all' then 'read all' else 'change all' end, ' and ') as rights,
        count(distinct p.resource_id) as objects,
        bool_or(p.resource_id is null) as is_everything
    from role_permissions p
    left join role_permissions d on d.role_id = p.role_id and d.capability = p.capability and d.effect = 'deny'
        and d.resource_id is not distinct from p.resource_id
    where p.capability in ('read_all', 'write_all') and p.effect is distinct from 'deny' and d.role_id is null
    group by p.role_id
),
held as (
    select w.role_id, any_value(w.rights) as rights, any_value(w.objects) as objects,
        bool_or(w.is_everything) as is_everything, count(distinct g.principal_id) as holders
    from wide w
    join effective_grants g on g.role_id = w.role_id
    left join principals p on p.principal_id = g.principal_id
    where p.is_enabled is not false and (p.expires_at is null or p.expires_at > $as_of)
    group by w.role_id
),
listed as (
    select lower(trim(item)) as item,
        bool_or(state = 'refused') as is_refused,
        bool_or(state = 'pending') as is_pending,
        bool_or(state = 'approved' and (expires_at is null or expires_at > $as_of)) as is_approved
    from allow_lists where list_id = 'roles' group by all
)
select
    h.role_id as resource_id,
    coalesce(r.name, h.role_id) as name,
    concat_ws(
        '; ',
        case
            when l.item is null then 'new: not on the list of approved roles'
            when l.is_refused then 'refused'
            else 'approval expired'
        end,
        h.rights || case when h.is_everything then '' else ' in ' || cast(h.objects as varchar) || ' objects' end,
        'held by ' || cast(h.holders as varchar) || case when h.holders = 1 then ' account' else ' accounts' end
    ) as detail
from held h
left join roles r on r.role_id = h.role_id
left join listed l on l.item = lower(h.role_id)
where l.item is null or l.is_refused or (not l.is_approved and not l.is_pending)
