"""On whose behalf a worker acts, and by which tokens they asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from passmuster.application.access import Actor, NotAllowed
from passmuster.records.models import Person, Work


def behalf_of(actor: Actor) -> dict[str, Any]:
    """What work keeps of who asked: the person, and the limits of the token they asked by. Raises NotAllowed."""
    if actor.person_id is None:
        raise NotAllowed("this is done in somebody's name, who asks for it; sign in first")
    return {"person": actor.person_id, "scopes": None if actor.scopes is None else sorted(actor.scopes)}


_TOKENS = "api_tokens"


def by_token(actor: Actor) -> dict[str, Any]:
    """What work keeps of the API token it was asked with; nothing where it was asked without one."""
    return {} if actor.token_id is None else {_TOKENS: [actor.token_id]}


def asked_anew(actor: Actor, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of work that this actor alone asks for from now on."""
    return {**{name: value for name, value in arguments.items() if name != _TOKENS}, **by_token(actor)}


def asked_too(actor: Actor, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of work that this actor asks for as well: without a token, no token carries it any more."""
    tokens = tokens_of(arguments)
    if not tokens or actor.token_id in tokens:
        return dict(arguments)
    return asked_anew(actor, arguments) | ({} if actor.token_id is None else {_TOKENS: [*tokens, actor.token_id]})


def tokens_of(arguments: Mapping[str, Any]) -> Sequence[int]:
    """The API tokens with which alone the work was asked for; none where somebody asked for it otherwise."""
    return tuple(arguments.get(_TOKENS, ()))


def is_for_somebody(work: Work) -> bool:
    """Whether the work is done in the name of whoever asked for it."""
    return "person" in work.arguments


def asker_of(work: Work) -> Person | None:
    """Who asked, where the work is done in their name and they may still sign in."""
    return Person.objects.filter(pk=work.arguments.get("person"), is_active=True).first()
