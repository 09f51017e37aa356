"""The WSGI application; the database must be named in the environment before it is imported."""

from __future__ import annotations

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
