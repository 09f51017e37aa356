with open_ones as (
  select update_id || coalesce('/' || component_id, '') || coalesce('/' || environment_id, '') as resource_id,
         update_id, component_id, target_version, owner, kev, severity, clock_started_at, who_patches, rolled_back_at,
         coalesce(due_at, coalesce(published_at, disclosed_at) + to_days(cast(
           case when kev then $exploited_patch_days else $critical_patch_days end as integer))) as deadline_at,
         due_at is null as is_house_limit
  from updates
  where (kev or severity = 'critical' or due_at <= clock_started_at + to_days(cast($critical_patch_days as integer)))
    and (coalesce(rolled_back_at >= applied_at, rolled_back_at is not null)
         or not coalesce(applied_at <= $as_of, decision = 'applied', false))
    and not coalesce(who_patches = 'vendor' and vendor_fixed_at <= $as_of, false)
    and not coalesce(who_patches is null and vendor_fixed_at <= $as_of, false)
)
select resource_id,
       coalesce(component_id || ': ', '') || update_id as name,
       case when kev then 'known to be exploited, '
            when severity = 'critical' then 'critical, '
            else coalesce(severity || ', ', '') || 'due within ' || date_diff('day', clock_started_at, deadline_at)
              || ' day(s) by policy, ' end
         || 'was due on ' || strftime(deadline_at, '%Y-%m-%d') || case when is_house_limit then ' by the house limit' else '' end
         || ', ' || date_diff('day', deadline_at, $as_of) || ' day(s) ago'
         || case when rolled_back_at is not null then ', was rolled back' else '' end
         || coalesce(', fixed in ' || target_version, '')
         || coalesce(', patched by the ' || who_patches, ', who patches is not recorded')
         || coalesce(', owner ' || owner, '') as detail
from open_ones
where deadline_at < $as_of
