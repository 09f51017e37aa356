"""Addresses of the API; what is none of them is a problem document too, by the middleware."""

from __future__ import annotations

from django.urls import path

from passmuster.web.api.v1 import build_api

urlpatterns = [path("", build_api().urls)]
