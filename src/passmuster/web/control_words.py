"""What a finding's control says: why it matters, and how it is mended."""

from __future__ import annotations

from passmuster.application.storage.storing import results_folder
from passmuster.errors import PassmusterError
from passmuster.pipeline.following import Verdict, kept_verdicts_of
from passmuster.records.models import Evaluation, Finding


def verdict_of(finding: Finding) -> Verdict | None:
    """The finding's control in the newest evaluation; None where that has it no longer, or cannot be read."""
    evaluation = Evaluation.objects.filter(collection__platform=finding.platform_id).order_by("-pk").first()
    if evaluation is None:
        return None
    try:
        verdicts = kept_verdicts_of(results_folder(evaluation))
    except PassmusterError:
        return None
    return next((each for each in verdicts if (each.pack, each.control) == (finding.pack, finding.control)), None)
