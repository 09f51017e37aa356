with identities as (
  select lower(principal_id) as who, kind from principals
  union all
  select lower(login), kind from principals
),
makers as (select who, min(kind) as kind from identities group by who having min(kind) = max(kind) and count(*) = count(kind))
select a.app_id as resource_id,
       a.name,
       'changed by hand in production'
         || coalesce(' by ' || coalesce(p.display_name, p.login, a.modified_by), '')
         || coalesce(' on ' || strftime(a.modified_at, '%Y-%m-%d'), '') as detail
from apps a
join environments e on e.environment_id = a.environment_id and e.kind = 'production'
left join makers m on m.who = lower(a.modified_by)
left join principals p on p.principal_id = a.modified_by
where a.is_active is not false
  and a.is_managed is not true
  and coalesce(m.kind, '') not in ('service', 'application', 'system')
  and (m.kind in ('human', 'guest') or a.is_managed = false)
