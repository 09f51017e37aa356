"""Signing in, as the environment sets it up: the identity provider, and the proxies before the server."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from passmuster.errors import UsageError

_PREFIX = "PASSMUSTER_OIDC_"


def oidc_apps(environ: Mapping[str, str]) -> list[dict[str, Any]]:
    """The settings of the one provider, or none where no issuer is named; raises UsageError with all that is missing.

    `..._CLIENT_SECRET_FILE` names a file instead. An address is taken for verified where the provider says so
    (`email_verified`), or always with `..._TRUST_EMAIL=yes`, for providers that never say it.
    """
    issuer = environ.get(f"{_PREFIX}ISSUER", "").strip().rstrip("/")
    if not issuer:
        return []
    client, secret = environ.get(f"{_PREFIX}CLIENT_ID", ""), _secret(environ)
    complaints = [] if client else [f"{_PREFIX}CLIENT_ID is not set"]
    if not secret:
        complaints.append(f"neither {_PREFIX}CLIENT_SECRET nor {_PREFIX}CLIENT_SECRET_FILE is set")
    if not issuer.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        complaints.append(f"{_PREFIX}ISSUER must be an https:// address")
    if complaints:
        raise UsageError("; ".join(complaints))
    told: dict[str, Any] = {
        "server_url": issuer,
        "oauth_pkce_enabled": True,
        # The person is found by their verified address the first time, by the provider's own name for them later.
        "email_authentication": True,
        "scope": environ.get(f"{_PREFIX}SCOPES", "openid profile email").split(),
        "groups_claim": environ.get(f"{_PREFIX}GROUPS_CLAIM", "groups"),
    }
    if environ.get(f"{_PREFIX}TRUST_EMAIL", "").lower() in ("1", "yes", "true"):
        told["verified_email"] = True
    name = environ.get(f"{_PREFIX}NAME") or "single sign-on"
    return [{"provider_id": "sso", "name": name, "client_id": client, "secret": secret, "settings": told}]


def trusted_proxies(environ: Mapping[str, str]) -> int:
    """How many proxies stand before the server (PASSMUSTER_TRUSTED_PROXIES); raises UsageError."""
    text = environ.get("PASSMUSTER_TRUSTED_PROXIES", "").strip() or "0"
    if not text.isdecimal() or int(text) > 9:
        raise UsageError("PASSMUSTER_TRUSTED_PROXIES is a number from 0 to 9")
    return int(text)


def _secret(environ: Mapping[str, str]) -> str:
    file = environ.get(f"{_PREFIX}CLIENT_SECRET_FILE")
    if not file:
        return environ.get(f"{_PREFIX}CLIENT_SECRET", "")
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{_PREFIX}CLIENT_SECRET_FILE: {file} cannot be read ({type(error).__name__})") from None
