"""Tokens for programs and calendars: shown once, only their digests kept, each with an end or a way to end it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from passmuster.application.access import Action, Actor, NotAllowed
from passmuster.application.acting import acting, actor_of
from passmuster.errors import UsageError
from passmuster.records.models import ApiToken, FeedToken

LONGEST = timedelta(days=366)
# Secret scanners find a token by its beginning.
_API, _FEED = "pmt_", "pmf_"
_USE_IS_TOLD_EVERY = timedelta(minutes=1)


def issue_api_token(
    actor: Actor, *, name: str, scopes: Collection[Action], expires_at: datetime
) -> tuple[ApiToken, str]:
    """A token that may do what its scopes say and its owner may; returns it and its text, which is never shown again.

    Raises UsageError with all that is wrong.
    """
    complaints = [] if name.strip() else ["name the token after the program that will hold it"]
    if not scopes:
        complaints.append("choose at least one scope")
    if not actor.now < expires_at <= actor.now + LONGEST:
        complaints.append("a token ends in the future, and within a year")
    if actor.scopes is not None and not set(scopes) <= actor.scopes:
        complaints.append("a token cannot make one that may do more than itself")
    if complaints:
        raise UsageError("; ".join(complaints))
    text = _API + secrets.token_urlsafe(32)
    with acting(actor, Action.MANAGE_OWN_ACCOUNT, "api_token", verb="issue_api_token") as event:
        token = ApiToken.objects.create(
            person_id=_person_id(actor),
            name=name.strip()[:100],
            prefix=text[:12],
            digest=digest_of(text),
            scopes=sorted(scope.value for scope in scopes),
            created_at=actor.now,
            expires_at=expires_at,
        )
        event.subject_id = str(token.pk)
        event.after = {"name": token.name, "prefix": token.prefix, "scopes": token.scopes, "expires_at": expires_at}
    return token, text


def revoke_api_token(actor: Actor, token: ApiToken, *, why: str = "") -> None:
    """End a token of one's own, or as an administrator anybody's."""
    _revoke(actor, token, why)


def actor_by_api_token(text: str, now: datetime) -> Actor | None:
    """Who may act by this token, limited to its scopes; None where it is unknown, ended or its owner is gone."""
    if not text.startswith(_API):
        return None
    found = ApiToken.objects.select_related("person").filter(digest=digest_of(text), revoked_at=None).first()
    if found is None or found.expires_at <= now or not found.person.is_active:
        return None
    _tell_use(found, now)
    limits = frozenset(Action(word) for word in found.scopes)
    return replace(actor_of(found.person, by="api", now=now, scopes=limits), token_id=found.pk)


def why_ended(tokens: Collection[int], now: datetime) -> str:
    """Why none of these API tokens carries what was asked with it any more; empty where one does, or none is named."""
    found = {token.pk: token for token in ApiToken.objects.filter(pk__in=tokens).select_related("person")}
    told = [_how_it_ended(found.get(key), now) for key in tokens]
    return "; ".join(told) if all(told) else ""


def _how_it_ended(token: ApiToken | None, now: datetime) -> str:
    if token is None:
        return "the API token it was asked with is gone"
    what = f"the API token {token.name} ({token.prefix}) of {token.person.email} it was asked with"
    if token.revoked_at is not None:
        return f"{what} was taken back on {token.revoked_at:%Y-%m-%d %H:%M} UTC"
    return f"{what} ended on {token.expires_at:%Y-%m-%d %H:%M} UTC" if token.expires_at <= now else ""


def issue_feed_token(actor: Actor) -> tuple[FeedToken, str]:
    """A calendar's token; whoever holds the address reads the calendar, so it can be revoked. Shown once."""
    text = _FEED + secrets.token_urlsafe(32)
    with acting(actor, Action.MANAGE_OWN_ACCOUNT, "feed_token", verb="issue_feed_token") as event:
        token = FeedToken.objects.create(person_id=_person_id(actor), digest=digest_of(text), created_at=actor.now)
        event.subject_id = str(token.pk)
    return token, text


def revoke_feed_token(actor: Actor, token: FeedToken, *, why: str = "") -> None:
    """End a calendar subscription of one's own, or as an administrator anybody's."""
    _revoke(actor, token, why)


def actor_by_feed_token(text: str, now: datetime) -> Actor | None:
    """Whose calendar this is, able to look and no more; None where the token is unknown or ended.

    A vendor's contact sees what is asked of the vendor by the right to answer it, and has no other.
    """
    if not text.startswith(_FEED):
        return None
    found = FeedToken.objects.select_related("person").filter(digest=digest_of(text), revoked_at=None).first()
    if found is None or not found.person.is_active:
        return None
    _tell_use(found, now)
    sees = Action.VIEW if found.person.vendor_id is None else Action.ANSWER_VENDOR_REQUEST
    return actor_of(found.person, by="feed", now=now, scopes=frozenset({sees}))


def digest_of(text: str) -> str:
    """What is kept of a token; it is random and long, so a plain digest gives nothing away."""
    return hashlib.sha256(text.encode()).hexdigest()


def _person_id(actor: Actor) -> int:
    if actor.person_id is None:
        raise NotAllowed("a token belongs to a person; sign in first")
    return actor.person_id


def _revoke(actor: Actor, token: ApiToken | FeedToken, why: str) -> None:
    own = token.person_id == actor.person_id
    action = Action.MANAGE_OWN_ACCOUNT if own else Action.MANAGE_PEOPLE
    kind = token._meta.model_name
    with acting(actor, action, token, why=why, verb=f"revoke_{'api' if kind == 'apitoken' else 'feed'}_token") as event:
        event.subject_kind = "api_token" if kind == "apitoken" else "feed_token"
        event.is_silent = token.revoked_at is not None
        if token.revoked_at is None:
            token.revoked_at = actor.now
            token.save(update_fields=["revoked_at"])


def _tell_use(token: ApiToken | FeedToken, now: datetime) -> None:
    # A write at every request would be the most expensive part of it.
    if token.last_used_at is None or token.last_used_at + _USE_IS_TOLD_EVERY < now:
        type(token)._default_manager.filter(pk=token.pk).update(last_used_at=now)
