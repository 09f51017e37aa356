from __future__ import annotations

import json
from datetime import timedelta

import pytest

from passmuster.application.access import NotAllowed
from passmuster.application.looking import approve_baseline, collect_platform
from passmuster.controls.catalogue import shipped_folder
from passmuster.model.keeping import CollectionState
from passmuster.records.models import AuditEvent, Evaluation, Finding, Message
from tests.keeping import NOW, actor, make_person, make_platform


@pytest.mark.usefixtures("db")
def test_a_look_is_kept_judged_and_its_findings_are_followed() -> None:
    platform = make_platform()
    owner = make_person("otto", "platform_owner", platform=platform)
    look = collect_platform(actor(owner), platform)
    print(look.error)
    assert look.state in (CollectionState.DONE, CollectionState.INCOMPLETE)
    evaluation = Evaluation.objects.get()
    print(evaluation.summary)
    assert Finding.objects.count() > 10
    for f in Finding.objects.all()[:5]:
        print(f.control, f.resource_id, f.environment, f.environment_kind, f.severity, f.owner, f.due_on, f.due_reason, f.priority, f.priority_reason)
