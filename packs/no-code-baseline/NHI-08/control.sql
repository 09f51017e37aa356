with held as (
  select credential_id, name, unnest(from_json(scopes, '["VARCHAR"]')) as scope
  from credentials
  where kind = 'oauth_client' and is_enabled is distinct from false and scopes is not null
),
stated as (
  select distinct h.credential_id from held h
  join allow_lists l on l.list_id = 'credentials' and starts_with(l.item, h.credential_id || '/')
),
judged as (
  select h.credential_id, h.name, h.scope,
         case when l.item is null then 'not on the list' when l.state = 'refused' then 'refused'
              when l.state = 'approved' and l.expires_at <= $as_of then 'approval expired' end as complaint
  from held h
  join stated s on s.credential_id = h.credential_id
  left join allow_lists l on l.list_id = 'credentials' and l.item = h.credential_id || '/' || h.scope
)
select credential_id as resource_id, coalesce(min(name), credential_id) as name,
       'scopes beyond the list: ' || string_agg(scope || ' (' || complaint || ')', ', ' order by scope) as detail
from judged
where complaint is not null
group by credential_id
