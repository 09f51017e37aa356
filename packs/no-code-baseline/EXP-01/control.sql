select e.endpoint_id as resource_id, coalesce(e.url, e.endpoint_id) as name,
       case when l.item is null then 'new: not on the list'
            when l.state = 'refused' then 'refused'
            else 'approval expired on ' || strftime(l.expires_at, '%Y-%m-%d') end
       || '; public ' || replace(coalesce(e.kind, 'endpoint'), '_', ' ')
       || case when e.auth_mode is null then '' when e.auth_mode = 'none' then ' without authentication'
               else ' with authentication (' || e.auth_mode || ')' end
       || coalesce(' of app ' || coalesce(a.name, e.app_id), '') as detail
from endpoints e
left join apps a on a.app_id = e.app_id
left join allow_lists l on l.list_id = 'endpoints' and l.item = e.endpoint_id
where e.is_public = true and (e.expires_at is null or e.expires_at > $as_of)
  and (l.item is null or l.state = 'refused' or (l.state = 'approved' and l.expires_at <= $as_of))
