"""Addresses of a person's messages."""

from __future__ import annotations

from django.urls import path

from passmuster.web.views import messages

urlpatterns = [
    path("messages/", messages.message_list, name="messages"),
    path("messages/read/", messages.messages_read, name="messages_read"),
    path("messages/choices/", messages.message_choices, name="message_choices"),
]
