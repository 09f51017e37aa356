select key_id as resource_id, key_id as name,
       replace(kind, '_', ' ') || case when purpose is null then '' else ' for ' || replace(purpose, '_', ' ') end
       || ' last changed on ' || strftime(coalesce(rotated_at, created_at), '%Y-%m-%d') || ', '
       || date_diff('day', coalesce(rotated_at, created_at), $as_of) || ' days ago; the limit is ' || $key_rotation_days
       || case when custody = 'vendor' then '; the vendor holds it' else '' end as detail
from keys
where kind in ('symmetric', 'asymmetric', 'instance_secret')
  and coalesce(rotated_at, created_at) < $as_of - to_days(cast($key_rotation_days as integer))
