"""What the shipped controls make of the example instance of ServiceNow: the planted weaknesses, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from passmuster.collect.connectors.servicenow.connector import ServiceNow
from passmuster.collect.interface import Target
from passmuster.model.results import ControlResult
from passmuster.pipeline.evaluating import judge, prepare_judging
from passmuster.snapshot.read import open_snapshot
from passmuster.snapshot.write import write_snapshot
from tests.collect.servicenow_tables import EXAMPLE

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PLANTED = {
    "APP-01": ["Nightly stock export"],  # its owner is disabled
    "CON-10": ["rates.example.net"],  # in clear text
    "DAT-04": ["x_kessel_orders_order"],  # an access rule for the role public
    "EXP-02": ["/api/x_kessel/orders/inbox"],  # asks nobody to sign in
    "IAM-02": ["kessel"],  # local sign-in beside single sign-on
    "IAM-05": ["System Administrator"],  # codes, no phishing-resistant factor
    "IAM-07": ["sysevent_script_action.user_lockout_check.active"],
    "IAM-09": ["sys_properties.glide.ui.rotate_sessions"],
    "IAM-10": ["Farid Nour"],  # dormant
    "IAM-13": ["Lim Wei (Partner)"],  # without an end
    "KEY-02": ["0427d5abea3a431f17508c7ed8938223"],  # a certificate that ends in two weeks
    "LOG-03": ["sign in of kessel"],  # kept for a month
    "NHI-02": ["Monitoring key"],
    "NHI-03": ["Mail provider", "Monitoring key", "Order portal"],
    "NHI-09": ["OrderUtil: OrderUtil"],  # a token in a script
    "NHI-10": ["sys_properties.glide.oauth.inbound.ropc.grant_type.disabled"],
    "PRV-02": ["Ada Kessel: admin", "Bruno Hale: x_kessel_orders.admin", "System Administrator: admin"],
    "PRV-08": ["ERP integration"],
    "PRV-10": ["Elena Park"],
    "VND-06": ["plugins.com.snc.snc_access_control"],
}
GOOD = {"EXP-08", "IAM-04", "PRV-01", "PRV-05", "LOG-01", "DAT-05", "CFG-04"}


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, ControlResult]]:
    """Verdicts by pack and control, of both packs together."""
    snapshot = tmp_path_factory.mktemp("story") / "snapshot"
    snapshot.mkdir()
    write_snapshot(ServiceNow().collect(Target(path=EXAMPLE)), snapshot, started_at=NOW, taken_at=NOW)
    found: dict[str, dict[str, ControlResult]] = {"alone": {}}
    for packs in (("no-code-baseline",), ("no-code-baseline", "servicenow-hardening")):
        for result in judge(open_snapshot(snapshot), prepare_judging(packs, as_of=NOW)).results:
            found.setdefault("alone" if len(packs) == 1 else result.pack, {})[result.control] = result
    return found


def test_exactly_what_was_planted_fails(verdicts: dict[str, dict[str, ControlResult]]) -> None:
    failed = {
        name: sorted(v.name for v in r.violations) for name, r in verdicts["alone"].items() if r.outcome == "fail"
    }
    assert failed == PLANTED


def test_what_is_in_order_passes_and_nothing_breaks(verdicts: dict[str, dict[str, ControlResult]]) -> None:
    passed = {name for name, result in verdicts["alone"].items() if result.outcome == "pass"}
    assert passed >= GOOD
    assert [
        name for results in verdicts.values() for name, result in results.items() if result.outcome == "error"
    ] == []


def test_a_change_that_came_by_an_update_set_is_not_called_made_by_hand(
    verdicts: dict[str, dict[str, ControlResult]],
) -> None:
    assert verdicts["alone"]["CFG-02"].outcome == "unknown"


def test_beside_the_hardening_pack_the_same_setting_is_told_once(verdicts: dict[str, dict[str, ControlResult]]) -> None:
    baseline, hardening = verdicts["no-code-baseline"], verdicts["servicenow-hardening"]
    for below, above in (("IAM-09", "SN-SESS-21"), ("NHI-10", "SN-AUTH-04"), ("VND-06", "SN-AC-79")):
        assert (baseline[below].outcome, baseline[below].reason) == ("not_applicable", f"told by {above}")
        assert [v.id for v in hardening[above].violations] == PLANTED[below]
    ids = [
        v.id for results in (baseline, hardening) for r in results.values() for v in r.violations if "sys_prop" in v.id
    ]
    assert len(ids) == len(set(ids))


def test_settings_in_the_wrong_way_fail_by_name_and_absent_ones_by_their_default(
    verdicts: dict[str, dict[str, ControlResult]],
) -> None:
    hardening = verdicts["servicenow-hardening"]
    told = {v.id.removeprefix("sys_properties."): v.detail for r in hardening.values() for v in r.violations}
    assert told["glide.ui.session_timeout"] == "is 120; should be at most 60 minutes"
    assert told["glide.basicauth.required.wsdl"] == "is false; should be true"
    assert told["glide.enforce_security_scope.x_kessel_orders"].startswith("is false")
    assert told["glide.authenticate.sso.saml2.clockskew"] == "is not set; should be at most 59 s"
    outcomes = {name: result.outcome for name, result in hardening.items()}
    assert outcomes["SN-VAL-20"] == "pass"  # glide.export.escape_formulas, whose default would fail
    assert outcomes["SN-AC-31"] == "unknown"  # glide.script.secure.ajaxgliderecord, whose default is not documented
    assert outcomes["SN-AC-07"] == "unknown"  # of an application that may not be there
    assert outcomes["SN-ARC-13"] == "not_applicable"  # for those who host it themselves
    assert outcomes["SN-ARC-01"] == "manual"  # empty, and a person has to say so
