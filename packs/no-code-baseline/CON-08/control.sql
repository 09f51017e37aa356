with listed as (
  select lower(trim(item)) as item,
         max(case when state = 'approved' and expires_at <= $as_of then 'expired' else state end) as state
  from allow_lists where list_id = 'tenants' group by lower(trim(item))
)
select r.ref_id as resource_id,
       case when length(trim(r.ref_id)) = 1 then 'all tenants' else r.ref_id end as name,
       case when length(trim(r.ref_id)) = 1 then 'every tenant is excepted, so nothing is isolated'
            when l.item is null then 'new: not on the list'
            when l.state = 'refused' then 'refused, and still excepted'
            else 'approval expired' end
         || coalesce('; direction ' || r.direction, '') as detail,
       case when length(trim(r.ref_id)) = 1 then 'high' else 'medium' end as severity
from data_policy_rules r
join data_policies p on p.policy_id = r.policy_id and p.kind = 'tenant_isolation'
left join platforms own on lower(own.external_id) = lower(r.ref_id)
left join listed l on l.item = lower(trim(r.ref_id))
where r.rule_kind = 'tenant' and own.external_id is null
  and (length(trim(r.ref_id)) = 1 or l.item is null or l.state in ('refused', 'expired'))
