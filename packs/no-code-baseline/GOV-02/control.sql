with lacking as (
  select finding_id, severity, title,
         case when trim(coalesce(owner, '')) = '' then 'has no owner; ' else '' end
           || case when due_on is null then 'has no due date; '
                   when due_on < cast($as_of as date)
                     then 'was due on ' || strftime(due_on, '%Y-%m-%d') || ', '
                       || date_diff('day', due_on, cast($as_of as date)) || ' day(s) ago; '
                   else '' end as lacks
  from findings
  where status in ('open', 'in_progress') and control_id is distinct from 'GOV-02'
)
select finding_id as resource_id,
       coalesce(nullif(trim(title), ''), coalesce(severity || ' ', '') || 'finding') as name,
       replace(lacks || '.', '; .', '') as detail
from lacking
where lacks <> ''
