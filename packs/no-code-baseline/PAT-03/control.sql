with pending as (
  select update_id || coalesce('/' || component_id, '') || coalesce('/' || environment_id, '') as resource_id,
         coalesce(component_id || ': ', '') || update_id as name,
         case when owner is null then 'has no owner; ' else '' end
           || case when who_patches = 'vendor' then ''
                   when window_start_at is null then 'has no window; '
                   when coalesce(window_end_at, window_start_at) < $as_of
                     then 'its window of ' || strftime(window_start_at, '%Y-%m-%d') || ' has passed; '
                   else '' end
           || case when who_patches = 'vendor' then ''
                   when decision is null or decision = 'pending' then 'is not decided; '
                   else '' end as lacks
  from updates
  where (decision is null or decision not in ('rejected', 'exception'))
    and (coalesce(rolled_back_at >= applied_at, rolled_back_at is not null)
         or not coalesce(applied_at <= $as_of, decision = 'applied', false))
    and not coalesce(who_patches = 'vendor' and vendor_fixed_at <= $as_of, false)
    and not coalesce(who_patches is null and vendor_fixed_at <= $as_of, false)
)
select resource_id, name, replace(lacks || '.', '; .', '') as detail
from pending
where lacks <> ''
