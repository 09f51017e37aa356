select f.flow_id as resource_id, coalesce(f.app_id, f.flow_id) as name,
       'carries ' || coalesce(f.max_classification, s.classification) || ' data to '
         || coalesce(f.to_host, f.to_id, 'a host') || ' (' || f.boundary || '), and nobody has mapped it' as detail
from data_flows f
left join data_stores s on f.from_kind = 'data_store' and s.data_store_id = f.from_id
where f.derived_by = 'inferred'
  and f.boundary in ('partner', 'external')
  and coalesce(f.max_classification, s.classification) in ('confidential', 'restricted')
