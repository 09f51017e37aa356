"""A platform as its newest look shows it: verdicts, inventory, data flows, who administers it."""

from __future__ import annotations

from typing import Any

from passmuster.application.access import Action
from passmuster.application.storage.newest import last_look
from passmuster.application.storage.storing import results_folder, snapshot_folder
from passmuster.errors import PassmusterError
from passmuster.model.words import CollectionStatus
from passmuster.pipeline.following import kept_verdicts_of
from passmuster.pipeline.picturing import picture_snapshot
from passmuster.records.models import Evaluation
from passmuster.web.api.auth import ApiRequest
from passmuster.web.api.programme import platform_shown
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Instant, Slug, Told

pictures = Topic("pictures")
TOPICS = (pictures,)


class VerdictOfControl(Told):
    """How one control ended, with what to do about it."""

    pack: str
    control: str
    title: str
    severity: str
    outcome: str
    reason: str
    violations: int
    remediation: str
    rationale: str


class PostureTold(Told):
    """Every control's verdict in the newest evaluation; `trouble` says why there is none."""

    collection: int | None
    evaluation: int | None
    as_of: Instant | None
    verdicts: list[VerdictOfControl]
    trouble: str


class KindOfThing(Told):
    """One kind of thing on a platform; `count` is null where it is not known, `rows` are the first few."""

    kind: str
    count: int | None
    status: CollectionStatus
    reason: str
    note: str
    columns: list[str]
    rows: list[list[Any]]


class FlowTold(Told):
    """Data that one app moves from a source to a target; null where the boundary or class is not known."""

    source: str
    app: str
    target: str
    host: str
    boundary: str | None
    classification: str | None
    is_declared: bool


class FlowsTold(Told):
    """The data flows of a platform, and what became of the attempt to read them."""

    status: CollectionStatus
    reason: str
    edges: list[FlowTold]


class AdministratorTold(Told):
    """Who can administer the platform, by which role, given by whom."""

    name: str
    role: str
    granted_by: str


class InventoryTold(Told):
    """What the newest look saw; null where it could not be read in full, `trouble` says what is wrong with the look."""

    collection: int | None
    taken_at: Instant | None
    inventory: list[KindOfThing]
    flows: FlowsTold | None
    administrators: list[AdministratorTold] | None
    trouble: str


@pictures.reads("/platforms/{slug}/posture", Action.VIEW, PostureTold)
def show_posture(request: ApiRequest, slug: Slug) -> Any:
    """How each control ended in the newest evaluation."""
    look = last_look(platform_shown(request.auth, slug))
    evaluation = Evaluation.objects.filter(collection=look).order_by("-pk").first() if look else None
    told: dict[str, Any] = {
        "collection": look.pk if look else None,
        "evaluation": evaluation.pk if evaluation else None,
        "as_of": evaluation.as_of if evaluation else None,
        "verdicts": [],
        "trouble": "" if evaluation else "nobody has judged a look at this platform yet",
    }
    if evaluation:
        try:
            told["verdicts"] = list(kept_verdicts_of(results_folder(evaluation)))
        except PassmusterError as error:
            told["trouble"] = str(error)
    return told


@pictures.reads("/platforms/{slug}/inventory", Action.VIEW, InventoryTold)
def show_inventory(request: ApiRequest, slug: Slug) -> Any:
    """What is on the platform, how data flows, and who can administer it."""
    look = last_look(platform_shown(request.auth, slug))
    told: dict[str, Any] = dict.fromkeys(("taken_at", "flows", "administrators"))
    told |= {"collection": look.pk if look else None, "inventory": [], "trouble": ""}
    if look is None:
        return {**told, "trouble": "nobody has looked at this platform yet"}
    try:
        picture = picture_snapshot(snapshot_folder(look), as_of=look.started_at)
    except PassmusterError as error:
        return {**told, "trouble": str(error)}
    held = picture.administrators
    names = ("name", "role", "granted_by")
    return {
        **told,
        "taken_at": picture.taken_at,
        "inventory": list(picture.inventory),
        "flows": picture.flows,
        "administrators": None if held is None else [dict(zip(names, each, strict=True)) for each in held],
    }
