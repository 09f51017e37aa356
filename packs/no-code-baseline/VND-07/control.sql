with judged as (
  select platform_id,
         case when status = 'refused' then false when status <> 'received' then null
              else dated_on <= cast($as_of as date) and dated_on >= cast($as_of as date) - to_days(cast($assurance_review_days as integer))
         end as is_good
  from assurance_documents where kind = 'incident_exercise'
),
found as (
  select platform_id, bool_or(is_good) as some_good, count(*) - count(is_good) as unclear from judged group by platform_id
)
select p.platform_id as resource_id,
       p.name,
       d.document_id || case
         when d.status = 'refused' then ' was refused by the vendor'
         when d.dated_on > cast($as_of as date) then ' is of ' || strftime(d.dated_on, '%Y-%m-%d') || ', still to come'
         when d.dated_on < cast($as_of as date) - to_days(cast($assurance_review_days as integer))
           then ' is of ' || strftime(d.dated_on, '%Y-%m-%d') || ', more than ' || $assurance_review_days || ' days ago'
       end as detail
from found f
join platforms p on p.platform_id = f.platform_id
join assurance_documents d on d.platform_id = f.platform_id and d.kind = 'incident_exercise'
where f.unclear = 0 and not f.some_good
