"""Django's view of the records."""

from __future__ import annotations

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """The one app with tables of ours."""

    name = "passmuster.records"
    label = "records"
    default_auto_field = "django.db.models.BigAutoField"
