"""The story of the two examples: a review names exactly what was planted, and does not accuse what is in order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import EXAMPLES, run

AS_OF = "2026-11-26T00:00:00Z"
DIRECTUS = {
    "CON-10": {"ledger.example.org"},
    "DAT-04": {"customers"},
    "DAT-05": {"enquiries"},
    "EXP-02": {"Public intake"},
    "IAM-01": {"the platform"},
    "IAM-04": {"Admin User", "Nell"},
    "IAM-07": {"directus_settings.auth_login_attempts"},
    "IAM-09": {"env.REFRESH_TOKEN_COOKIE_SECURE"},
    "LOG-05": {"recorded"},
    "LOG-06": {"admin audit of recorded"},
    "NHI-09": {"Nightly export: send"},
}
NOCODB = {
    "CON-10": {"desk.example.org"},
    "DAT-04": {"Events: Dates", "Sales: Customers"},
    "EXP-02": {"Sales"},
    "IAM-01": {"the platform"},
    "IAM-04": {"admin@example.org", "maker@example.org", "stranger@example.org"},
    "NHI-02": {"loader, for ever"},
    "NHI-04": {"Ledger database"},
    "NHI-09": {"Sales: Tell the desk"},
    "PRV-01": {"recorded"},
}
# What must not be accused, because somebody looked at it and it is in order.
IN_ORDER = {
    "directus": {"ADD-06", "APP-01", "EXP-03", "KEY-04", "LOG-01", "LOG-03", "NHI-04", "PRV-08", "PRV-10"},
    "nocodb": {"ADD-06", "APP-01", "DAT-05", "EXP-03", "KEY-04", "NHI-03"},
}
NOT_KNOWN = {"directus": {"NHI-02", "NHI-03", "PAT-01"}, "nocodb": {"LOG-01", "BCK-01"}}


@pytest.fixture(scope="module", params=["directus", "nocodb"])
def reviewed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    kind, out = str(request.param), tmp_path_factory.mktemp("review") / "out"
    source = EXAMPLES / kind
    more = ["--declared", source / "declared.yaml", "--as-of", AS_OF]
    done = run("review", kind, "--from", source, "--out", out, *more)
    assert done.returncode in (0, 3), done.stderr
    results = json.loads((out / "evaluation.json").read_text(encoding="utf-8"))["results"]
    return kind, {result["control"]: result for result in results}


def test_exactly_what_was_planted_fails(reviewed: tuple[str, dict[str, Any]]) -> None:
    kind, results = reviewed
    found = {name: _shown(result) for name, result in results.items() if result["status"] == "fail"}

    assert found == (DIRECTUS if kind == "directus" else NOCODB)


def test_what_is_in_order_passes_and_what_nobody_can_tell_is_unknown(reviewed: tuple[str, dict[str, Any]]) -> None:
    kind, results = reviewed

    assert {results[name]["status"] for name in IN_ORDER[kind]} == {"pass"}
    assert {results[name]["status"] for name in NOT_KNOWN[kind]} == {"unknown"}


def _shown(result: dict[str, Any]) -> set[str]:
    """Names of what is in violation; a door is known by the app it belongs to."""
    if result["control"] == "EXP-02":
        return {each["detail"].partition(", app ")[2].partition(",")[0] for each in result["resources"]}
    return {each["name"] for each in result["resources"]}


def test_a_review_keeps_nothing_secret_of_either(tmp_path: Path) -> None:
    for kind in ("directus", "nocodb"):
        run("review", kind, "--from", EXAMPLES / kind, "--out", tmp_path / kind, "--as-of", AS_OF)
        for path in (tmp_path / kind).rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                planted = (b"EXAMPLE-token", b"EXAMPLE-uuid", b"EXAMPLE-invite", b"EXAMPLE-not-a-real-key")
                assert not [canary for canary in planted if canary in content], path.name
