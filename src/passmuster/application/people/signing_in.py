"""What people do with their own way in, and the one-time link an administrator hands over."""

from __future__ import annotations

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import QuerySet
from django.urls import reverse

from passmuster.application.access import Action, Actor
from passmuster.application.acting import acting
from passmuster.errors import UsageError
from passmuster.records.models import Person


def sign_in_link(actor: Actor, person: Person, *, why: str = "") -> str:
    """An address where the person sets a password, once and within three days; raises UsageError.

    Whoever makes it sees it, so it is on record; a second factor that is set up stays.
    """
    if not person.is_active:
        raise UsageError(f"{person.email} is deactivated; let them back in first")
    with acting(actor, Action.MANAGE_PEOPLE, person, why=why, verb="make_sign_in_link"):
        # It is a new random one each time, which the links made before do not fit.
        if not person.has_usable_password():
            person.set_unusable_password()
            person.save(update_fields=["password"])
        key = default_token_generator.make_token(person)
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(person), "key": key})
    return f"{settings.BASE_URL}{path}"


def set_own_password(actor: Actor, person: Person, password: str) -> None:
    """Set the password; all other sessions end."""
    with acting(actor, Action.MANAGE_OWN_ACCOUNT, person, verb="set_password"):
        person.set_password(password)
        person.save(update_fields=["password"])


def record_own_step(actor: Actor, person: Person, step: str) -> None:
    """Write down that the person signed in, or changed a factor of theirs."""
    with acting(actor, Action.MANAGE_OWN_ACCOUNT, person, verb=step):
        pass


def people_without_second_factor() -> frozenset[int]:
    """Keys of active people who have a password and neither an authenticator app nor a passkey."""
    people = Person.objects.filter(is_active=True).exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return frozenset(people.exclude(pk__in=_factors().values("user_id")).values_list("pk", flat=True))


def has_second_factor(person: Person) -> bool:
    """Whether a stolen password is not enough; recovery codes alone do not count."""
    return _factors().filter(user=person).exists()


def _factors() -> QuerySet[Authenticator]:
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    found: QuerySet[Authenticator] = Authenticator.objects.filter(type__in=kinds)
    return found
