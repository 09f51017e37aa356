with required as (select unnest(from_json($required_event_classes, '["VARCHAR"]')) as event_class),
sources as (
  select e.environment_id, l.is_enabled, l.event_classes from environments e
  join log_sources l on l.environment_id = e.environment_id
  union all
  select e.environment_id, l.is_enabled, l.event_classes from environments e
  cross join log_sources l where l.environment_id is null
),
seen as (
  select e.environment_id, r.event_class,
         max(case when s.environment_id is null or s.is_enabled = false then 0
                  when s.event_classes is null then 1
                  when contains(s.event_classes, '"' || r.event_class || '"') then 1
                  else 0 end) as may_be_in
  from environments e cross join required r
  left join sources s on s.environment_id = e.environment_id
  group by e.environment_id, r.event_class
),
missing as (
  select environment_id, string_agg(event_class, ', ' order by event_class) as classes
  from seen where may_be_in = 0 group by environment_id
)
select m.environment_id as resource_id, e.name, 'no log collects: ' || m.classes as detail
from missing m join environments e on e.environment_id = m.environment_id
