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
everywhere as (select distinct principal_id from held where environment_id is null),
somewhere as (
    select h.environment_id, count(*) as authors
    from held h left join everywhere w on w.principal_id = h.principal_id
    where h.environment_id is not null and w.principal_id is null
    group by h.environment_id
),
counts as (
    select e.environment_id, e.name, e.kind, w.authors as authors_everywhere,
        w.authors + coalesce(s.authors, 0) as authors
    from environments e
    cross join (select count(*) as authors from everywhere) w
    left join somewhere s on s.environment_id = e.environment_id
)
select
    environment_id as resource_id,
    name,
    concat_ws(
        '; ',
        cast(authors as varchar) || ' people may write server-side code here; the house limit is '
            || cast($max_code_authors as varchar),
        cast(authors_everywhere as varchar) || ' of them by a right over the whole platform'
    ) as detail
from counts
where kind in ('production', 'default', 'other') and authors > $max_code_authors
