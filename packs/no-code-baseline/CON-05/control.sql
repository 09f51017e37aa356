with listed as (
  select list_id, lower(trim(item)) as item,
         max(case when state = 'approved' and expires_at <= $as_of then 'expired' else state end) as state
  from allow_lists where list_id in ('hosts', 'connectors') group by list_id, lower(trim(item))
), judged as (
  select c.connector_id, c.name, c.host, c.publisher,
         case when h.state = 'refused' or own.state = 'refused' then 'refused'
              when h.state = 'approved' or own.state = 'approved' then 'approved'
              when h.state = 'pending' or own.state = 'pending' then 'pending'
              when h.state = 'expired' or own.state = 'expired' then 'approval expired'
              when c.host is not null then 'new: neither its host nor the connector is on the list' end as verdict
  from connectors c
  left join listed h on h.list_id = 'hosts' and h.item = lower(trim(c.host))
  left join listed own on own.list_id = 'connectors' and own.item = lower(c.connector_id)
  where c.kind = 'custom'
)
select connector_id as resource_id, coalesce(name, connector_id) as name,
       verdict || coalesce('; reaches ' || host, '') || coalesce('; made by ' || publisher, '') as detail
from judged
where verdict not in ('approved', 'pending')
