"""Every address of the pages and the API."""

from __future__ import annotations

from django.urls import include, path

from passmuster.web.views import overview

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("health", overview.health, name="health"),
    path("account/", include("allauth.urls")),
    path("api/v1/", include("passmuster.web.api.urls")),
]
