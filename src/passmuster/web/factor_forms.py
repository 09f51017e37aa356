"""The forms of second factors: what they refuse is written down."""

from __future__ import annotations

from typing import Any

from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm, LoginWebAuthnForm, ReauthenticateWebAuthnForm
from django.core.exceptions import ValidationError

from passmuster.application.people.refused_sign_ins import Refused
from passmuster.records.models import Person
from passmuster.web.sign_in import note_try


class _NotedCode:
    """A code that is refused is written down."""

    user: Person

    def clean_code(self) -> str:
        """The code; raises ValidationError."""
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except ValidationError:
            note_try(context.request, Refused.FACTOR, self.user)
            raise
        return code


class CodeForm(_NotedCode, AuthenticateForm):  # type: ignore[misc]
    """The second step of signing in."""


class CodeAgainForm(_NotedCode, ReauthenticateForm):  # type: ignore[misc]
    """The same before a factor is changed."""


class _NotedKey:
    """A passkey that is refused is written down; who it claims to be of is what somebody sent, so it is nobody's."""

    user: Person | None

    def clean_credential(self) -> Any:
        """The authenticator; raises ValidationError."""
        try:
            return super().clean_credential()  # type: ignore[misc]
        except ValidationError:
            note_try(context.request, Refused.FACTOR, self.user)
            raise


class KeyForm(_NotedKey, AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey as the second step."""


class KeyAloneForm(_NotedKey, LoginWebAuthnForm):  # type: ignore[misc]
    """A passkey alone."""


class KeyAgainForm(_NotedKey, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey before a factor is changed."""
