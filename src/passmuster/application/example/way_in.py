"""How one signs in to the example organisation: one password for all, and codes that count once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from passmuster.application.acting import actor_of
from passmuster.application.people.signing_in import record_own_step, set_own_password
from passmuster.records.models import Person


def open_doors(people: Mapping[str, Person], password: str, now: datetime) -> dict[str, list[str]]:
    """Give everybody the password and a second factor; returns each address with codes to sign in with, each once."""
    codes = {}
    for person in people.values():
        actor = actor_of(person, by="page", now=now)
        set_own_password(actor, person, password)
        # Nobody holds this app: the recovery codes beside it are what one signs in with.
        TOTP.activate(person, generate_totp_secret())
        codes[person.email] = RecoveryCodes.activate(person).generate_codes()
        record_own_step(actor, person, "add_second_factor")
    return codes
