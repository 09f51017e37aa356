with reachable as (
  select endpoint_id,
         coalesce(nullif(regexp_extract(lower(url), '^[a-z][a-z0-9+.-]*://[^/]+'), ''), endpoint_id) as origin,
         case when tls_min is null and starts_with(lower(url), 'http://') then 'none' else tls_min end as tls_min
  from endpoints
  where is_public = true and (expires_at is null or expires_at > $as_of)
)
select origin as resource_id, origin as name,
       count(*) || case when count(*) = 1 then ' public endpoint answers ' else ' public endpoints answer ' end
       || case when min(case when tls_min = 'none' then 0 else 1 end) = 0 then 'in clear text'
               else 'with TLS ' || min(tls_min) end
       || ', such as ' || min(endpoint_id) as detail
from reachable
where tls_min in ('none', '1.0', '1.1') and not regexp_matches(origin, '^(http|ws)://(localhost|127\.|\[::1\])')
group by origin
