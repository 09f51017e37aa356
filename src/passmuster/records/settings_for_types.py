"""Settings for the type checker alone: nothing is started and nothing is read."""

from __future__ import annotations

from pathlib import Path

SECRET_KEY = "not used"  # noqa: S105 - nothing is signed with it
AUTH_USER_MODEL = "records.Person"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
BASE_URL = ""
IS_SECURE = True
HOME = Path("/nowhere")
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "passmuster.records",
]
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "none"}}
