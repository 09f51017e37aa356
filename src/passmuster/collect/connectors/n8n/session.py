"""Sources on a live instance: with the API key, without anything, signed in as an owner where that was asked for."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from passmuster.collect.answers import Request
from passmuster.collect.base_url import BaseUrl
from passmuster.collect.connectors.n8n.reading import Sources
from passmuster.collect.http import Clock, LiveAnswers, Patience
from passmuster.collect.interface import Secret, Target
from passmuster.collect.statuses import message_of
from passmuster.errors import UsageError

API_KEY = Secret("PASSMUSTER_N8N_API_KEY", "API key of a user who may read everything; see the scopes below")
USER = Secret("PASSMUSTER_N8N_USER", "e-mail address of an owner or administrator; with the password, asks for more")
PASSWORD = Secret("PASSMUSTER_N8N_PASSWORD", "password of that owner or administrator")


@contextmanager
def live_sources(
    base: BaseUrl, target: Target, warnings: list[str], *, patience: Patience, clock: Clock
) -> Iterator[Sources]:
    """Sources for the time of one collection; an owner's session is ended afterwards. Appends to `warnings`.

    Raises UsageError where no credential was given.
    """
    key, user, password = (target.secrets.get(secret.variable, "").strip() for secret in (API_KEY, USER, PASSWORD))
    if not key and not (user and password):
        raise UsageError(f"set {API_KEY.variable} (an API key made under Settings, n8n API) and try again")
    if bool(user) != bool(password):
        lacking = PASSWORD.variable if user else USER.variable
        warnings.append(f"did not sign in as an owner: {lacking} is not set")
    opened: list[LiveAnswers] = []

    def open_answers(headers: dict[str, str]) -> LiveAnswers:
        answers = LiveAnswers(base, headers=headers, patience=patience, clock=clock, progress=target.progress)
        opened.append(answers)
        return answers

    session: LiveAnswers | None = None
    try:
        api = open_answers({"X-N8N-API-KEY": key} if key else {})
        anonymous = open_answers({})
        if user and password:
            session = _signed_in(open_answers, user, password, warnings)
        yield Sources(api, anonymous, session)
    finally:
        if session is not None:
            session.ask(Request("logout", "/rest/logout", method="POST", json={}))
        for answers in opened:
            with suppress(OSError):
                answers.close()


def _signed_in(
    open_answers: Callable[[dict[str, str]], LiveAnswers], user: str, password: str, warnings: list[str]
) -> LiveAnswers | None:
    """A session as an owner, or None with a warning; n8n binds a session to one constant browser id."""
    session = open_answers({"browser-id": secrets.token_hex(16)})
    login = Request("login", "/rest/login", method="POST", json={"emailOrLdapLoginId": user, "password": password})
    answer = session.ask(login)
    if answer.is_ok:
        return session
    why = answer.problem or f"HTTP {answer.status} {message_of(answer)}".strip()
    warnings.append(f"could not sign in as an owner: {why}")
    return None
