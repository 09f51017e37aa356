with given as (
  select g.object_id as connection_id, count(distinct g.subject_id) as subjects,
         max(case when s.kind = 'everyone' then 1 else 0 end) as to_everyone,
         min(case when s.kind = 'everyone' then coalesce(s.name, s.group_id) end) as everyone_name
  from grants g left join groups s on g.subject_kind = 'group' and s.group_id = g.subject_id
  where g.object_kind = 'connection'
  group by g.object_id
)
select n.connection_id as resource_id, coalesce(n.connector_id, n.connection_id) as name,
       case when v.to_everyone = 1 then 'shared with everyone (' || v.everyone_name || ')'
            else 'shared with ' || greatest(n.shared_with_count, v.subjects) || ' others; the limit is '
                 || $max_connection_users end
       || case when n.owner_principal_id is null then '' else ', owner ' || n.owner_principal_id end as detail
from connections n left join given v on v.connection_id = n.connection_id
where v.to_everyone = 1 or greatest(n.shared_with_count, v.subjects) > $max_connection_users
