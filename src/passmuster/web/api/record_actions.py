"""Whether the record holds."""

from __future__ import annotations

from typing import Any

from passmuster.application.access import Action, require
from passmuster.application.auditing import keeper_signer, verify_record
from passmuster.web.api.auth import ApiRequest
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Told

record = Topic("record")
TOPICS = (record,)


class VerdictTold(Told):
    """Whether the chain, its checkpoints and all evidence hold; `broken` names the first that does not."""

    holds: bool
    broken: str
    events: int
    evidence: int


@record.reads("/record/verification", Action.EXPORT_RECORD, VerdictTold)
def verify(request: ApiRequest) -> Any:
    """Verify the whole record now; as long as it is, so long does it take."""
    require(request.auth, Action.EXPORT_RECORD)
    return verify_record(public_key=keeper_signer().public_key)
