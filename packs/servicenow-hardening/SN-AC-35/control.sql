select key as resource_id, key as name, 'is false; rules of other applications open its records' as detail
from settings
where starts_with(key, 'sys_properties.glide.enforce_security_scope.')
  and (value_bool is false or lower(trim(value_text)) = 'false')
