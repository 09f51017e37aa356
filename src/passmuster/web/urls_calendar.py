"""Addresses of the calendar and its feeds."""

from __future__ import annotations

from django.urls import path

from passmuster.web.views import calendar

urlpatterns = [
    path("calendar/", calendar.calendar_page, name="calendar"),
    path("asked-calendar/", calendar.asked_calendar, name="asked_calendar"),
    path("calendar/subscriptions/", calendar.subscriptions, name="subscriptions"),
    path("calendar/subscriptions/<int:pk>/revoke/", calendar.revoke, name="revoke_feed"),
    path("calendar/push/", calendar.push, name="push_calendar"),
    path("calendar/feed/<str:token>.ics", calendar.feed, name="feed"),
]
