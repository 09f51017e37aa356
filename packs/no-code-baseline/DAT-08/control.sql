select data_store_id as resource_id, coalesce(name, data_store_id) as name,
       'not encrypted at rest' || coalesce('; classified as ' || classification, '') as detail
from data_stores
where encrypted_at_rest = false
