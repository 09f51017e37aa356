"""Having the record verified."""

from __future__ import annotations

from typing import Any

from passmuster.application.access import Action
from passmuster.application.asking import ask_for_verification
from passmuster.web.api.auth import ApiRequest
from passmuster.web.api.messages import WorkTold
from passmuster.web.api.topic import Topic

record = Topic("record")
TOPICS = (record,)


@record.does("/record/verify", Action.READ_RECORD, WorkTold, status=202)
def verify(request: ApiRequest) -> Any:
    """Have the whole record verified, in the background; whether it holds is the work's result."""
    return ask_for_verification(request.auth)
