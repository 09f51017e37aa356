"""The addresses of evidence."""

from __future__ import annotations

from django.urls import path

from passmuster.web.views import evidence

urlpatterns = [
    path("evidence/", evidence.evidence_list, name="evidence"),
    path("evidence/new/", evidence.evidence_new, name="evidence-new"),
    path("evidence/<int:number>/", evidence.evidence_detail, name="evidence-detail"),
    path("evidence/<int:number>/link/", evidence.evidence_link, name="evidence-link"),
    path("evidence/<int:number>/supersede/", evidence.evidence_supersede, name="evidence-supersede"),
    path("evidence/<int:number>/file/", evidence.evidence_file, name="evidence-file"),
]
