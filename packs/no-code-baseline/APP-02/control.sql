select app_id as resource_id, coalesce(name, app_id) as name,
       case when co_owner_count = 0 and trim(business_contact) = '' then 'one owner only, and no business contact'
            when co_owner_count = 0 then 'one owner only'
            else 'no business contact' end
       || case when owner_principal_id is null then '' else ', owner ' || owner_principal_id end as detail
from apps
where is_active is distinct from false and criticality = 'critical'
  and (co_owner_count = 0 or trim(business_contact) = '')
