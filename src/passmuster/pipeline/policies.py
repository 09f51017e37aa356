"""Jobs on policies: list those that ship, show one, verify one."""

from __future__ import annotations

from typing import Any

from passmuster.errors import UsageError
from passmuster.triage.policy import Policy
from passmuster.triage.policy_load import find_policy, shipped_names, shipped_text


def list_policies() -> list[dict[str, Any]]:
    """What each policy that ships is, the default first."""
    return [_entry(find_policy(name)) for name in shipped_names()]


def show_policy(name: str) -> str:
    """The text of a policy that ships; raises UsageError that names those that do."""
    if name not in shipped_names():
        raise UsageError(f"{name}: is no policy that ships; these do: {', '.join(shipped_names())}")
    return shipped_text(name)


def verify_policy(name_or_path: str) -> Policy:
    """The policy, sound; raises UnreadableInput with every mistake."""
    return find_policy(name_or_path)


def _entry(policy: Policy) -> dict[str, Any]:
    source = policy.source
    return {
        "id": policy.id,
        "version": policy.version,
        "title": policy.title,
        "valid_from": policy.valid_from.isoformat(),
        "valid_until": policy.valid_until.isoformat() if policy.valid_until else None,
        "binding_from": policy.binding_from.isoformat() if policy.binding_from else None,
        "points": {point.name: list(point.values) for point in policy.points},
        "outcomes": list(policy.outcomes),
        "source": {"title": source.title, "url": source.url, "read_on": source.read_on.isoformat()},
    }
