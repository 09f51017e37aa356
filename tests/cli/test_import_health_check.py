"""`passmuster packs import-health-check`: what it writes, says and refuses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

STANDARD = Path(__file__).parents[1] / "controls" / "health_check" / "standard_baseline.xml"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "passmuster.cli.main", "packs", *arguments], capture_output=True, text=True, check=False
    )


def test_a_baseline_becomes_a_pack_that_verifies(tmp_path: Path) -> None:
    made = run("import-health-check", str(STANDARD), "--out", str(tmp_path / "pack"))
    assert made.returncode == 0, made.stderr
    assert "45 controls" in made.stdout
    verified = run("verify", str(tmp_path / "pack"), "--control", "SFHC.SESSION.TIMEOUT")
    assert verified.returncode == 0, verified.stdout


def test_what_is_no_baseline_is_refused_by_name(tmp_path: Path) -> None:
    source = tmp_path / "orders.xml"
    source.write_text("<orders/>")
    refused = run("import-health-check", str(source), "--out", str(tmp_path / "pack"))
    assert refused.returncode == 2
    assert "orders.xml" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (tmp_path / "pack").exists()


def test_a_setting_nobody_knows_is_told(tmp_path: Path) -> None:
    source = tmp_path / "b.xml"
    setting = '<booleanSetting name="Brand.newSetting" compliant="true" nonCompliant="critical"/>'
    source.write_text(f"<baseline><lowRiskSecuritySettings>{setting}</lowRiskSecuritySettings></baseline>")
    made = run("import-health-check", str(source), "--out", str(tmp_path / "pack"))
    assert made.returncode == 0
    assert "Brand.newSetting" in made.stderr
