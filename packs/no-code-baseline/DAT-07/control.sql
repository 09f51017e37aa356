with listed as (
  select lower(trim(item)) as item,
         max(case when state = 'approved' and expires_at <= $as_of then 'expired' else state end) as state
  from allow_lists where list_id = 'roles' group by lower(trim(item))
), exporters as (
  select r.role_id, any_value(r.name) as name, any_value(r.is_privileged) as is_privileged,
         string_agg(distinct m.permission, ', ' order by m.permission) as permissions
  from role_permissions m join roles r using (role_id)
  where m.capability = 'export_bulk' and m.effect is distinct from 'deny' and r.is_privileged is not true
  group by r.role_id
), held as (
  select g.role_id, count(distinct g.principal_id) as holders
  from exporters join effective_grants g using (role_id) group by g.role_id
), everyone as (
  select distinct g.role_id from groups e
  join grants g on g.subject_kind = 'group' and g.subject_id = e.group_id
  join exporters using (role_id)
  where e.kind = 'everyone' and (g.expires_at is null or g.expires_at > $as_of)
)
select x.role_id as resource_id, coalesce(x.name, x.role_id) as name,
       case when v.role_id is not null then 'held by everyone'
            when l.item is null then 'new: not on the list'
            when l.state = 'refused' then 'refused' else 'approval expired' end
         || '; ' || cast(h.holders as varchar) || ' holder(s); may export by ' || x.permissions as detail
from exporters x
join held h using (role_id)
left join everyone v on v.role_id = x.role_id
left join listed l on l.item = lower(x.role_id)
where v.role_id is not null
   or (x.is_privileged = false and (l.item is null or l.state in ('refused', 'expired')))
