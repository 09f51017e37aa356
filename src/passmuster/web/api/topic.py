"""The operations of one topic; each says which right it needs, and one without cannot be written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from ninja import Router
from ninja.decorators import decorate_view

from passmuster.application.access import Action
from passmuster.web.api.auth import needs
from passmuster.web.api.once import KEY_PARAMETER, never_kept, once, remember_operation

F = TypeVar("F", bound=Callable[..., Any])
_BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


@dataclass(frozen=True)
class _Operation:
    topic: str
    method: str
    path: str
    action: Action
    answers: Mapping[int, Any]
    view: Callable[..., Any]
    extra: Mapping[str, Any]
    wrap: Callable[..., Any] | None = None


class Topic:
    """Operations, collected until the API is built."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.operations: list[_Operation] = []

    def reads(self, path: str, action: Action, answer: Any) -> Callable[[F], F]:
        """A GET for those who may `action` somewhere; which rows they see is the operation's to filter."""
        return self._keep("GET", path, action, {200: answer})

    def does(
        self,
        path: str,
        action: Action,
        answer: Any = None,
        *,
        method: str = "POST",
        status: int = 0,
        has_secret: bool = False,
    ) -> Callable[[F], F]:
        """An unsafe call; on which platform it may be done, the use case checks. Without an answer it is 204.

        A POST may bear an Idempotency-Key, unless its answer `has_secret`: that is not kept.
        """
        answers = {status or (204 if answer is None else 200): answer}
        extra: dict[str, Any] = {"parameters": [KEY_PARAMETER]} if method == "POST" and not has_secret else {}
        wrap = None if method != "POST" else never_kept if has_secret else once
        return self._keep(method, path, action, answers, wrap, **extra)

    def sends_file(self, path: str, action: Action) -> Callable[[F], F]:
        """A GET whose answer is bytes, to be kept and not shown."""
        answer = {"200": {"description": "the file", "content": _BYTES}}
        return self._keep("GET", path, action, {200: None}, responses=answer)

    def _keep(
        self,
        method: str,
        path: str,
        action: Action,
        answers: Mapping[int, Any],
        wrap: Callable[..., Any] | None = None,
        **extra: Any,
    ) -> Callable[[F], F]:
        def keep(view: F) -> F:
            self.operations.append(_Operation(self.name, method, path, action, answers, view, extra, wrap))
            return view

        return keep


def router_of(topics: Iterable[Topic]) -> Router:
    """One router with all operations: methods of one path must be together, and plain paths come before patterns."""
    router = Router()
    operations = [each for topic in topics for each in topic.operations]
    for each in sorted(operations, key=lambda each: "{" in each.path):
        router.api_operation(
            [each.method],
            each.path,
            auth=needs(each.action),
            response=dict(each.answers),
            tags=[each.topic],
            openapi_extra={"x-needs": each.action.value, **each.extra},
        )(each.view)
        if each.wrap is not None:
            operation = router.path_operations[each.path].operations[-1]
            decorate_view(remember_operation)(each.view)
            operation.view_func = each.wrap(operation.view_func)
    return router
