"""Who holds which role: on the instance, in team projects, and in the personal project everybody has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from passmuster.collect.connectors.n8n.estate import ENVIRONMENT_ID, Estate
from passmuster.collect.fields import Record, flag, text
from passmuster.collect.reads import gathered
from passmuster.collect.statuses import OK, Verdict
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gap, Gathered

PERSONAL_ROLE = "project:personalOwner"
# n8n turns the role a chat user has in the own project into one that only reads.
_CHAT_ROLE = "global:chatUser"
_GAPS = (
    Gap("granted_at", "n8n does not tell when a role was given"),
    Gap("granted_by", "n8n does not tell who gave a role"),
)


def grants_table(estate: Estate) -> Gathered:
    """The table `grants`."""
    members = [read.verdict for read in estate.members.values()]
    rows = [*_on_the_instance(estate), *_in_teams(estate), *_in_personal_projects(estate)]
    return gathered(
        rows, estate.verdict("users"), _lacking(estate), *members, source="users, roles, projects", gaps=_GAPS
    )


def _lacking(estate: Estate) -> Verdict:
    """What is not known about grants: roles that old versions leave out of the list of users, refused projects."""
    projects = estate.verdict("projects")
    if projects.status.is_incomplete:
        return Verdict(CollectionStatus.PARTIAL, f"roles in projects are not known; {projects.reason}", projects.unlock)
    users = estate.items("users")
    if users and not any(text(user, "role") for user in users):
        return Verdict(CollectionStatus.UNSUPPORTED, "this version of n8n does not tell the roles of users")
    return OK


def _on_the_instance(estate: Estate) -> Iterator[dict[str, Any]]:
    for user in estate.items("users"):
        user_id, role_id = text(user, "id"), _global_role(user)
        if user_id and role_id:
            grant_id = f"{user_id}/{role_id}/{estate.platform_id}"
            yield _row(grant_id, user_id, role_id, {"object_kind": "platform", "object_id": estate.platform_id})


def _in_teams(estate: Estate) -> Iterator[dict[str, Any]]:
    for project_id, read in estate.members.items():
        for user in read.items:
            user_id, role_id = text(user, "id"), text(user, "role")
            if user_id and role_id:
                yield _row(f"{user_id}/{role_id}/project:{project_id}", user_id, role_id, _on_project(project_id))


def _in_personal_projects(estate: Estate) -> Iterator[dict[str, Any]]:
    """n8n gives everybody a project to build in; no interface lists that role, so it is told from the users."""
    project_of = {user_id: project_id for project_id, user_id in sorted(estate.owners.items(), reverse=True)}
    for user in estate.items("users"):
        user_id = text(user, "id")
        if user_id and flag(user, "isPending") is not True and _global_role(user) not in (None, _CHAT_ROLE):
            # The grant keeps its id when the project's becomes known, so that this alone is no drift of grants.
            grant_id = f"{user_id}/{PERSONAL_ROLE}/personal"
            target = _on_project(project_of.get(user_id, f"personal:{user_id}"))
            yield _row(grant_id, user_id, PERSONAL_ROLE, target)


def _global_role(user: Record) -> str | None:
    """The public API names the owner's role `global:owner`, older versions `owner`."""
    role = text(user, "role")
    return role if role is None or ":" in role else f"global:{role}"


def _on_project(project_id: str) -> dict[str, str]:
    # A project holds workflows; it is not an environment of its own, for all of them run in the one instance.
    return {"object_kind": "app", "object_id": f"project:{project_id}"}


def _row(grant_id: str, user_id: str, role_id: str, target: dict[str, str]) -> dict[str, Any]:
    return {
        "grant_id": grant_id,
        "subject_kind": "principal",
        "subject_id": user_id,
        "role_id": role_id,
        "environment_id": ENVIRONMENT_ID,
        "has_expiry": False,
        "is_eligible_only": False,
        **target,
    }
