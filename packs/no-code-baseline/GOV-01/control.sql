with mine as (
  select p.platform_id, p.name, r.review_id, r.due_on,
         case when r.closed_on <= cast($as_of as date) then r.closed_on end as closed_on
  from platforms p join reviews r on r.platform_id is null or r.platform_id = p.platform_id
),
rhythm as (
  select platform_id,
         max(closed_on) as last_closed_on,
         max(case when closed_on is null then 1 else 0 end) as has_open
  from mine group by platform_id
)
select review_id as resource_id,
       name,
       'review was due on ' || strftime(due_on, '%Y-%m-%d') || ', '
         || date_diff('day', due_on, cast($as_of as date)) || ' day(s) ago, and is not closed' as detail
from mine
where closed_on is null and due_on < cast($as_of as date)
union all
select p.platform_id,
       p.name,
       case when h.platform_id is null then 'no posture review is planned or on record'
            else 'the last review was closed on ' || strftime(h.last_closed_on, '%Y-%m-%d')
              || ', more than ' || $review_interval_days || ' days ago, and no next one is planned' end
from platforms p
left join rhythm h on h.platform_id = p.platform_id
where h.platform_id is null
   or (h.has_open = 0 and cast(h.last_closed_on as timestamp) < $as_of - to_days(cast($review_interval_days as integer)))
