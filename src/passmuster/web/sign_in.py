"""How people get in: nobody signs up by themselves; an identity provider's groups become duties."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from passmuster.application.acting import actor_of
from passmuster.application.people.groups import apply_groups
from passmuster.application.people.refused_sign_ins import Refused, note_refused, settle_refused
from passmuster.application.people.signing_in import record_own_step, set_own_password
from passmuster.records.models import Person

_FRESH_S = 300


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Passwords only for people an administrator made; each step goes into the record."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def set_password(self, user: Person, password: str) -> None:
        """Set it, as a use case."""
        set_own_password(actor_of(user, by="page", now=timezone.now()), user, password)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse, and write down, where too many tries went before."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            note_try(request, Refused.LOCKED_OUT, _tried(credentials))
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Write down whose account was tried, never what was typed."""
        note_try(request, Refused.FIRST_STEP, _tried(credentials))

    def respond_user_inactive(self, request: HttpRequest, user: Person) -> HttpResponse:
        """Write down that somebody who is shut out came."""
        note_try(request, Refused.SHUT_OUT, user)
        answer: HttpResponse = super().respond_user_inactive(request, user)
        return answer

    def logout(self, request: HttpRequest) -> None:
        """Write down who signed out."""
        if isinstance(request.user, Person):
            record_own_step(actor_of(request.user, by="page", now=timezone.now()), request.user, "sign_out")
        super().logout(request)

    def post_login(self, request: HttpRequest, user: Person, **given: Any) -> HttpResponse:
        """Write down who signed in; what groups gave holds only for those whom the provider vouches for."""
        now = timezone.now()
        # What was refused before it stands before it.
        settle_refused(now, user)
        record_own_step(actor_of(user, by="page", now=now), user, "sign_in")
        if not (given.get("signal_kwargs") or {}).get("sociallogin"):
            apply_groups(user, [], now)
        answer: HttpResponse = super().post_login(request, user, **given)
        return answer

    def is_reauthentication_required(self, *, app: str, **given: Any) -> bool:
        """Before a factor is changed, unless the person proved who they are a moment ago."""
        steps = get_authentication_records(self.request, self.request.user)
        is_fresh = any(time.time() - step["at"] < _FRESH_S for step in steps)
        return bool(super().is_reauthentication_required(app=app, **given)) and not is_fresh

    def send_notification_mail(self, template_prefix: str, user: Person, *_given: Any, **_more: Any) -> None:
        """Write the step down: it may be that no mail can be sent."""
        record_own_step(actor_of(user, by="page", now=timezone.now()), user, template_prefix.rsplit("/", 1)[-1])


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Single sign-on for people an administrator made, found by their verified address."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Never: an unknown person is told to ask an administrator."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Tell strangers what to do; give the others what their groups stand for now."""
        person = sociallogin.user
        if sociallogin.state.get("process") != "login" or person.pk is None:
            seen = sociallogin.email_addresses
            told = {
                "address": seen[0].email if seen else "",
                "is_unverified": bool(seen) and not any(each.verified for each in seen),
            }
            note_try(request, Refused.STRANGER, None)
            raise ImmediateHttpResponse(render(request, "account/unknown.html", told, status=403))
        if person.is_active:
            apply_groups(person, _groups(sociallogin), timezone.now())


def _tried(credentials: Mapping[str, Any]) -> Person | None:
    """Whose account was tried, None where the address is nobody's."""
    return Person.objects.filter(email=str(credentials.get("email") or "").strip().lower()).first()


def note_try(request: HttpRequest, kind: Refused, person: Person | None) -> None:
    """Count a refused try, with where it came from."""
    note_refused(kind, person, address=get_adapter(request).get_client_ip(request), now=timezone.now())


def _groups(sociallogin: Any) -> list[str]:
    """The groups a provider tells, in the answer about the person or in their identity token."""
    told = sociallogin.account.extra_data
    claim = sociallogin.provider.app.settings.get("groups_claim", "groups")
    for place in ("userinfo", "id_token"):
        found = (told.get(place) or {}).get(claim)
        if isinstance(found, str):
            return [found]
        if isinstance(found, list):
            return [str(each) for each in found]
    return []


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of authenticator apps are encrypted, so that a copy of the database gives none away."""

    def encrypt(self, text: str) -> str:
        """The text under a key made from the keeper's own secret."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The text; one that nobody knows, where the keeper's secret is another than it was."""
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return base64.b32encode(secrets.token_bytes(20)).decode()


def _cipher() -> Fernet:
    key = hashlib.sha256(b"second factors:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
