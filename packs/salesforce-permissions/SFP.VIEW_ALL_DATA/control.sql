select r.role_id as resource_id, any_value(r.name) as name,
       case any_value(r.kind) when 'profile' then 'the profile' else 'the permission set' end || ' holds '
         || string_agg(distinct p.permission, ', ' order by p.permission) as detail
from roles r join role_permissions p on p.role_id = r.role_id
where r.kind in ('profile', 'permission_set') and r.is_builtin is not true
  and p.effect = 'allow' and p.permission in ('ViewAllData', 'QueryAllFiles')
group by r.role_id
