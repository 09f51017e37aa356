"""Access tokens: which goes to which host, and whose tenant a token says it is for."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from passmuster.collect.connectors.power_platform.live.places import DATAVERSE_TOKEN
from passmuster.documents.json_file import parse_json
from passmuster.errors import UnreadableInput, UsageError


def database_tokens(secrets: Mapping[str, str]) -> dict[str, str]:
    """Tokens by host; one that stands alone is for every database (key ""). Raises UsageError without showing any."""
    words = secrets.get(DATAVERSE_TOKEN.variable, "").split()
    if len(words) <= 1:
        return {"": words[0]} if words else {}
    if len(words) % 2:
        raise UsageError(f"{DATAVERSE_TOKEN.variable}: write one token, or lines of `host token`; a word is missing")
    return {host.lower(): token for host, token in zip(words[::2], words[1::2], strict=True)}


def tenant_of_token(token: str) -> str:
    """The tenant a token says it was issued for (claim `tid`), lower case; empty where it cannot be read.

    Nothing is trusted by it: it only keeps a token of another tenant from being used by mistake.
    """
    tenant = _claims(token).get("tid")
    return tenant.lower() if isinstance(tenant, str) else ""


def permits(token: str, permission: str) -> bool:
    """Whether a token says that it has a permission: of a person in `scp`, of an application in `roles`.

    Where that cannot be read it has not: whoever issued it decides, and nothing is asked for in vain.
    """
    claims = _claims(token)
    scopes, roles = claims.get("scp"), claims.get("roles")
    of_person = scopes.split() if isinstance(scopes, str) else []
    return permission in of_person or (isinstance(roles, list) and permission in roles)


def _claims(token: str) -> Mapping[str, Any]:
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        claims: Any = parse_json(
            base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)).decode("utf-8"), "token"
        )
    except (binascii.Error, ValueError, UnreadableInput):
        return {}
    return claims if isinstance(claims, dict) else {}
