select key_id as resource_id, key_id as name, 'Key size of certificates: ' || cast(size_bits as varchar) as detail
from keys
where kind = 'certificate' and size_bits < 4096
