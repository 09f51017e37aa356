with ai as (
  select s.app_id, s.step_id, s.name, s.next_step_ids, coalesce(a.name, s.app_id) as app_name
  from app_steps s left join apps a on a.app_id = s.app_id
  where s.category = 'ai' and s.is_enabled is distinct from false and a.is_active is distinct from false
    and s.next_step_ids is not null
),
edges as (
  select app_id, step_id, name, app_name, unnest(from_json(next_step_ids, '["VARCHAR"]')) as next_id from ai
)
select e.app_id || '/' || e.step_id as resource_id,
       min(e.app_name) || ': ' || coalesce(nullif(min(e.name), ''), e.step_id) as name,
       'its output goes straight into ' || string_agg(distinct
         case n.category when 'command' then 'a command' when 'filesystem' then 'a file step' else 'a pasted query' end
         || ' (' || coalesce(nullif(n.name, ''), n.step_id) || ')', ', ') as detail
from edges e
join app_steps n on n.app_id = e.app_id and n.step_id = e.next_id
where n.is_enabled is distinct from false
  and (n.category in ('command', 'filesystem')
       or (n.category = 'sql' and n.has_expression_in_query = true and coalesce(n.uses_bound_parameters, false) = false))
group by e.app_id, e.step_id
