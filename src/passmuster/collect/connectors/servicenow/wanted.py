"""The tables that are read: their fields with the labels lists show, and by which fields one is recognised.

Names of tables and fields are from ServiceNow's documentation of its forms and from public copies of its dictionary;
labels are the English ones. `*` marks a field without which the table says nothing, `!` one that tells it from others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_AUDIT = "sys_created_on=Created; sys_created_by=Created by; sys_updated_on=Updated; sys_updated_by=Updated by"
_DECLARED = """
sys_properties | system properties | name*!=Name; value*!=Value; type=Type; is_private=Private; suffix!=Suffix
sys_user | users | user_name*!=User ID; name=Name; email=Email; active=Active; locked_out=Locked out; source=Source; sso_source=SSO source; web_service_access_only=Web service access only; internal_integration_user=Internal Integration User; identity_type=Identity type; enable_multifactor_authn=Enable Multifactor Authentication; last_login_time=Last login time; last_login=Last login; manager=Manager; sys_class_name=Class; user_password=Password
sys_user_role | roles | name*=Name; elevated_privilege!=Elevated privilege; sys_scope=Application; grantable!=Grantable
sys_user_role_contains | roles within roles | role*!=Role; contains*!=Contains
sys_user_has_role | roles of users | user*!=User; role*!=Role; state=State; inherited!=Inherited; granted_by=Granted by
sys_group_has_role | roles of groups | group*!=Group; role*!=Role; inherits!=Inherits
sys_user_group | groups | name*=Name; active=Active; parent!=Parent; manager!=Manager; source=Source; type=Type; default_assignee!=Default assignee
sys_user_grmember | members of groups | user*!=User; group*!=Group
v_plugin | plugins | id*!=ID; name=Name; active*!=Status; version=Version; provider=Provider
sys_plugins | plugins | source*!=ID; name=Name; active*=Active; version=Version
sys_store_app | store applications | scope*!=Scope; name=Name; version!=Version; latest_version!=Latest version; vendor=Vendor; active=Active; install_date!=Installed; update_available=Update available
sys_app | custom applications | scope*=Scope; name*=Name; active=Active; version=Version; short_description!=Short description; vendor=Vendor; vendor_prefix!=Vendor prefix
sys_security_acl | access rules | name*=Name; operation*!=Operation; type=Type; active=Active; admin_overrides!=Admin overrides; decision_type=Decision Type; condition=Condition; script=Script; advanced=Advanced
sys_security_acl_role | roles of access rules | sys_security_acl*!=Access Control; sys_user_role*!=Role
sys_db_object | tables | name*!=Name; label=Label; super_class!=Extends table; sys_scope=Application
sys_dictionary | audited tables | name*!=Table; element!=Column name; audit*!=Audit; internal_type=Type
sys_auto_flush | retention of tables | tablename*!=Tablename; age*!=Age in seconds; matchfield=Matchfield; active=Active; conditions=Conditions
ecc_agent | MID servers | name*=Name; host_name!=Host name; status!=Status; validated!=Validated; version=Version; user_name=Logged in user; last_refreshed=Last refreshed
oauth_entity | the application registry | name*=Name; client_id!=Client ID; type=Type; active=Active; user=User; default_grant_type!=Default Grant type; redirect_url=Redirect URL; refresh_token_lifespan=Refresh Token Lifespan; access_token_lifespan=Access Token Lifespan
oauth_credential | OAuth tokens | user*=User; peer!=Peer; type=Type; expires!=Expires; oauth_entity_profile=OAuth Entity Profile
api_key | REST API keys | name*=Name; user*=User; active=Active; expires=Expiry; auth_scope!=Auth Scope
sys_auth_profile_basic | basic authentication profiles | name*=Name; username*!=Username
discovery_credentials | stored credentials | name*=Name; type=Type; active=Active; order!=Order; user_name=User name
sys_certificate | certificates | name*=Name; expires*!=Expires; type=Type; format=Format; valid_from!=Valid from; active=Active; issuer=Issuer
sys_rest_message | outbound REST messages | name*=Name; rest_endpoint*!=Endpoint; authentication_type=Authentication type; basic_auth_profile=Basic auth profile; oauth2_profile=OAuth profile
http_connection | HTTP connections | name*=Name; connection_url*!=Connection URL; host=Host; active=Active; credential=Credential; connection_alias=Connection alias
sys_hub_flow | flows | name*=Name; active=Active; run_as!=Run As; status!=Status; sys_scope=Application; type=Type
sys_hub_action_instance | actions of flows | flow*!=Flow; action_type*!=Action Type; order=Order
sys_script | business rules | name*=Name; collection!=Table; when!=When; active=Active; script=Script; sys_scope=Application
sys_script_include | script includes | name*=Name; api_name!=API Name; active=Active; client_callable!=Client callable; script=Script; sys_scope=Application
sp_portal | service portals | url_suffix*!=URL suffix; title=Title; inactive=Inactive; login_page!=Login page
sys_ws_definition | scripted REST services | name*=Name; base_uri!=Base API path; service_id!=API ID; active=Active; enforce_acl=Default ACLs
sys_ws_operation | scripted REST resources | name*=Name; operation_uri*!=Resource path; http_method!=HTTP method; active=Active; requires_authentication=Requires authentication; requires_acl_authorization=Requires ACL authorization; web_service_definition=API definition; operation_script=Script
sys_public | public pages | page*!=Page; active*=Active
sysevent_script_action | script actions | name*=Name; active*=Active; event_name!=Event name
sys_audit | audit records | tablename*!=Table name; documentkey*!=Document key; fieldname!=Field name; user*=User
ip_access | IP address access controls | range_start*!=Range start; range_end!=Range end; active*=Active; type=Type; direction=Direction
"""  # noqa: E501 - one line a table reads better than any folding
# A record of a table that extends one of ours is a record of it.
ALIASES = {"customer_contact": "sys_user", "csm_consumer_user": "sys_user", "oauth_oidc_entity": "oauth_entity"}
_FIELD = re.compile(r"(?P<name>[a-z0-9_]+)(?P<required>\*?)(?P<telling>!?)=(?P<label>.+)")


@dataclass(frozen=True)
class Wanted:
    """One table: what it holds, its fields by English label, those it cannot do without, and those that tell it."""

    name: str
    what: str
    labels: dict[str, str]
    required: frozenset[str]
    telling: frozenset[str]

    @property
    def fields(self) -> frozenset[str]:
        """Every field that is read."""
        return frozenset(self.labels.values())

    @property
    def unlock(self) -> str:
        """What to do where the table is not in an export."""
        return f"export the table {self.name} ({self.what}) and put it into the folder"


def _declare(line: str) -> Wanted:
    name, what, fields = (part.strip() for part in line.split("|"))
    labels, required, telling = {"sys id": "sys_id"}, set(), set()
    for spelled in f"{fields}; {_AUDIT}".split(";"):
        match = _FIELD.fullmatch(spelled.strip())
        if match is None:
            raise ValueError(f"{name}: cannot read the field {spelled!r}")
        labels[match["label"].lower()] = match["name"]
        required |= {match["name"]} if match["required"] else set()
        telling |= {match["name"]} if match["telling"] else set()
    return Wanted(name, what, labels, frozenset(required), frozenset(telling))


WANTED: dict[str, Wanted] = {
    wanted.name: wanted for wanted in (_declare(line) for line in _DECLARED.strip().splitlines())
}


def table_by_name(stem: str) -> str | None:
    """The table a file is called after, as `sys_user`, `sys_user (2)` or `sys_user_2026-05-31`; None if none."""
    plain = stem.strip().lower()
    names = sorted((*WANTED, *ALIASES), key=len, reverse=True)
    for name in names:
        rest = plain.removeprefix(name)
        if plain.startswith(name) and re.fullmatch(
            r"(?:[ ._()\[\]-]*(?:page|part|export|copy|t|z|\d+))*[ ._()-]*", rest
        ):
            return ALIASES.get(name, name)
    return None


def table_by_fields(fields: frozenset[str]) -> str | None:
    """The one table all of whose telling fields are there; None where there is none, or more than one."""
    found = [
        wanted.name
        for wanted in WANTED.values()
        if wanted.telling and wanted.telling <= fields and wanted.required <= fields
    ]
    return found[0] if len(found) == 1 else None
