with administrators as (
    select g.principal_id, string_agg(distinct r.name, ', ' order by r.name) as role_names
    from privileged_grants g join roles r on r.role_id = g.role_id
    where g.is_privileged and (g.object_kind is null or g.object_kind in ('platform', 'environment'))
    group by g.principal_id
)
select
    p.principal_id as resource_id,
    coalesce(p.display_name, p.login) as name,
    concat_ws(
        '; ',
        case p.mfa when 'none' then 'no second factor' when 'push' then 'push requests' else 'one-time codes' end,
        'holds ' || a.role_names,
        'account ' || p.login
    ) as detail
from administrators a join principals p on p.principal_id = a.principal_id
where p.kind in ('human', 'guest') and p.is_enabled is not false and p.is_pending is not true
  and (p.expires_at is null or p.expires_at > $as_of)
  and p.mfa in ('none', 'otp', 'push')
