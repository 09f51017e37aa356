select add_on_id as resource_id,
       coalesce(name, add_on_id) as name,
       'the publisher is not verified'
         || coalesce(' (' || publisher || ')', '')
         || coalesce('; version ' || version, '')
         || coalesce('; installed by ' || installed_by, '')
         || coalesce('; installed on ' || strftime(installed_at, '%Y-%m-%d'), '')
         || case when is_enabled = false then '; switched off' else '' end as detail
from add_ons
where is_builtin is not true
  and publisher_verified = false
