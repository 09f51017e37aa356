"""The demo: the main job on the examples that ship, from a first state to a fleet with its patches planned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from passmuster.controls.catalogue import shipped_folder
from passmuster.documents.atomic import new_folder, refuse_full
from passmuster.model.report import FleetReport, ReviewReport
from passmuster.pipeline.baselines import approve_baseline
from passmuster.pipeline.collecting import Collecting, collect
from passmuster.pipeline.evaluating import prepare_judging
from passmuster.pipeline.fleet import read_fleet, review_fleet
from passmuster.pipeline.intelligence import import_paths
from passmuster.pipeline.patching import Patching, report_patches
from passmuster.pipeline.registering import init_registers
from passmuster.pipeline.reviewing import Review, review
from passmuster.pipeline.triaging import prepare_triaging
from passmuster.snapshot.read import open_snapshot

# The examples were recorded then; judged today, everybody in them would have left long ago.
_APPROVED_AT = datetime(2026, 5, 1, 8, tzinfo=UTC)
_AS_OF = datetime(2026, 6, 15, 8, tzinfo=UTC)
_LEARNED_AT = datetime(2026, 6, 12, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Demo:
    """What the demo made."""

    report: ReviewReport
    fleet: FleetReport


def demonstrate(out: Path, *, tell: Callable[[str], None]) -> Demo:
    """Write the demo into the new folder `out`, telling each step as the command a user would type."""
    refuse_full(out)
    examples = shipped_folder("examples")
    with new_folder(out) as scratch:
        tell("passmuster collect n8n --from examples/n8n-before --out demo/before")
        collect(Collecting("n8n", path=examples / "n8n-before", platform_id="n8n:demo"), scratch / "before")
        tell("passmuster registers init demo/before --out demo/registers")
        init_registers(scratch / "before", scratch / "registers")
        tell("passmuster baseline approve demo/before --by 'Dana Demo' --reason 'state after the last review' ...")
        before = open_snapshot(scratch / "before")
        approve_baseline(
            before, scratch / "registers", by="Dana Demo", reason="state after the last review", at=_APPROVED_AT
        )
        tell("passmuster review n8n --from examples/n8n --against demo/before --as-of 2026-06-15 ...")
        judging = prepare_judging((), registers=scratch / "registers", as_of=_AS_OF)
        order = Collecting(
            "n8n",
            path=examples / "n8n",
            declared=examples / "n8n" / "declared.yaml",
            platform_id="n8n:demo",
            name="Automations",
        )
        report = review(Review(judging, order, against=scratch / "before"), scratch / "review")
        tell("passmuster intel import examples/organisation/advisories.yaml --store demo/intel --as-of 2026-06-12")
        house = examples / "organisation"
        import_paths([house / "advisories.yaml"], scratch / "intel", as_of=_LEARNED_AT)
        tell(
            "passmuster review --fleet examples/fleet.yaml --store demo/intel "
            "--components examples/organisation/components.json --calendar examples/organisation/calendar.yaml ..."
        )
        members = read_fleet(examples / "fleet.yaml", prepare_judging((), as_of=_AS_OF), progress=lambda _text: None)
        patching = Patching(
            scratch / "intel",
            prepare_triaging(as_of=_AS_OF),
            calendar=house / "calendar.yaml",
            bom=house / "components.json",
        )
        fleet = review_fleet(members, scratch / "fleet", as_of=_AS_OF, patcher=partial(report_patches, patching))
    return Demo(report, fleet)
