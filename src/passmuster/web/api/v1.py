"""Version 1 of the API: its topics, and its description by OpenAPI 3.1."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from passmuster.web.api import changes, evidence, findings, looking, messages, people, programme, record, reviews
from passmuster.web.api.description import describe
from passmuster.web.api.problems import install
from passmuster.web.api.rate import CallsAMinute

CALLS_A_MINUTE = 600
_TOPICS = (programme, people, looking, reviews, findings, changes, evidence, record, messages)


class _Api(NinjaAPI):
    def get_openapi_schema(self, **given: Any) -> OpenAPISchema:
        return describe(super().get_openapi_schema(**given))


def build_api() -> NinjaAPI:
    """The API, with every topic."""
    api = _Api(
        title="Passmuster",
        version="1",
        description="What the pages show and do, for programs. Lists page by cursor; errors are problem documents.",
        docs_url=None,
        urls_namespace="api",
        throttle=CallsAMinute(CALLS_A_MINUTE),
    )
    install(api)
    for topic in _TOPICS:
        for each in topic.TOPICS:
            api.add_router("", each.router)
    return api
