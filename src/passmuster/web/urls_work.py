"""Addresses of work in the background."""

from __future__ import annotations

from django.urls import path

from passmuster.web.views import work

urlpatterns = [
    path("work/", work.work_list, name="work"),
    path("work/<int:identity>/", work.work_page, name="work_page"),
    path("work/<int:identity>/part/", work.work_part, name="work_part"),
    path("work/<int:identity>/again/", work.work_again, name="work_again"),
]
