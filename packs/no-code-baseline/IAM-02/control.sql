with facts as (
    select key, trim(value_text) as words,
        coalesce(value_bool, case lower(trim(value_text)) when 'true' then true when 'false' then false end) as is_on
    from settings
    where key in (
        'security.singleSignOnSettings.enableSamlLogin', 'sys_properties.glide.authenticate.multisso.enabled',
        'env.AUTH_PROVIDERS', 'security.singleSignOnSettings.isLoginWithSalesforceCredentialsDisabled',
        'sys_properties.glide.authentication.external.disable_local_login', 'env.AUTH_DISABLE_DEFAULT'
    )
),
doors as (
    select
        bool_or(
            (key in ('security.singleSignOnSettings.enableSamlLogin', 'sys_properties.glide.authenticate.multisso.enabled')
                and is_on)
            or (key = 'env.AUTH_PROVIDERS' and words <> '')) as is_federated,
        max(key) filter (
            where is_on is false and key in (
                'security.singleSignOnSettings.isLoginWithSalesforceCredentialsDisabled',
                'sys_properties.glide.authentication.external.disable_local_login', 'env.AUTH_DISABLE_DEFAULT')) as open_by
    from facts
)
select
    p.platform_id as resource_id,
    p.name,
    'single sign-on is on and passwords are still accepted: ' || d.open_by || ' is false' as detail
from platforms p cross join doors d
where d.is_federated and d.open_by is not null
