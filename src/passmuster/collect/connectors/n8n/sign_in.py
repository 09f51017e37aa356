"""How people of n8n sign in, and with which second factor; None where what was asked does not tell."""

from __future__ import annotations

from passmuster.collect.connectors.n8n.estate import Estate
from passmuster.collect.fields import Record, text

_SOURCE = {"email": "local", "ldap": "sso", "saml": "sso", "oidc": "sso"}
# With these n8n is told by an identity provider who has signed in, and never asks for a factor of its own.
_ASKED_BY_PROVIDER = frozenset({"saml", "oidc"})
_ALL_KINDS = ("saml", "oidc", "ldap")


def sign_in_kind(estate: Estate, seen: Record) -> str | None:
    """`email`, `ldap`, `saml` or `oidc` for one user; `seen` is the user as an owner's session tells it, or empty.

    Without that, it is known only where the instance has nothing but its own passwords.
    """
    told = text(seen, "signInType")
    if told:
        return told
    return "email" if has_own_passwords_only(estate) else None


def has_own_passwords_only(estate: Estate) -> bool:
    """Whether it is known that nobody can sign in past n8n's own passwords; anybody may ask for these settings."""
    if any(estate.setting(f"sso.{kind}.loginEnabled") is True for kind in _ALL_KINDS):
        return False
    if estate.setting("userManagement.authenticationMethod") == "email":
        return True
    return all(estate.setting(f"enterprise.{kind}") is False for kind in _ALL_KINDS)


def auth_source_of(kind: str | None) -> str | None:
    """The kind of sign-in in the words of the snapshot; an LDAP password is the directory's, so it counts as `sso`."""
    return _SOURCE.get(kind or "")


def mfa_of(estate: Estate, kind: str | None, *, is_enrolled: bool | None) -> str | None:
    """The second factor of one user. n8n asks for its own after a password, its own or LDAP's, and never after SSO."""
    if is_enrolled is None:
        return None
    if is_enrolled:
        return "otp"
    if kind in _ASKED_BY_PROVIDER:
        return "delegated"
    if kind in ("email", "ldap"):
        return "none"
    # Whose sign-in it is was not told. Where only passwords are in use, n8n's own or LDAP's, that does not matter.
    is_ldap = estate.setting("userManagement.authenticationMethod") == "ldap"
    return "none" if kind is None and is_ldap and not _may_be_provider(estate) else None


def _may_be_provider(estate: Estate) -> bool:
    return any(estate.setting(f"sso.{kind}.loginEnabled") is True for kind in _ASKED_BY_PROVIDER)
