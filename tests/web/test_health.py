"""`/health`, for load balancers and whoever watches over the keeper."""

from __future__ import annotations

import io
import logging
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client, override_settings

from passmuster.web.one_line import OneLine


def _worker_seen(ago: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers")
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (clock_timestamp() - %s::interval)", [ago]
        )


@pytest.mark.usefixtures("db")
def test_it_tells_when_a_worker_was_seen_and_fails_without_one_only_for_who_asks_for_one() -> None:
    for ago, is_running in (("1 second", True), ("5 minutes", False)):
        _worker_seen(ago)
        answer = Client().get("/health")
        told = answer.json()
        assert (answer.status_code, told["ok"], told["is_worker_running"]) == (200, True, is_running)
        assert datetime.fromisoformat(told["worker_seen_at"]) <= datetime.now(UTC)
        answer = Client().get("/health?worker=1")
        assert (answer.status_code, answer.json()["ok"]) == ((200, True) if is_running else (503, False))


@pytest.mark.usefixtures("db")
def test_it_answers_whatever_name_the_keeper_is_called_by_and_nothing_else_does() -> None:
    log = logging.getLogger("django.security.DisallowedHost")
    (handler,) = [each for each in log.handlers if isinstance(each.formatter, OneLine)]
    assert isinstance(handler, logging.StreamHandler)
    written = io.StringIO()
    before = handler.setStream(written)
    try:
        with override_settings(ALLOWED_HOSTS=["passmuster.example.org"]):
            assert Client().get("/health", headers={"host": "127.0.0.1:8460"}).status_code == 200
            assert Client().get("/account/login/", headers={"host": "scanner.example"}).status_code == 400
    finally:
        if before is not None:
            handler.setStream(before)
    # One line a stranger, without a trace.
    assert written.getvalue() == "Invalid HTTP_HOST header: 'scanner.example'\n"
    assert not log.propagate
