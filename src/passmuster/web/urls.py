"""Every address of the pages and the API."""

from __future__ import annotations

from django.urls import include, path

from passmuster.web import health
from passmuster.web.views import keyboard, overview

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("keyboard/", keyboard.keyboard, name="keyboard"),
    path("health", health.health, name="health"),
    path("", include("passmuster.web.urls_account")),
    path("", include("passmuster.web.urls_people")),
    path("", include("passmuster.web.urls_programme")),
    path("", include("passmuster.web.urls_reviews")),
    path("", include("passmuster.web.urls_evidence")),
    path("", include("passmuster.web.urls_record")),
    path("", include("passmuster.web.urls_messages")),
    path("", include("passmuster.web.urls_work")),
    path("", include("passmuster.web.urls_calendar")),
    path("", include("passmuster.web.urls_changes")),
    path("api/v1/", include("passmuster.web.api.urls")),
]
