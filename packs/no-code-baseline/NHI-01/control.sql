with owned as (
  select principal_id as resource_id, coalesce(display_name, login, principal_id) as name,
         'service account' as what, owner_principal_id as owner_id, true as is_account
  from principals
  where kind in ('service', 'application') and is_enabled is distinct from false and owner_principal_id is not null
  union all
  select credential_id as resource_id, coalesce(name, credential_id) as name,
         replace(kind, '_', ' ') as what, owner_principal_id as owner_id, false as is_account
  from credentials
  where kind is distinct from 'session_token' and is_enabled is distinct from false and owner_principal_id is not null
    and (expires_at is null or expires_at > $as_of)
)
select owned.resource_id, owned.name,
       owned.what || ': the owner ' || coalesce(person.display_name, person.login, owned.owner_id)
       || case when person.principal_id is null then ' is no account on the platform any more'
               when person.employment_ended_at <= $as_of
               then ' left the organisation on ' || strftime(person.employment_ended_at, '%Y-%m-%d')
               when person.is_enabled = false then ' is disabled'
               else ' is not a person' end as detail
from owned
left join principals person on person.principal_id = owned.owner_id
where person.principal_id is null
   or person.employment_ended_at <= $as_of
   or person.is_enabled = false
   or (owned.is_account and person.kind in ('service', 'application', 'system', 'anonymous'))
