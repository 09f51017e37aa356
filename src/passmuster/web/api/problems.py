"""Errors as problem documents (RFC 9457), whoever makes them; one place maps errors to HTTP statuses."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import IntegrityError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import HttpError, Throttled, ValidationError
from pydantic import BaseModel, ConfigDict

from passmuster.application.access import NotAllowed
from passmuster.application.looking.looking import AlreadyLooking, LookTakenOver
from passmuster.errors import (
    AlteredSnapshot,
    IncompleteRead,
    InternalFault,
    NotReady,
    OutputRefused,
    PackErrors,
    PassmusterError,
    StoreFailed,
    UnreadableInput,
    UsageError,
)
from passmuster.web.api.bodies import NotJson
from passmuster.web.lists import BrokenCursor

MEDIA_TYPE = "application/problem+json"
PREFIX = "/api/"
_STATUSES: Mapping[type[PassmusterError], int] = {
    NotAllowed: 403,
    NotReady: 409,
    AlreadyLooking: 409,
    LookTakenOver: 409,
    UsageError: 422,
    UnreadableInput: 422,
    PackErrors: 422,
    OutputRefused: 409,
    AlteredSnapshot: 409,
    IncompleteRead: 409,
    StoreFailed: 503,
    InternalFault: 500,
}
_LOG = logging.getLogger(__name__)


class Complaint(BaseModel):
    """One mistake of a request: where it is, and what."""

    model_config = ConfigDict(extra="forbid")
    at: str
    detail: str


class Problem(BaseModel):
    """A problem document of RFC 9457; `errors` tells all mistakes of the request."""

    model_config = ConfigDict(extra="forbid")
    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[Complaint] = []


def problem(status: int, detail: str, errors: Sequence[Complaint] = ()) -> HttpResponse:
    """The answer that says so."""
    told = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, errors=list(errors))
    response = HttpResponse(json.dumps(told.model_dump()), status=status, content_type=MEDIA_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="passmuster"'
    return response


def install(api: NinjaAPI) -> None:
    """Have the API answer every error so."""
    handlers: Mapping[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
        PassmusterError: _refused,
        ValidationError: _invalid,
        HttpError: _http,
        Http404: partial(_plain, 404, "there is no such thing, or it is not shown to you"),
        BrokenCursor: partial(_plain, 422, "the cursor is not one this list gave out"),
        RequestDataTooBig: partial(_plain, 413, "the body is larger than is taken; send less in one call"),
        MultiPartParserError: partial(_plain, 400, "the form is malformed; send multipart/form-data with its boundary"),
        UnreadablePostError: partial(_plain, 400, "the body ended too early; send it again"),
        SuspiciousOperation: partial(_plain, 400, "the request is malformed"),
        IntegrityError: partial(_plain, 409, "this conflicts with what is on record; read it again"),
        OperationalError: partial(_plain, 503, "the database does not answer; try again"),
        Exception: _fault,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


class ProblemsForPrograms:
    """Turns an error the framework answered by itself (no such path, wrong method) into a problem document."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; a redirect to a page is a refusal for a program."""
        response = self._get_response(request)
        if not request.path.startswith(PREFIX) or response.status_code < 300:
            return response
        if response.headers.get("Content-Type", "").startswith(MEDIA_TYPE):
            return response
        status = _status_of(request, response)
        told = problem(status, _DETAILS.get(status, HTTPStatus(status).phrase))
        if "Allow" in response.headers:
            told.headers["Allow"] = response.headers["Allow"]
        told.cookies = response.cookies
        return told


def _status_of(request: HttpRequest, response: HttpResponse) -> int:
    """The status a program is told: a redirect to a page is a refusal, one that only adds a slash leads nowhere."""
    if response.status_code >= 400:
        return response.status_code
    return 404 if response.headers.get("Location", "").partition("?")[0] == f"{request.path}/" else 403


_DETAILS = {
    400: "the request is malformed",
    403: "not allowed; set up a second factor on the pages first, or use an API token",
    404: "there is no such path; see /api/v1/openapi.json",
    405: "this path does not know the method; see the header Allow",
    500: "a fault of ours; it is in the log",
}


def _refused(_request: HttpRequest, error: PassmusterError) -> HttpResponse:
    status = next((_STATUSES[kind] for kind in type(error).__mro__ if kind in _STATUSES), 422)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        _LOG.error("an API call failed", exc_info=error)
    return problem(status, str(error))


def _invalid(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    complaints = [
        Complaint(at=".".join(str(part) for part in each["loc"]), detail=str(each["msg"])) for each in error.errors
    ]
    return problem(422, f"{len(complaints)} mistake(s) in the request", complaints)


def _http(_request: HttpRequest, error: HttpError) -> HttpResponse:
    # What reading the body raised, the framework hides behind an error of its own.
    if isinstance(error.__cause__, NotJson):
        return problem(415, str(error.__cause__))
    if isinstance(error.__cause__, UnreadableInput):
        return problem(400, str(error.__cause__))
    detail = "too many calls; wait a little" if isinstance(error, Throttled) else str(error)
    if error.status_code == HTTPStatus.UNAUTHORIZED and detail == "Unauthorized":
        detail = "send an API token: Authorization: Bearer TOKEN"
    return problem(error.status_code, detail)


def _plain(status: int, detail: str, _request: HttpRequest, _error: Exception) -> HttpResponse:
    return problem(status, detail)


def _fault(_request: HttpRequest, error: Exception) -> HttpResponse:
    _LOG.error("an API call failed", exc_info=error)
    return problem(500, "a fault of ours; it is in the log")
