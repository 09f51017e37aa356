with channel as (
  select max(lower(value_text)) as word from settings where key in ('release.channel', 'n8n.releaseChannel')
), running as (
  select coalesce(e.environment_id, p.platform_id) as resource_id,
         coalesce(e.name, p.name, e.environment_id, p.platform_id) as name,
         c.word, lower(coalesce(e.version, p.version)) as version
  from platforms p left join environments e on true cross join channel c
  where e.kind is null or e.kind not in ('developer', 'sandbox', 'test', 'trial')
)
select resource_id, name,
       case when word in ('beta', 'next', 'rc', 'nightly', 'preview', 'early_access', 'canary', 'alpha')
            then 'runs on the release channel ' || word || coalesce(', version ' || version, '')
            else 'runs version ' || version || ', which is not a release' end as detail
from running
where word in ('beta', 'next', 'rc', 'nightly', 'preview', 'early_access', 'canary', 'alpha')
   or (coalesce(word, '') not in ('stable', 'lts', 'general')
       and regexp_matches(version, '[0-9][-.]?(alpha|beta|preview|rc|nightly|canary|next|dev)'))
