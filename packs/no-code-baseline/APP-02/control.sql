select a.app_id as resource_id, coalesce(a.name, a.app_id) as name,
       case when a.co_owner_count = 0 and trim(a.business_contact) = '' then 'one owner only, and no business contact'
            when a.co_owner_count = 0 then 'one owner only'
            else 'no business contact' end
       || coalesce(', owner ' || coalesce(p.display_name, p.login, a.owner_principal_id), '') as detail
from apps a
left join principals p on p.principal_id = a.owner_principal_id
where a.is_active is distinct from false and a.criticality = 'critical'
  and (a.co_owner_count = 0 or trim(a.business_contact) = '')
