select credential_id as resource_id, name, 'its secret stands in clear in the metadata' as detail
from credentials
where kind = 'stored_secret' and storage = 'plaintext'
