with listed as (
  select list_id, lower(trim(item)) as item,
         max(case when state = 'approved' and expires_at <= $as_of then 'expired' else state end) as state
  from allow_lists where list_id in ('steps', 'connectors') group by list_id, lower(trim(item))
), uses as (
  select s.app_id || '/' || s.step_id as use_id, s.step_type, s.connector_id,
         coalesce(nullif(s.name, ''), s.step_id) as step_name, coalesce(a.name, s.app_id) as app_name, a.owner_principal_id
  from app_steps s
  left join apps a using (app_id)
  left join environments e on e.environment_id = a.environment_id
  where s.category in ('http', 'script')
    and s.is_enabled is not false and a.is_active is not false
    and (e.kind is null or e.kind not in ('developer', 'sandbox', 'test', 'trial'))
), judged as (
  select u.use_id, u.step_type, u.step_name, u.app_name, u.owner_principal_id,
         case when one.state in ('approved', 'refused', 'expired') then one.state
              when 'refused' in (k.state, t.state) then 'refused'
              when 'approved' in (k.state, t.state) then 'approved'
              when 'expired' in (k.state, t.state) then 'expired' end as decision
  from uses u
  left join listed one on one.list_id = 'steps' and one.item = lower(u.use_id)
  left join listed k on k.list_id = 'connectors' and k.item = lower(u.connector_id)
  left join listed t on t.list_id = 'connectors' and t.item = lower(u.step_type)
)
select j.use_id as resource_id, j.app_name || ': ' || j.step_name as name,
       case j.decision when 'refused' then 'refused, and still in use' else 'approval expired' end
         || coalesce('; step of type ' || j.step_type, '')
         || coalesce('; owner ' || coalesce(p.display_name, p.login, j.owner_principal_id), '') as detail
from judged j left join principals p on p.principal_id = j.owner_principal_id
where j.decision in ('refused', 'expired')
