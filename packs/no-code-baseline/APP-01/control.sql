select a.app_id as resource_id, coalesce(a.name, a.app_id) as name,
       'the owner ' || coalesce(p.display_name, p.login, a.owner_principal_id)
       || case when p.principal_id is null then ' is no account on the platform any more'
               when p.employment_ended_at <= $as_of
               then ' left the organisation on ' || strftime(p.employment_ended_at, '%Y-%m-%d')
               else ' is disabled' end
       || case when a.co_owner_count > 0 then '; it has ' || a.co_owner_count || ' further owners' else '' end
       || case when a.last_run_at is null then '' else '; last run ' || strftime(a.last_run_at, '%Y-%m-%d') end as detail
from apps a
left join principals p on p.principal_id = a.owner_principal_id
where a.is_active is distinct from false and a.owner_principal_id is not null
  and (p.principal_id is null or p.employment_ended_at <= $as_of or p.is_enabled = false)
