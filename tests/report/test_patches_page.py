"""The section of patches: what is told once, in which order, and that hostile names stay text."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

from passmuster.model.report import PatchReport, Provenance
from passmuster.report.html.page import write_fleet, write_patches, write_review
from passmuster.report.html.patches_view import patches_view
from tests.report import sample
from tests.report.patched import AS_OF, REPORT, URGENT, VENDORS, evil_patches
from tests.report.test_html_report import Page


def page(report: PatchReport) -> Page:
    out = StringIO()
    write_patches(report, out, provenance=Provenance("0.0.0", AS_OF))
    return Page(out.getvalue())


def test_the_same_decision_in_two_environments_is_one_line() -> None:
    lines = patches_view(REPORT)["patch_lines"]
    assert [(line.decision.advisory, line.environments) for line in lines] == [
        ("CVE-2026-1000", "crm-prod, crm-test"),
        ("CVE-2026-2000", ""),
        ("NOTICE-7", ""),
    ]
    assert [(line.due, line.is_late) for line in lines] == [
        ("2026-11-30", True),
        ("2026-12-15", False),
        ("no date", False),
    ]


def test_outcomes_are_counted_by_who_patches_worst_first() -> None:
    rows = patches_view(REPORT)["patch_outcomes"]
    assert [(row.word, row.total, row.ours, row.vendors, row.shared) for row in rows] == [
        ("3 days forensics", 2, 2, 0, 0),
        ("14 days", 1, 0, 1, 0),
        ("on upgrade", 1, 0, 0, 1),
    ]
    assert [(row.ours_width, row.vendors_width) for row in rows[:2]] == [(100.0, 0.0), (0.0, 50.0)]


def test_what_rests_on_a_guess_is_said() -> None:
    view = patches_view(REPORT)
    assert view["patch_doubts"] == (
        "2 rest on something nobody could look at, taken for the worse and 2 on what a CVSS vector suggests; each says "
        "so below."
    )
    assert view["patch_lines"][0].doubts == (
        "not known and taken for the worse: publicly exposed; read from the CVSS vector: automatable"
    )
    assert patches_view(replace(REPORT, decisions=(VENDORS,)))["patch_doubts"] == ""


def test_the_page_tells_the_whole_decision() -> None:
    text = " ".join(" ".join(page(REPORT).words).split())
    for told in (URGENT.reason, "Forensic triage", "Fetch orders", "10.13.3, 11.1.0", "listed as exploited"):
        assert told in text
    assert (
        "4 decisions by bod-26-04 1.0.0, as of 2026-12-01: 3 ours to do or shared, 1 the vendor's; 2 past due." in text
    )


def test_without_decisions_the_page_says_so_and_shows_no_empty_table() -> None:
    words = " ".join(page(PatchReport((), AS_OF, "bod-26-04 1.0.0")).words)
    assert "No advisory that is known concerns what runs here" in words
    assert "What to do" not in words


def test_a_review_and_a_fleet_carry_the_section_only_where_advisories_were_handed_over() -> None:
    for write, report in ((write_review, sample.review()), (write_fleet, sample.fleet())):
        without, with_patches = StringIO(), StringIO()
        write(report, without)  # type: ignore[operator]
        write(replace(report, patches=REPORT), with_patches)  # type: ignore[operator]
        assert 'id="patches"' not in without.getvalue()
        assert 'id="patches"' in with_patches.getvalue()
        assert 'id="plan"' in with_patches.getvalue()


def test_hostile_names_stay_text() -> None:
    found = page(evil_patches())
    assert len(found.all("script")) == 1
    assert found.all("img") == found.all("iframe") == []
    assert "<script>alert(1)</script>" in found.words
