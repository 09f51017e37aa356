select key_id as resource_id, key_id as name, 'Days until certificates expire: ' || cast(not_after as varchar) as detail
from keys
where kind = 'certificate' and not_after >= $as_of and not_after < $as_of + to_days(180)
