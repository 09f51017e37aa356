"""The forms of second factors: what they refuse is written down."""

from __future__ import annotations

from typing import Any

from allauth.core import context
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm, LoginWebAuthnForm, ReauthenticateWebAuthnForm
from django.core.cache import cache
from django.core.exceptions import ValidationError

from passmuster.application.people.refused_sign_ins import Refused
from passmuster.records.models import Person
from passmuster.web.sign_in import note_try

# How long a code is good: for the time it is shown, and as long again for each of those beside it that count.
_GOOD_FOR_SECONDS = app_settings.TOTP_PERIOD * (1 + 2 * app_settings.TOTP_TOLERANCE)


def _is_first_use(person: Person, code: str) -> bool:
    """Whether nobody signed in as this person by that code of their app while it is good."""
    digits = "".join(letter for letter in code if letter.isdecimal())
    return cache.add(f"code-used-{person.pk}-{digits}", "", timeout=_GOOD_FOR_SECONDS)


class _NotedCode:
    """A code counts once (RFC 6238, 5.2), and one that is refused is written down."""

    user: Person
    authenticator: Authenticator

    def clean_code(self) -> str:
        """The code; raises ValidationError."""
        try:
            code: str = super().clean_code()  # type: ignore[misc]
            is_of_app = self.authenticator.type == Authenticator.Type.TOTP
            if is_of_app and not _is_first_use(self.user, code):
                raise get_adapter().validation_error("incorrect_code")
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
