"""Users, groups, and who is in which."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from passmuster.collect.connectors.servicenow.estate import Estate, group_id, not_told, user_id
from passmuster.collect.connectors.servicenow.records import Record, flag, moment, shown, text
from passmuster.collect.unlocks import by_declaring
from passmuster.documents.secrets import redact
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gap, Gathered, SourceState

_RAW = (
    "user_name",
    "name",
    "email",
    "active",
    "locked_out",
    "source",
    "identity_type",
    "sys_class_name",
    "sys_created_on",
)
_SYSTEM_USERS = frozenset({"system", "maint", "glide.maint"})
_OUTSIDE_CLASSES = frozenset({"customer_contact", "csm_consumer_user"})
_FIELDS = {
    "mfa": "enable_multifactor_authn",
    "last_sign_in_at": "last_login_time",
    "is_enabled": "active",
    "sso_exempt": "user_password",
    "manager": "manager",
    "created_at": "sys_created_on",
}


def people_tables(estate: Estate) -> dict[str, Gathered]:
    """The tables of people and groups."""
    members, unclear = _memberships(estate)
    return {
        "principals": estate.table(_principals(estate), "sys_user", gaps=_gaps(estate)),
        "groups": estate.table(list(_groups(estate)), "sys_user_group"),
        "memberships": estate.table(members, "sys_user_grmember", refs=("sys_user_group",), odd=unclear),
    }


def _gaps(estate: Estate) -> list[Gap]:
    never = "ServiceNow keeps no end date of users"
    return [
        *not_told(estate, "sys_user", _FIELDS),
        Gap("auth_source", "where single sign-on is on, a user without an SSO source may use it or a password",
            by_declaring("principals", "auth_source")),
        Gap("employment_ended_at", never, by_declaring("principals", "employment_ended_at")),
        Gap("owner_principal_id", "users of integrations name no owner",
            by_declaring("principals", "owner_principal_id")),
        Gap("sponsor", "external users name no sponsor", by_declaring("principals", "sponsor")),
    ]  # fmt: skip


def _principals(estate: Estate) -> list[dict[str, Any]]:
    outside = _held_by(estate, "snc_external")
    inside = _held_by(estate, "snc_internal")
    return [
        _principal(estate, user, identity, _is_external(user, identity, outside, inside))
        for user in estate.records("sys_user")
        if (identity := user_id(user))
    ]


def _held_by(estate: Estate, role: str) -> frozenset[str]:
    """Who holds one of the roles that tell people of the house from others."""
    return frozenset(
        user
        for record in estate.records("sys_user_has_role")
        if estate.roles.of(record, "role") == role and (user := estate.users.of(record, "user"))
    )


def _is_external(user: Record, identity: str, outside: frozenset[str], inside: frozenset[str]) -> bool | None:
    if identity in outside or text(user, "sys_class_name") in _OUTSIDE_CLASSES:
        return True
    return False if identity in inside else None


def _principal(estate: Estate, user: Record, identity: str, is_external: bool | None) -> dict[str, Any]:
    email = text(user, "email") or ""
    source = _auth_source(estate, user)
    kind = _kind(user)
    return {
        "principal_id": identity,
        "kind": kind,
        "display_name": text(user, "name") or text(user, "user_name"),
        "login": text(user, "user_name"),
        "email_domain": email.rpartition("@")[2].lower() or None if "@" in email else None,
        "is_enabled": _is_enabled(user),
        "is_external": is_external,
        "auth_source": "none" if kind == "anonymous" else source,
        "mfa": _mfa(estate, user, source),
        "sso_exempt": _sso_exempt(user, source),
        "created_at": moment(user, "sys_created_on"),
        "last_sign_in_at": moment(user, "last_login_time") or moment(user, "last_login"),
        "has_expiry": False,
        "manager": shown(user, "manager"),
        "raw": redact({name: user.values[name] for name in _RAW if name in user.values}),
    }


def _kind(user: Record) -> str:
    name = (text(user, "user_name") or "").lower()
    if name == "guest":
        return "anonymous"
    if name in _SYSTEM_USERS:
        return "system"
    is_machine = (text(user, "identity_type") or "human").lower() != "human"
    # Only either mark means a service; their absence is the form's default, a person.
    if flag(user, "web_service_access_only") or flag(user, "internal_integration_user") or is_machine:
        return "service"
    return "human"


def _is_enabled(user: Record) -> bool | None:
    active, locked = flag(user, "active"), flag(user, "locked_out")
    if active is False or locked is True:
        return False
    return active


def _auth_source(estate: Estate, user: Record) -> str | None:
    if text(user, "sso_source") or (text(user, "source") or "").lower().startswith(("ldap", "sso")):
        return "sso"
    # Where single sign-on is on, a user without a source of his own is sent to the default provider.
    is_federated = estate.property_flag("glide.authenticate.multisso.enabled")
    return "local" if is_federated is False else None


def _mfa(estate: Estate, user: Record, source: str | None) -> str | None:
    is_asked = flag(user, "enable_multifactor_authn")
    if is_asked:
        return "otp"
    if source == "sso":
        return "delegated"
    # With the property on, criteria by role may still ask for a factor of users without the mark.
    is_off = estate.property_flag("glide.authenticate.multifactor") is False
    return "none" if is_asked is False and source == "local" and is_off else None


def _sso_exempt(user: Record, source: str | None) -> bool | None:
    """A user of single sign-on whose record also holds a password can sign in past it."""
    if source != "sso" or "user_password" not in user.values:
        return None
    return bool(user.values["user_password"].strip())


def _groups(estate: Estate) -> Iterator[dict[str, Any]]:
    for group in estate.records("sys_user_group"):
        identity = group_id(group)
        if identity and flag(group, "active") is not False:
            is_directory = (text(group, "source") or "").lower().startswith("ldap")
            yield {
                "group_id": identity,
                "name": text(group, "name"),
                "kind": "security",
                "source": "directory" if is_directory else "platform",
                "owner_principal_id": estate.users.of(group, "manager"),
            }


def _memberships(estate: Estate) -> tuple[list[dict[str, Any]], list[SourceState]]:
    """Members, and groups within groups: whoever is in a group has the roles of its parent as well."""
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    unclear = 0
    for member in estate.records("sys_user_grmember"):
        edge = (estate.groups.of(member, "group"), "principal", estate.users.of(member, "user"))
        if edge[0] is None or edge[2] is None:
            unclear += 1
            continue
        rows.setdefault((edge[0], edge[1], edge[2]), _edge(edge[0], edge[2], "principal"))
    for group in estate.records("sys_user_group"):
        parent, child = estate.groups.of(group, "parent"), group_id(group)
        if parent and child and flag(group, "active") is not False:
            rows.setdefault((parent, "group", child), _edge(parent, child, "group"))
    return list(rows.values()), unclear_state("sys_user_grmember", unclear)


def _edge(group: str, member: str, kind: str) -> dict[str, Any]:
    return {"group_id": group, "member_id": member, "member_kind": kind, "source": "platform"}


def unclear_state(name: str, count: int) -> list[SourceState]:
    """That some records of a table could not be tied to others, if so."""
    if not count:
        return []
    reason = f"{name}: {count} records name nobody, or several alike; export ids with XML or JSON"
    return [SourceState(f"{name} references", CollectionStatus.ERROR, reason, "export XML or JSON, which hold ids")]
