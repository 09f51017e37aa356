"""Columns of a snapshot as people read them. Pure."""

from __future__ import annotations

# What the rules below would not make plain.
_WORDS = {
    "principal_id": "account",
    "actor_principal_id": "account that did it",
    "owner_principal_id": "owner",
    "object_id": "on what",
    "object_kind": "on what kind of thing",
    "object_table": "on which kind of list",
    "ref_id": "refers to",
    "from_id": "from",
    "from_kind": "from what kind",
    "to_id": "to",
    "to_kind": "to what kind",
    "subject_id": "who",
    "has_expiry": "has an end",
    "co_owner_count": "owners beside the first",
    "secret_hits": "places that look like secrets",
    "error_handler_app_id": "app that handles its errors",
    "mfa": "second factor",
    "requires_mfa": "asks for a second factor",
    "sso_exempt": "exempt from single sign-on",
    "is_eligible_only": "only eligible, not yet active",
    "cors": "other sites that may call it",
    "ip_allow": "addresses let in",
    "not_after": "valid until",
    "native_kind": "kind, as the platform calls it",
    "native_path": "where, as the platform calls it",
    "step_type": "kind of step",
    "purl": "package",
    "tls_min": "lowest TLS version",
    "tls_verify": "TLS certificate checked",
    "auth_mode": "way to sign in",
    "auth_source": "where sign-in is checked",
    "privilege_rank": "rank of privilege",
    "value_bool": "value",
    "value_int": "value",
    "value_json": "value",
    "value_text": "value",
    "value_kind": "kind of value",
}
_ENDS = {"_id": "", "_ids": "", "_30d": " in 30 days", "_days": ", days", "_bytes": ", bytes", "_bits": ", bits"}


def column_words(column: str) -> str:
    """`is_enabled` is "enabled", `app_id` is "app", `runs_30d` is "runs in 30 days"."""
    if column in _WORDS:
        return _WORDS[column]
    told = column.removeprefix("is_")
    for end, words in _ENDS.items():
        if told.endswith(end) and told != end.strip("_"):
            told = told.removesuffix(end) + words
            break
    return told.replace("_", " ")
