with administrators as (
    select g.principal_id, bool_or(g.is_privileged) as is_certain,
        bool_and(coalesce(g.is_eligible_only, false)) as is_eligible
    from privileged_grants g
    where g.object_kind is null or g.object_kind = 'platform'
    group by g.principal_id
),
people as (
    select a.is_certain is true and p.kind is not null as is_certain, a.is_eligible,
        p.employment_ended_at is null or p.employment_ended_at > $as_of as stays,
        coalesce(p.login, p.display_name, a.principal_id) as who
    from administrators a left join principals p on p.principal_id = a.principal_id
    where (p.kind is null or p.kind in ('human', 'guest'))
      and p.is_enabled is not false and p.is_pending is not true
      and (p.expires_at is null or p.expires_at > $as_of)
),
numbered as (
    select is_certain, is_eligible, stays, who, row_number() over (partition by is_certain order by who) as place
    from people
),
counts as (
    select
        count(*) filter (where is_certain) as fewest,
        count(*) filter (where stays) as most_staying,
        count(*) filter (where is_certain and is_eligible) as eligible,
        string_agg(who || case when stays then '' else ' (has left)' end, ', ' order by who)
            filter (where is_certain and place <= 25) as names
    from numbered
)
select
    p.platform_id as resource_id,
    p.name,
    concat_ws(
        '; ',
        case
            when c.fewest > $max_administrators
                then cast(c.fewest as varchar) || ' people can administer the platform; the house limit is '
                    || cast($max_administrators as varchar)
            when c.most_staying = 0 then 'no person of the house can be seen to administer the platform; at least '
                    || cast($min_administrators as varchar) || ' are wanted'
            else cast(c.most_staying as varchar) || case when c.most_staying = 1 then ' person' else ' people' end
                || ' of the house can administer the platform; at least ' || cast($min_administrators as varchar)
                || ' are wanted'
        end,
        case when c.eligible > 0 then cast(c.eligible as varchar) || ' of them after activation' end,
        'they are ' || c.names || case when c.fewest > 25 then ', ...' else '' end
    ) as detail
from platforms p cross join counts c
where c.fewest > $max_administrators or c.most_staying < $min_administrators
