"""The operations of one topic; each says which right it needs, and one without cannot be written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ninja import Router

from passmuster.application.access import Action
from passmuster.web.api.auth import needs

F = TypeVar("F", bound=Callable[..., Any])


class Topic:
    """A router of ninja's with rights."""

    def __init__(self, name: str) -> None:
        self.router = Router(tags=[name])

    def reads(self, path: str, action: Action, answer: Any) -> Callable[[F], F]:
        """A GET for those who may `action` somewhere; which rows they see is the operation's to filter."""
        return self._operation("GET", path, action, {200: answer})

    def does(
        self, path: str, action: Action, answer: Any = None, *, method: str = "POST", status: int = 0
    ) -> Callable[[F], F]:
        """An unsafe call; on which platform it may be done, the use case checks. Without an answer it is 204."""
        return self._operation(method, path, action, {status or (204 if answer is None else 200): answer})

    def _operation(self, method: str, path: str, action: Action, answers: dict[int, Any]) -> Callable[[F], F]:
        declare: Callable[[F], F] = self.router.api_operation(
            [method],
            path,
            auth=needs(action),
            response=answers,
            openapi_extra={"x-needs": action.value},
        )
        return declare
