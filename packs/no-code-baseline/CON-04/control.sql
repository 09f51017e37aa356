with policies as (
  select policy_id, coalesce(name, policy_id) as name, scope, is_enabled, default_classification
  from data_policies where kind = 'dlp' and is_enabled is not false
), listed as (
  select distinct policy_id, lower(ref_id) as key from data_policy_rules where rule_kind = 'environment'
), blockers as (
  select policy_id, scope from policies where is_enabled and default_classification = 'block'
), guarded as (
  -- Environments named by a narrow policy that another policy, which blocks by default, covers as well.
  select distinct l.policy_id, l.key
  from listed l
  join blockers b on b.policy_id <> l.policy_id
  left join listed named on named.policy_id = b.policy_id and named.key = l.key
  where b.scope = 'all' or (b.scope = 'only' and named.key is not null) or (b.scope = 'except' and named.key is null)
), open_places as (
  select l.policy_id, count(*) as places
  from listed l left join guarded g on g.policy_id = l.policy_id and g.key = l.key
  where g.key is null
  group by l.policy_id
)
select p.policy_id as resource_id, p.name as name,
       'connectors it does not name start as ' || replace(p.default_classification, '_', ' ')
         || case when p.scope = 'only' then ', in ' || cast(o.places as varchar) || ' environment(s)'
                 when p.scope = 'except' then ', in all environments but those it excepts'
                 else ', in all environments' end as detail
from policies p
left join open_places o using (policy_id)
where p.is_enabled
  and p.default_classification in ('allow', 'business', 'non_business')
  and not exists (select 1 from blockers where scope = 'all')
  and (p.scope <> 'only' or o.places > 0)
union all
select platform_id, coalesce(name, platform_id), 'no data policy is switched on, so every connector can be used'
from platforms
where product = 'power_platform'
  and not exists (select 1 from data_policies where kind = 'dlp' and is_enabled is not false)
