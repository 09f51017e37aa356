"""Django's settings, all from the environment; the reference is `docs/reference/settings.md`."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from passmuster.records.database import URL, django_database
from passmuster.records.home import home_of, own_secret
from passmuster.records.own_address import own_address
from passmuster.records.signing_in import oidc_apps, trusted_proxies

HOME = home_of(os.environ)
BASE_URL = own_address(os.environ)
_HOST = urlsplit(BASE_URL)
IS_SECURE = _HOST.scheme == "https"

DEBUG = False
SECRET_KEY = own_secret(HOME, "secret_key")
ALLOWED_HOSTS = [_HOST.hostname or "127.0.0.1", *(["localhost", "127.0.0.1"] if not IS_SECURE else [])]
DATABASES = {"default": django_database(os.environ[URL])}
AUTH_USER_MODEL = "records.Person"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    # The library's page of passkeys tells ages with it.
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "procrastinate.contrib.django",
    "passmuster.records",
    "passmuster.web",
]
MIDDLEWARE = [
    "passmuster.web.own_scheme.OwnScheme",
    "passmuster.web.headers.StrictHeaders",
    "passmuster.web.health.HealthFirst",
    "passmuster.web.head.HeadAsGet",
    "passmuster.web.api.problems.ProblemsForPrograms",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "passmuster.web.second_factor.SecondFactorFirst",
]
ROOT_URLCONF = "passmuster.web.urls"
WSGI_APPLICATION = "passmuster.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent.parent / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "passmuster.web.shared.on_every_page",
            ],
            # How values are shown is every page's business, a library's too.
            "builtins": ["passmuster.web.templatetags.shown"],
        },
    }
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "passmuster.web.sign_in.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "passmuster.web.sign_in.SocialAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/10m/key"}
# How many proxies before the server add to X-Forwarded-For; none are believed unless they are counted here.
ALLAUTH_TRUSTED_PROXY_COUNT = trusted_proxies(os.environ)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
# A session ends with the browser, or after its age.
ACCOUNT_SESSION_REMEMBER = False
PASSWORD_RESET_TIMEOUT = 3 * 86400
# Counts of failed sign-ins and used codes hold for every process, and after a restart.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "passmuster_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ADAPTER = "passmuster.web.sign_in.FactorAdapter"
_FORMS = "passmuster.web.factor_forms"
MFA_FORMS = {
    "authenticate": f"{_FORMS}.CodeForm",
    "reauthenticate": f"{_FORMS}.CodeAgainForm",
    "authenticate_webauthn": f"{_FORMS}.KeyForm",
    "login_webauthn": f"{_FORMS}.KeyAloneForm",
    "reauthenticate_webauthn": f"{_FORMS}.KeyAgainForm",
}
MFA_TOTP_ISSUER = "Passmuster"
# The code before and the one to come count too: people take seconds to type one, and telephones' clocks differ.
MFA_TOTP_TOLERANCE = 1
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_SECURE
# A form that leads to another host is stopped by the page's own policy; a link is not.
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": oidc_apps(os.environ)}}

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_SECURE
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_NAME = "__Host-session" if IS_SECURE else "session"
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [BASE_URL]
SECURE_HSTS_SECONDS = 365 * 86400 if IS_SECURE else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2**20

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
STATIC_URL = "/static/"
STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
SILENCED_SYSTEM_CHECKS = ["models.W042"]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"one_line": {"()": "passmuster.web.one_line.OneLine"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler"},
        "one_line": {"class": "logging.StreamHandler", "formatter": "one_line"},
    },
    # Scanners come by many names.
    "loggers": {"django.security.DisallowedHost": {"handlers": ["one_line"], "propagate": False}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
