select n.connection_id as resource_id, coalesce(n.connector_id, n.connection_id) as name,
       'uses the personal account of ' || coalesce(o.display_name, o.login, n.owner_principal_id, 'its maker')
       || case when a.is_active then ' in the active app ' || coalesce(a.name, a.app_id) else '' end
       || case when n.shared_with_count > 0 then ', shared with ' || n.shared_with_count || ' others' else '' end as detail
from connections n
left join principals o on o.principal_id = n.owner_principal_id
left join apps a on a.app_id = n.app_id
where n.identity_kind = 'personal'
  and coalesce(o.kind, '') not in ('service', 'application')
  and (n.shared_with_count > 0 or a.is_active)
