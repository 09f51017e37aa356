select f.flow_id as resource_id,
       coalesce(a.name, f.app_id, f.flow_id) as name,
       'from ' || coalesce(source.name, f.from_id, 'an internal source')
         || ' to ' || coalesce(f.to_host, c.target_host, f.to_id, 'an outside host')
         || case c.identity_kind when 'personal' then ', with a private account' else ', without an account' end
         || coalesce(', connection of ' || coalesce(p.display_name, p.login, c.owner_principal_id), '') as detail
from data_flows f
join connections c on c.connection_id = f.to_id
left join apps a on a.app_id = f.app_id
left join principals p on p.principal_id = c.owner_principal_id
left join data_stores source on f.from_kind = 'data_store' and source.data_store_id = f.from_id
where f.to_kind = 'connection' and f.boundary = 'external' and c.identity_kind in ('personal', 'none')
  and f.max_classification is distinct from 'public' and source.classification is distinct from 'public'
