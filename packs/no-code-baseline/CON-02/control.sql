with place as (
  select environment_id, any_value(name) as name, any_value(kind) as kind, lower(environment_id) as key
  from environments
  where is_default is not true and kind is distinct from 'default'
  group by environment_id
), listed as (
  select distinct policy_id, lower(ref_id) as key from data_policy_rules where rule_kind = 'environment'
), reached as (
  select distinct e.environment_id
  from place e
  join data_policies p on p.kind = 'dlp' and p.is_enabled is not false
  left join listed l on l.policy_id = p.policy_id and l.key = e.key
  where p.scope is null or p.scope = 'all' or (p.scope = 'only' and l.key is not null)
     or (p.scope = 'except' and l.key is null)
)
select e.environment_id as resource_id, coalesce(e.name, e.environment_id) as name,
       'no data policy that is switched on covers it' || coalesce('; kind ' || e.kind, '') as detail
from place e
where e.environment_id not in (select environment_id from reached)
