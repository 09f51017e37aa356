select update_id || coalesce('/' || component_id, '') || coalesce('/' || environment_id, '') as resource_id,
       coalesce(component_id || ': ', '') || update_id as name,
       case
         when enforced_at > $as_of then 'will be enforced on ' || strftime(enforced_at, '%Y-%m-%d') || ' and is not tested yet'
         when staged_ok_at is null then 'was enforced on ' || strftime(enforced_at, '%Y-%m-%d') || ' without a successful test'
         else 'was enforced on ' || strftime(enforced_at, '%Y-%m-%d') || ', tested only on ' || strftime(staged_ok_at, '%Y-%m-%d')
       end || coalesce(', owner ' || owner, '') as detail,
       case when enforced_at > $as_of then 'medium' else 'high' end as severity
from updates
where enforced_at > $as_of - to_days(cast($change_lookback_days as integer))
  and enforced_at <= $as_of + to_days(cast($vendor_change_test_days as integer))
  and (decision is null or decision <> 'rejected')
  and not coalesce(least(staged_ok_at, case when verified_by = 'behaviour_test' then verified_at end) <= enforced_at, false)
  and not coalesce(applied_at <= enforced_at and staged_ok_at is null, false)
