with judged as (
  select platform_id,
         case when status = 'refused' then false when status <> 'received' then null
              else covered_from_on <= cast($as_of as date) and covered_until_on >= cast($as_of as date)
                and covers_platform and exceptions_open = 0 and user_controls_open = 0 and read_on <= cast($as_of as date)
         end as is_good
  from assurance_documents where is_independent
),
found as (
  select platform_id, bool_or(is_good) as some_good, count(*) - count(is_good) as unclear from judged group by platform_id
)
select p.platform_id as resource_id,
       p.name,
       d.document_id || case
         when d.status = 'refused' then ' was refused by the vendor'
         when d.covered_until_on < cast($as_of as date) then ' ended on ' || strftime(d.covered_until_on, '%Y-%m-%d')
         when d.covered_from_on > cast($as_of as date) then ' begins on ' || strftime(d.covered_from_on, '%Y-%m-%d')
         when d.covers_platform is false then ' leaves out services or regions that are used here'
         when d.exceptions_open > 0 then ' holds ' || d.exceptions_open || ' exception(s) without an answer'
         when d.user_controls_open > 0 then ' leaves ' || d.user_controls_open || ' control(s) to us without an answer'
         else ' was not read yet'
       end as detail
from found f
join platforms p on p.platform_id = f.platform_id
join assurance_documents d on d.platform_id = f.platform_id and d.is_independent
where f.unclear = 0 and not f.some_good
