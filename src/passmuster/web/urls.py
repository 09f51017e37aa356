"""Every address of the pages and the API."""

from __future__ import annotations

from django.urls import include, path

from passmuster.web.views import keyboard, overview

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("keyboard/", keyboard.keyboard, name="keyboard"),
    path("health", overview.health, name="health"),
    path("", include("passmuster.web.urls_evidence")),
    path("", include("passmuster.web.urls_record")),
    path("", include("passmuster.web.urls_reviews")),
    path("account/", include("allauth.urls")),
]
