select key_id as resource_id, key_id as name,
       'certificate' || case when purpose is null then '' else ' for ' || purpose end
       || case when not_after <= $as_of
               then ' expired on ' || strftime(not_after, '%Y-%m-%d')
               else ' ends on ' || strftime(not_after, '%Y-%m-%d') || ', in ' || date_diff('day', $as_of, not_after) || ' days'
          end as detail,
       case when not_after <= $as_of then 'high' else 'medium' end as severity
from keys
where kind = 'certificate' and not_after <= $as_of + to_days(cast($certificate_warning_days as integer))
