"""Names as an attacker would choose them, and evaluations full of them."""

from __future__ import annotations

from dataclasses import replace

from passmuster.model.results import Evaluation, Violation
from passmuster.model.words import Outcome, Severity
from tests.report import sample

NAMES = (
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",
    "=cmd|' /C calc'!A0",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\t=1+1",
    "\r\n=1+1",
    "   =1+1",
    "\u00a0=1+1",
    "＝1+1",
    "x;=HYPERLINK(1)",
    "line\n=1+1",
    "user\u202egpj.exe",
    "שלום עולם",
    "مرحبا",
    "\x00\x07\x1b[31mred\x1b[0m\x9b31m",
    "[bold red]markup[/bold red][/]",
    "👩‍👩‍👧‍👦 family",
    "lone \ud800 surrogate",
    "\u2028separator\u2029",
    "x" * 10_000,
    "",
)


def violation(number: int, name: str) -> Violation:
    """One violation whose every text is hostile."""
    return Violation(name or f"id-{number}", name, f"{name} in the detail", Severity.HIGH, f"{number:032x}")


def evaluation(copies: int = 1) -> Evaluation:
    """The sample, with one control that fails on every hostile name, and hostile words elsewhere."""
    base = sample.evaluation()
    found = tuple(violation(n, NAMES[n % len(NAMES)]) for n in range(len(NAMES) * copies))
    bad = replace(
        base.results[0],
        control="EVIL-01",
        title=NAMES[0],
        domain=NAMES[1],
        reason=NAMES[4],
        remediation="# Heading\n<script>alert(1)</script>\n\n![x](https://evil.example/x.png)\n[js](javascript:alert(1))",
        rationale="<iframe src=https://evil.example></iframe>",
        violations=found,
        violation_count=len(found),
    )
    blind = replace(bad, control="EVIL-02", outcome=Outcome.UNKNOWN, violations=(), violation_count=0, reason=NAMES[18])
    snapshot = replace(base.snapshot, name=NAMES[0], platform_id=NAMES[4], base_url="javascript:alert(1)")
    return replace(base, snapshot=snapshot, results=(bad, blind, *base.results), warnings=NAMES)
