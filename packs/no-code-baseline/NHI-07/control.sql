with clients as (
  select credential_id, lower(name) as client_name, app_id, coalesce(name, credential_id) as name, scopes from credentials
  where kind = 'oauth_client' and is_enabled is distinct from false
),
stray as (
  select g.credential_id, g.owner_principal_id, coalesce(g.name, g.app_id, g.credential_id) as name,
         min(g.credential_id) over (partition by lower(coalesce(g.name, g.app_id, g.credential_id))) as first_id
  from credentials g
  where g.kind = 'oauth_grant' and g.is_enabled is distinct from false
    and (g.name is null or lower(g.name) not in (select client_name from clients where client_name is not null))
    and (g.app_id is null or g.app_id not in (select app_id from clients where app_id is not null))
),
asked as (
  select credential_id as resource_id, credential_id as item, name, scopes, cast(null as varchar) as holder, false as is_stray
  from clients
  union all
  select first_id as resource_id, credential_id as item, name, null as scopes, owner_principal_id as holder, true as is_stray
  from stray
),
judged as (
  select q.resource_id, min(q.name) as name, bool_or(q.is_stray) as is_stray, count(distinct q.holder) as holders,
         any_value(q.scopes) as scopes,
         max(case when l.state = 'approved' and (l.expires_at is null or l.expires_at > $as_of) then 1 else 0 end) as approved,
         max(case when l.state = 'approved' and l.expires_at <= $as_of then 1 else 0 end) as expired,
         max(case when l.state = 'refused' then 1 else 0 end) as refused,
         max(case when l.state = 'pending' then 1 else 0 end) as pending
  from asked q
  left join allow_lists l on l.list_id = 'credentials' and l.item = q.item
  group by q.resource_id
)
select resource_id, name,
       case when refused = 1 then 'refused' when expired = 1 then 'approval expired' else 'new: not on the list' end
       || case when is_stray then '; used without being installed, by ' || greatest(holders, 1) || ' people' else '' end
       || case when scopes is null then '' else '; scopes ' || scopes end as detail
from judged
where approved = 0 and (refused = 1 or expired = 1 or pending = 0)
