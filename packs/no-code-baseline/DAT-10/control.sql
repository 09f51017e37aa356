select s.data_store_id as resource_id, coalesce(s.name, s.data_store_id) as name,
       'personal data in ' || coalesce(e.name, e.environment_id) || ', an environment of kind ' || e.kind
         || coalesce('; ' || cast(s.record_count as varchar) || ' records', '') as detail
from data_stores s join environments e using (environment_id)
where e.kind in ('developer', 'sandbox', 'test', 'trial')
  and s.contains_personal_data and s.record_count is distinct from 0
