"""All settings looked at in one place, before anything starts: what is wrong, and what does nothing.

Needs no records, so that every mistake is told at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from passmuster.application.calendar.calendar_settings import calendar_elsewhere
from passmuster.application.findings.ticket_settings import ticket_system
from passmuster.application.messages.channels import read_channels, require_mail_address
from passmuster.application.people.group_days import read_group_days
from passmuster.application.programme.credential_names import require_credential_places
from passmuster.application.storage.checkpoint_places import CHECKPOINT_MAIL, lock_days
from passmuster.application.storage.feeds_file import require_feeds
from passmuster.application.storage.file_stores import require_stores
from passmuster.application.working.keeping_days import read_keeping
from passmuster.collect.registry import all_connectors
from passmuster.errors import UsageError
from passmuster.records.database import URL, django_database
from passmuster.records.home import home_of
from passmuster.records.own_address import own_address
from passmuster.records.settings_told import is_told, names_told
from passmuster.records.signing_in import oidc_apps, trusted_proxies

_OURS = "PASSMUSTER_"
_MAIL = "PASSMUSTER_SMTP_HOST"
# What counts only with another, which is easily forgotten or misspelt.
_ONLY_WITH = {
    "PASSMUSTER_SMTP_": _MAIL,
    "PASSMUSTER_MAIL_FROM": _MAIL,
    "PASSMUSTER_OIDC_": "PASSMUSTER_OIDC_ISSUER",
}
# Those of the tests.
_NOT_OURS = "PASSMUSTER_TEST_"


@dataclass(frozen=True)
class Checked:
    """What keeps the keeper from starting, and what is only told; a line each, never with a secret."""

    complaints: tuple[str, ...]
    notes: tuple[str, ...]


def check_settings(environ: Mapping[str, str]) -> Checked:
    """Look at every setting; asks no other host, and reads no more than the files that are named."""
    complaints = tuple(filter(None, (_complaint(check, environ) for check in _CHECKS)))
    return Checked(complaints, (*_unknown(environ), *_idle(environ)))


def _complaint(check: Callable[[Mapping[str, str]], object], environ: Mapping[str, str]) -> str:
    try:
        check(environ)
    except UsageError as error:
        return str(error)
    return ""


def _database(environ: Mapping[str, str]) -> None:
    if given := environ.get(URL, "").strip():
        django_database(given)


def _checkpoint_mail(environ: Mapping[str, str]) -> None:
    address = environ.get(CHECKPOINT_MAIL, "").strip()
    if not address:
        return
    try:
        require_mail_address(address)
    except UsageError as error:
        raise UsageError(f"{CHECKPOINT_MAIL}: {error}") from None
    if not environ.get(_MAIL, "").strip():
        raise UsageError(f"{CHECKPOINT_MAIL} is set, {_MAIL} is not; name the mail server, or leave both out")


_CHECKS: tuple[Callable[[Mapping[str, str]], object], ...] = (
    home_of,
    _database,
    own_address,
    trusted_proxies,
    oidc_apps,
    require_stores,
    lock_days,
    read_channels,
    _checkpoint_mail,
    ticket_system,
    calendar_elsewhere,
    require_credential_places,
    require_feeds,
    read_keeping,
    read_group_days,
)


def _unknown(environ: Mapping[str, str]) -> Iterator[str]:
    secrets = [secret.variable for connector in all_connectors().values() for secret in connector.secrets]
    known = [*secrets, *(f"{name}_FILE" for name in secrets)]
    for name in sorted(environ):
        if name.startswith(_OURS) and not (name.startswith(_NOT_OURS) or is_told(name) or name in known):
            yield f"{name} is no setting and does nothing{_nearest(name, [*names_told(), *known])}"


def _nearest(name: str, known: Iterable[str]) -> str:
    # What all of them begin with says nothing.
    rest = {each.removeprefix(_OURS): each for each in known}
    found = get_close_matches(name.removeprefix(_OURS), rest, n=1)
    return f"; is {rest[found[0]]} meant?" if found else ""


def _idle(environ: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(environ):
        for start, needed in _ONLY_WITH.items():
            if name.startswith(start) and is_told(name) and environ[name] and not environ.get(needed, "").strip():
                yield f"{name} counts only with {needed}, which is not set"
