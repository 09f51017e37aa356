with listed as (
  select lower(trim(item)) as item,
         max(case when state = 'approved' and expires_at <= $as_of then 'expired' else state end) as state,
         max(expires_at) as expires_at
  from allow_lists where list_id = 'add_ons' group by lower(trim(item))
)
select a.add_on_id as resource_id,
       coalesce(a.name, a.add_on_id) as name,
       case when l.item is null then 'new: not on the list'
            when l.state = 'refused' then 'refused, and still installed'
            else 'approval expired on ' || strftime(l.expires_at, '%Y-%m-%d') end
         || coalesce('; version ' || a.version, '')
         || coalesce('; publisher ' || a.publisher, '')
         || coalesce('; installed by ' || a.installed_by, '')
         || coalesce('; installed on ' || strftime(a.installed_at, '%Y-%m-%d'), '') as detail
from add_ons a
left join listed l on l.item = lower(trim(coalesce(a.name, a.add_on_id)))
where a.is_builtin is not true
  and (l.item is null or l.state in ('refused', 'expired'))
