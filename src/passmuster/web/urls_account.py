"""Signing in and one's own account; what the library offers beyond what people may do here is shut."""

from __future__ import annotations

from django.urls import include, path, re_path

from passmuster.web.views import account

urlpatterns = [
    path("me/", account.my_account, name="my_account"),
    path("me/name", account.change_name, name="change_name"),
    path("me/minutes", account.change_minutes, name="change_my_minutes"),
    path("me/tokens", account.make_token, name="make_my_token"),
    path("me/tokens/<int:pk>/revoke", account.revoke_token, name="end_my_token"),
    path("me/calendar", account.make_feed, name="make_my_feed"),
    path("me/calendar/<int:pk>/revoke", account.revoke_feed, name="end_my_feed"),
    # Addresses are an administrator's to change, passwords come by a one-time link, accounts are not tied by hand.
    re_path(
        r"^account/(?:signup|email|confirm-email(?:/[^/]+)?|password/reset|password/reset/done|password/set|"
        r"3rdparty|3rdparty/signup|social/signup|login/code)/$",
        account.ask_administrator,
    ),
    path("account/", include("allauth.urls")),
]
