select key_id as resource_id, key_id as name, 'Number of expired certificates: ' || cast(not_after as varchar) as detail
from keys
where kind = 'certificate' and not_after < $as_of
