"""The header Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): a call repeated is not done again."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja.operation import Operation

from passmuster.application.people.tokens import digest_of
from passmuster.application.working.answered_calls import Answer, Call, answer_once
from passmuster.errors import UsageError
from passmuster.web.api.auth import ApiRequest

HEADER = "Idempotency-Key"
LONGEST = 255
# In quotes, as the draft has it, blanks may stand in it; without them they may not.
_PATTERN = rf'^("[ !#-\[\]-~]{{1,{LONGEST}}}"|[!#-\[\]-~]{{1,{LONGEST}}})$'
KEY_PARAMETER = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "Bears a call that may be repeated: the same call with the same key has the same answer for a day.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST + 2, "pattern": _PATTERN},
}
_OPERATION = "passmuster_operation"
View = Callable[..., Any]


def remember_operation(run: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator of an operation's `run`: tells the request which operation answers it."""
    operation: Operation = run.__self__  # type: ignore[attr-defined]

    @wraps(run)
    def called(request: HttpRequest, **given: Any) -> Any:
        setattr(request, _OPERATION, operation)
        return run(request, **given)

    return called


def once(view: View) -> View:
    """A decorator of a view that runs after the asker is known: with the header, it is done once."""

    @wraps(view)
    def called(request: ApiRequest, *args: Any, **given: Any) -> Any:
        if HEADER not in request.headers:
            return view(request, *args, **given)
        call = Call(_asker(request), read_key(request.headers[HEADER]), _digest(request))
        answer = answer_once(call, lambda: _answered(request, view(request, *args, **given)), request.auth.now)
        return HttpResponse(answer.body, status=answer.status, content_type="application/json; charset=utf-8")

    return called


def never_kept(view: View) -> View:
    """A decorator of a view whose answer holds a secret: a key is refused, for the answer could not be given again."""

    @wraps(view)
    def called(request: ApiRequest, *args: Any, **given: Any) -> Any:
        if HEADER in request.headers:
            raise UsageError(f"{HEADER}: the answer to this call holds a secret, which is not kept; leave the key out")
        return view(request, *args, **given)

    return called


def read_key(text: str) -> str:
    """The key, in quotes or without; raises UsageError."""
    if not re.fullmatch(_PATTERN, text):
        raise UsageError(f"{HEADER}: is not 1 to {LONGEST} plain characters; a new random UUID is a good one")
    return text.strip('"')


def _answered(request: HttpRequest, result: Any) -> Answer:
    operation: Operation = getattr(request, _OPERATION)
    # The framework has no public way to make an answer of a result; the transaction must hold the answer too.
    response: Any = operation._result_to_response(request, result, operation.api.create_temporal_response(request))
    return Answer(response.status_code, response.content.decode())


def _asker(request: ApiRequest) -> str:
    token = request.headers.get("Authorization", "")
    return f"token {digest_of(token)}" if token else f"person {request.auth.person_id}"


def _digest(request: ApiRequest) -> str:
    """Of all that was asked: address and body; of a form its fields and the bytes of its files."""
    held = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type != "multipart/form-data":
        held.update(request.body)
        return held.hexdigest()
    held.update(json.dumps(sorted(request.POST.lists())).encode())
    for name in sorted(request.FILES):
        for file in request.FILES.getlist(name):
            content = hashlib.sha256()
            for part in file.chunks():
                content.update(part)
            file.seek(0)
            held.update(json.dumps([name, file.name, content.hexdigest()]).encode())
    return held.hexdigest()
