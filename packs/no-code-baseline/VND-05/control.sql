with contacts as (
  select scope_id, max(case when trim(owner) <> '' then 1 else 0 end) as has_owner,
         max(case when trim(deputy) <> '' then 1 else 0 end) as has_deputy
  from owners where scope_kind = 'platform'
  group by scope_id
),
named as (
  select p.platform_id, max(c.has_owner) as has_owner, max(c.has_deputy) as has_deputy
  from platforms p
  join contacts c on c.scope_id is null or c.scope_id = p.platform_id
  group by p.platform_id
)
select p.platform_id as resource_id,
       p.name,
       case when coalesce(n.has_owner, 0) = 0 then 'nobody is named as owner of the platform'
            else 'the owner of the platform has no deputy' end as detail
from platforms p
left join named n on n.platform_id = p.platform_id
where coalesce(n.has_owner, 0) = 0 or n.has_deputy = 0
