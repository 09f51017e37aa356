"""The addresses of the record."""

from __future__ import annotations

from django.urls import path

from passmuster.web.views import handing_out, record

urlpatterns = [
    path("record/", record.record, name="record"),
    path("record/export", handing_out.record_export, name="record-export"),
    path("record/verify/", record.record_verify, name="record-verify"),
    path("record/<int:number>/", record.record_event, name="record-event"),
]
