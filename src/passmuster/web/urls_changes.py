"""Addresses of patches: changes, plans, vulnerabilities."""

from __future__ import annotations

from django.urls import path

from passmuster.web.views import changes, patches, vulnerabilities

urlpatterns = [
    path("changes/", changes.changes_page, name="changes"),
    path("changes/<int:pk>/", changes.change_page, name="change"),
    path("changes/<int:pk>/gates/<slug:kind>/", changes.state_gate, name="state_gate"),
    path("changes/<int:pk>/work/<slug:step>/", changes.work_change, name="work_change"),
    path("changes/<int:pk>/decide/<slug:step>/", changes.decide_change, name="decide_change"),
    path("changes/<int:pk>/emergency/", changes.emergency, name="emergency"),
    path("patches/", patches.patches_page, name="patches"),
    path("patches/propose/", patches.propose, name="propose_plan"),
    path("plans/<int:pk>/", patches.plan_page, name="plan"),
    path("plans/<int:pk>/adopt/", patches.adopt, name="adopt_plan"),
    path("vulnerabilities/", vulnerabilities.vulnerabilities_page, name="vulnerabilities"),
]
