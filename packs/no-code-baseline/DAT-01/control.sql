select data_store_id as resource_id, coalesce(name, data_store_id) as name,
       'classified as public, yet it holds personal data' as detail
from data_stores
where classification = 'public' and contains_personal_data and record_count is distinct from 0
