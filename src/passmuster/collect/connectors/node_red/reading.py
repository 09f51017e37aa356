"""Asking Node-RED: which questions, as whom, and whether its answers are those of the user that was named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from passmuster.collect.answers import Answer, Answers, Request
from passmuster.collect.base_url import BaseUrl
from passmuster.collect.http import LiveAnswers
from passmuster.collect.interface import Secret, Target
from passmuster.collect.recorded import RecordedAnswers
from passmuster.collect.statuses import Verdict, judge
from passmuster.errors import UsageError
from passmuster.model.words import CollectionStatus

TOKEN = Secret("PASSMUSTER_NODE_RED_TOKEN", "a bearer token of a user with permission `read`")
USER = Secret("PASSMUSTER_NODE_RED_USER", "the name of a user with permission `read`, instead of a token")
PASSWORD = Secret("PASSMUSTER_NODE_RED_PASSWORD", "that user's password")

_V2 = {"Node-RED-API-Version": "v2"}
LOGIN = Request("auth_login", "/auth/login")
SETTINGS_ANONYMOUS = Request("settings_anonymous", "/settings")
FLOWS_ANONYMOUS = Request("flows_anonymous", "/flows")
SETTINGS = Request("settings", "/settings")
FLOWS = Request("flows_v2", "/flows", headers=_V2)
NODES = Request("nodes", "/nodes")
DIAGNOSTICS = Request("diagnostics", "/diagnostics")
_NOT_ASKED = Answer(None, problem="not asked")
_UNLOCK = "a user or token with the permission `read`"
_NOT_ACCEPTED = Verdict(
    CollectionStatus.DENIED,
    "the token was not accepted: Node-RED answered as it answers a visitor without sign-in",
    _UNLOCK,
)


@dataclass(frozen=True)
class Readings:
    """The answers of one collection. `refused` says why the credentials did not work, if so."""

    login: Answer
    settings_anonymous: Answer
    flows_anonymous: Answer
    settings: Answer
    flows: Answer
    nodes: Answer
    diagnostics: Answer
    refused: Verdict | None = None


@dataclass(frozen=True)
class _Session:
    """A token to send, and whether it is ours to revoke."""

    token: str = ""
    is_ours: bool = False
    refused: Verdict | None = None


def read_recorded(folder: Path, progress: Callable[[str], None]) -> Readings:
    """The recorded answers of a folder; raises UnreadableInput if it is none."""
    answers = RecordedAnswers(folder, progress=progress)
    name = next((name for name in ("settings", "settings_admin") if answers.has(name)), "settings")
    return _read(answers, answers, Request(name, SETTINGS.path), refused=None)


def read_live(base: BaseUrl, target: Target) -> Readings:
    """The answers of a live Node-RED, as the user the secrets name; a session opened for it is closed again."""
    visitor = LiveAnswers(base, progress=target.progress)
    try:
        session = _sign_in(visitor, target.secrets)
        if not session.token:
            return _read(visitor, visitor, SETTINGS, refused=session.refused)
        readings = _read_as_member(base, visitor, session, target)
    finally:
        visitor.close()
    return replace(readings, refused=_NOT_ACCEPTED) if is_anonymous(readings.settings) else readings


def is_anonymous(settings: Answer) -> bool:
    """Whether an answer to `GET /settings` was given to a visitor: a wrong token is not refused, it is ignored."""
    user = settings.body.get("user") if settings.is_ok and isinstance(settings.body, Mapping) else None
    return isinstance(user, Mapping) and user.get("anonymous") is True


def _read_as_member(base: BaseUrl, visitor: Answers, session: _Session, target: Target) -> Readings:
    member = LiveAnswers(base, headers={"Authorization": f"Bearer {session.token}"}, progress=target.progress)
    try:
        return _read(visitor, member, SETTINGS, refused=None)
    finally:
        if session.is_ours:
            member.ask(Request("auth_revoke", "/auth/revoke", "POST", form={"token": session.token}))
        member.close()


def _read(visitor: Answers, member: Answers, settings: Request, *, refused: Verdict | None) -> Readings:
    login = visitor.ask(LOGIN)
    settings_anonymous = visitor.ask(SETTINGS_ANONYMOUS)
    # A visitor may be allowed to read flows and nothing else; else there is no need to fetch them twice.
    flows_anonymous = _NOT_ASKED if settings_anonymous.is_ok else visitor.ask(FLOWS_ANONYMOUS)
    asked = (settings, FLOWS, NODES, DIAGNOSTICS)
    answers = [_NOT_ASKED if refused else member.ask(request) for request in asked]
    return Readings(login, settings_anonymous, flows_anonymous, answers[0], answers[1], answers[2], answers[3], refused)


def _sign_in(visitor: Answers, secrets: Mapping[str, str]) -> _Session:
    token, user, password = (secrets.get(secret.variable, "") for secret in (TOKEN, USER, PASSWORD))
    if token:
        return _Session(token)
    if bool(user) != bool(password):
        raise UsageError(f"set both {USER.variable} and {PASSWORD.variable}, or a token in {TOKEN.variable}")
    if not user:
        return _Session()
    form = {
        "client_id": "node-red-admin",
        "grant_type": "password",
        "scope": "read",
        "username": user,
        "password": password,
    }
    answer = visitor.ask(Request("auth_token", "/auth/token", "POST", form=form))
    given = answer.body.get("access_token") if answer.is_ok and isinstance(answer.body, Mapping) else None
    if isinstance(given, str) and given:
        # A token without an end is one that settings.js gives the user; it is not a session of ours.
        return _Session(given, is_ours="expires_in" in answer.body)
    verdict = judge(answer, what="sign-in, POST /auth/token", unlock=_UNLOCK)
    if verdict.is_ok:
        verdict = Verdict(CollectionStatus.ERROR, "sign-in, POST /auth/token: the answer holds no token")
    if verdict.status is CollectionStatus.UNSUPPORTED:
        verdict = Verdict(CollectionStatus.DENIED, verdict.reason, f"a token in {TOKEN.variable}")
    return _Session(refused=verdict)
