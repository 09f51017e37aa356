with authoring as (
    select distinct p.role_id
    from role_permissions p
    left join role_permissions d on d.role_id = p.role_id and d.capability = 'author_code' and d.effect = 'deny'
    where p.capability = 'author_code' and p.effect is distinct from 'deny' and d.role_id is null
),
held as (
    select distinct g.principal_id,
        coalesce(case when g.object_kind = 'environment' then g.object_id end, g.environment_id) as environment_id
    from effective_grants g
    join authoring a on a.role_id = g.role_id
    join principals p on p.principal_id = g.principal_id
    where p.kind in ('human', 'guest') and p.is_enabled is not false and p.is_pending is not true
      and (p.expires_at is null or p.expires_at > $as_of)
),
counts as (
    select e.environment_id, count(distinct h.principal_id) as authors,
        count(distinct h.principal_id) filter (where h.environment_id is null) as authors_everywhere
    from environments e join held h on h.environment_id is null or h.environment_id = e.environment_id
    group by e.environment_id
)
select
    e.environment_id as resource_id,
    e.name,
    concat_ws(
        '; ',
        cast(c.authors as varchar) || ' people may write server-side code here; the house limit is '
            || cast($max_code_authors as varchar),
        cast(c.authors_everywhere as varchar) || ' of them by a right over the whole platform'
    ) as detail
from environments e join counts c on c.environment_id = e.environment_id
where e.kind in ('production', 'default', 'other') and c.authors > $max_code_authors
