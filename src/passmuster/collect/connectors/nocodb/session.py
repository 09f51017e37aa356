"""Sources on a live instance: signed in with user and password, else with an API token; and without anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from passmuster.collect.answers import Answers, Request
from passmuster.collect.base_url import BaseUrl
from passmuster.collect.fields import text
from passmuster.collect.http import Clock, LiveAnswers, Patience
from passmuster.collect.interface import Secret, Target
from passmuster.collect.statuses import message_of
from passmuster.errors import UsageError

USER = Secret(
    "PASSMUSTER_NOCODB_USER", "e-mail address of a super admin made for reviews; signing out ends its sessions"
)
PASSWORD = Secret("PASSMUSTER_NOCODB_PASSWORD", "password of that super admin")
TOKEN = Secret("PASSMUSTER_NOCODB_TOKEN", "API token, instead of user and password; answers less")
_SIGN_IN, _SIGN_OUT = "/api/v1/auth/user/signin", "/api/v1/auth/user/signout"


@dataclass(frozen=True)
class Sources:
    """Where answers come from: as somebody, and without any credential."""

    signed_in: Answers
    anonymous: Answers


@contextmanager
def live_sources(
    base: BaseUrl, target: Target, warnings: list[str], *, patience: Patience, clock: Clock
) -> Iterator[Sources]:
    """Sources for the time of one collection; a session is ended afterwards. Appends to `warnings`.

    Raises UsageError where no credential was given.
    """
    user, password, token = (target.secrets.get(secret.variable, "").strip() for secret in (USER, PASSWORD, TOKEN))
    if not token and not (user and password):
        raise UsageError(f"set {USER.variable} and {PASSWORD.variable} (or {TOKEN.variable}) and try again")
    if bool(user) != bool(password):
        warnings.append(f"did not sign in: {PASSWORD.variable if user else USER.variable} is not set")
    opened: list[LiveAnswers] = []

    def answers(headers: Mapping[str, str]) -> LiveAnswers:
        made = LiveAnswers(base, headers=headers, patience=patience, clock=clock, progress=target.progress)
        opened.append(made)
        return made

    session: LiveAnswers | None = None
    try:
        anonymous = answers({})
        key = _session_key(answers({}), user, password, warnings) if user and password else ""
        session = answers({"xc-auth": key}) if key else None
        yield Sources(session or answers({"xc-token": token} if token else {}), anonymous)
    finally:
        if session is not None:
            session.ask(Request("signout", _SIGN_OUT, method="POST", json={}))
        for each in opened:
            each.close()


def _session_key(answers: LiveAnswers, user: str, password: str, warnings: list[str]) -> str:
    """The key of a new session, or empty with a warning."""
    sent = {"email": user, "password": password}
    answer = answers.ask(Request("signin", _SIGN_IN, method="POST", json=sent))
    key = text(answer.body, "token") if answer.is_ok and isinstance(answer.body, Mapping) else None
    if key:
        return key
    why = answer.problem or f"HTTP {answer.status} {message_of(answer)}".strip()
    warnings.append(f"could not sign in: {why}")
    return ""
