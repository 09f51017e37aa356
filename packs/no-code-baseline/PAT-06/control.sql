with overdue as (
  select update_id || coalesce('/' || component_id, '') || coalesce('/' || environment_id, '') as resource_id,
         update_id, component_id, owner,
         coalesce(due_at, case when kev or severity = 'critical' then coalesce(published_at, disclosed_at) + to_days(cast(
           case when kev then $exploited_patch_days else $critical_patch_days end as integer)) end) as deadline_at
  from updates
  where (coalesce(rolled_back_at >= applied_at, rolled_back_at is not null)
         or not coalesce(applied_at <= $as_of, decision = 'applied', false))
    and not coalesce(who_patches = 'vendor' and vendor_fixed_at <= $as_of, false)
    and not coalesce(who_patches is null and vendor_fixed_at <= $as_of, false)
),
exceptions as (
  select scope_id,
         max(case when trim(made_by) <> '' and trim(statement) <> '' and valid_until > $as_of then 1 else 0 end) as is_whole,
         max(case when trim(made_by) <> '' then 1 else 0 end) as is_approved,
         max(case when trim(statement) <> '' then 1 else 0 end) as is_compensated,
         max(valid_until) as ends_at
  from attestations
  where kind = 'exception' and control_id in ('PAT-06', 'PAT-02') and scope_id is not null
    and (made_at is null or made_at <= $as_of) and result is distinct from 'not_met'
  group by scope_id
),
held as (
  select o.resource_id, x.is_whole, x.is_approved, x.is_compensated, x.ends_at
  from overdue o join exceptions x on x.scope_id = o.resource_id
  union all
  select o.resource_id, x.is_whole, x.is_approved, x.is_compensated, x.ends_at
  from overdue o join exceptions x on x.scope_id = o.update_id and x.scope_id <> o.resource_id
),
best as (
  select resource_id, max(is_whole) as is_whole, max(is_approved) as is_approved, max(is_compensated) as is_compensated,
         max(ends_at) as ends_at
  from held group by resource_id
)
select o.resource_id,
       coalesce(o.component_id || ': ', '') || o.update_id as name,
       'overdue since ' || strftime(o.deadline_at, '%Y-%m-%d') || ', '
         || case
              when b.resource_id is null then 'no exception'
              when b.ends_at is null then 'its exception has no end date'
              when b.ends_at <= $as_of then 'its exception ended on ' || strftime(b.ends_at, '%Y-%m-%d')
              when b.is_approved = 0 then 'nobody has approved its exception'
              when b.is_compensated = 0 then 'its exception names no compensating control'
              else 'no single exception has approval, compensating control and end date'
            end
         || coalesce(', owner ' || o.owner, '') as detail
from overdue o
left join best b on b.resource_id = o.resource_id
where o.deadline_at < $as_of and coalesce(b.is_whole, 0) = 0
