with steps as (
  select s.connector_id, count(distinct s.app_id) as apps, min(coalesce(a.name, s.app_id)) as example
  from app_steps s left join apps a on a.app_id = s.app_id
  where s.connector_id is not null and s.is_enabled is not false group by s.connector_id
), links as (
  select connector_id, count(*) as links from connections where connector_id is not null group by connector_id
)
select c.connector_id as resource_id, coalesce(c.name, c.connector_id) as name,
       'retired on ' || strftime(c.retired_at, '%Y-%m-%d')
         || coalesce('; steps in ' || cast(s.apps as varchar) || ' app(s), such as ' || s.example, '')
         || coalesce('; ' || cast(l.links as varchar) || ' connection(s)', '') as detail
from connectors c
left join steps s using (connector_id)
left join links l on l.connector_id = c.connector_id
where c.retired_at <= $as_of and (s.apps is not null or l.links is not null)
