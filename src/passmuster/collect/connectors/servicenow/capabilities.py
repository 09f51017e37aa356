"""What the roles that ship with ServiceNow may do, in the words that are the same on every platform.

Source: ServiceNow's documentation, "System roles" (base-system-roles) and the pages of the applications named; roles a
house made itself have what their access rules give them.
"""

from __future__ import annotations

_ADMIN = (
    "read_all write_all manage_users manage_roles author_code deploy impersonate export_bulk api_access install_addons "
    "manage_logs manage_settings manage_connections create_app publish_site"
)
# A role to what it may do; `+` marks those that can make themselves administrator.
_DECLARED = f"""
admin+ {_ADMIN}
maint+ {_ADMIN}
security_admin+ manage_roles manage_settings
import_scheduler+ author_code
background_script_admin+ author_code
user_admin manage_users
role_delegator manage_roles
impersonator impersonate
import_admin author_code
import_transformer author_code
personalize author_code
personalize_rules author_code
business_rule_admin author_code
client_script_admin author_code
ui_action_admin author_code
ui_policy_admin author_code
script_include_admin author_code
script_fix_admin author_code
delegated_developer author_code create_app
workflow_admin author_code create_app
workflow_creator create_app
flow_designer create_app
action_designer create_app
web_service_admin author_code manage_connections api_access
oauth_admin manage_connections
connection_admin manage_connections
credential_admin manage_connections
api_service_admin manage_connections
agent_admin author_code manage_connections
mid_server api_access
rest_service api_access
soap api_access
soap_query api_access
snc_platform_rest_api_access api_access
itil_admin delete
report_publisher share
sp_admin create_app
catalog_admin create_app
sn_appclient.app_client_user install_addons
sn_appclient.app_client_company_installer install_addons
sn_g_app_creator.app_creator create_app
"""
_RANKS = (
    (80, frozenset({"manage_users", "manage_roles", "impersonate"})),
    (70, frozenset({"author_code", "install_addons", "read_all", "write_all"})),
    (60, frozenset({"manage_connections", "publish_site", "deploy"})),
    (40, frozenset({"create_app", "api_access", "delete"})),
)


def _read() -> tuple[dict[str, tuple[str, ...]], frozenset[str]]:
    lines = [line.split() for line in _DECLARED.strip().splitlines()]
    capabilities = {name.removesuffix("+"): tuple(sorted(set(words))) for name, *words in lines}
    return capabilities, frozenset(name.removesuffix("+") for name, *_ in lines if name.endswith("+"))


CAPABILITIES, ADMINISTRATORS = _read()


def rank_of(role: str) -> int | None:
    """How much a role that ships may do, from 0 to 100; None for a role whose rights only its access rules tell."""
    if role in ADMINISTRATORS:
        return 100 if role in ("admin", "maint") else 95
    found = frozenset(CAPABILITIES.get(role, ()))
    return next((rank for rank, words in _RANKS if words & found), None)
