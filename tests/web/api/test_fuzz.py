"""Every operation, with requests made from its own description: valid ones are answered, others refused in words."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import positive_data_acceptance

from passmuster.model.keeping import DutyRole
from passmuster.web.wsgi import application
from tests.keeping import make_person
from tests.web.api.house import make_house, token_of

_EXAMPLES = int(os.environ.get("PASSMUSTER_FUZZ_EXAMPLES", "4"))
_MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)


@pytest.fixture
def one_connection() -> Iterator[None]:
    """The server closes connections between requests, which would end the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("db", "one_connection")
def test_every_operation_keeps_its_promise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("passmuster.web.api.rate.CallsAMinute.allow_request", lambda *_given: True)
    make_house()
    roles = [role for role in DutyRole if role not in (DutyRole.VENDOR_CONTACT, DutyRole.AUDITOR)]
    headers = {"Authorization": f"Bearer {token_of(make_person('fuzz', *roles))}"}
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    failures, walked, answered = [], 0, Counter[int]()
    for result in schema.get_all_operations():
        operation = result.ok()
        walked += 1
        for mode in _MODES:
            strategy = operation.as_strategy(generation_mode=mode)

            @settings(
                max_examples=_EXAMPLES, deadline=None, database=None, derandomize=True,
                phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
            )  # fmt: skip
            @given(case=strategy)
            def call(case: schemathesis.Case) -> None:
                # Cursors only a list can give, years nobody plans for, and rules between facts are beyond a schema.
                for name in ("cursor", "start", "end", "due_before"):
                    case.query.pop(name, None)
                beyond = [] if case.method == "GET" else [positive_data_acceptance]
                answer = case.call_and_validate(headers=headers, excluded_checks=beyond)
                answered[answer.status_code // 100] += 1

            try:
                with transaction.atomic():
                    call()
                    transaction.set_rollback(True)
            except FailureGroup as group:
                told = (str(each).strip() + "\n" + str(each.args)[:600] for each in group.exceptions)
                failures += [f"{operation.label} ({mode.value}): {each}" for each in told]
    assert walked > 30
    assert answered[2] > walked // 2
    assert answered[4] > walked // 2
    assert not failures, "\n\n".join(failures)
