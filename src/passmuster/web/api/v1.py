"""Version 1 of the API: its topics, and its description by OpenAPI 3.1."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from passmuster.web.api import (
    asked,
    calendar,
    changes,
    changes_actions,
    consultations,
    deviations_actions,
    evidence,
    evidence_actions,
    finding_counts,
    findings,
    findings_actions,
    in_bulk,
    looking,
    looking_actions,
    messages,
    messages_actions,
    overview,
    people,
    people_actions,
    pictures,
    plans_actions,
    platforms_actions,
    programme,
    programme_actions,
    record,
    record_actions,
    reviews,
    reviews_actions,
    tickets,
    times,
    vendor_requests,
    vulnerabilities,
)
from passmuster.web.api.bodies import JsonBodies
from passmuster.web.api.description import describe
from passmuster.web.api.problems import install
from passmuster.web.api.rate import CallsAMinute
from passmuster.web.api.topic import router_of

CALLS_A_MINUTE = 600
_MODULES = (
    *(overview, pictures),
    *(programme, programme_actions, platforms_actions, times, people, people_actions, looking, looking_actions),
    *(reviews, reviews_actions, asked, vendor_requests, findings, finding_counts, findings_actions, deviations_actions),
    tickets,
    *(changes, changes_actions, consultations, plans_actions, vulnerabilities, evidence, evidence_actions),
    *(record, record_actions, messages, messages_actions, calendar, in_bulk),
)


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
        parser=JsonBodies(),
    )
    install(api)
    api.add_router("", router_of(topic for module in _MODULES for topic in module.TOPICS))
    return api
