select key as resource_id, key as name, 'is false; impersonation opens what only the person should read' as detail
from settings
where starts_with(key, 'sys_properties.') and ends_with(lower(key), '.impersonatecheck')
  and (value_bool is false or lower(trim(value_text)) = 'false')
