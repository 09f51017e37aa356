select data_store_id as resource_id, coalesce(name, data_store_id) as name,
       'everyone signed in may ' || case default_access when 'read' then 'read' else 'read and change' end
         || ' every record by default'
         || coalesce('; classified as ' || classification, '')
         || case when contains_personal_data then '; holds personal data' else '' end as detail
from data_stores
where default_access in ('read', 'read_write')
  and (classification in ('confidential', 'restricted') or contains_personal_data)
