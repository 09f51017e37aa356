import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO
from itertools import pairwise

import pytest

from passmuster.model.report import FleetReport, ReviewReport
from passmuster.report.html import write_fleet, write_review
from passmuster.report.html.review_view import MOST_RESOURCES
from tests.report import hostile, sample
from tests.report.registered import evil_registers

VOID = {"meta", "link", "input", "img", "br", "hr"}


class Page(HTMLParser):
    """What a page is made of; fails on tags that do not close in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = text
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.contents: dict[str, list[str]] = {"style": [], "script": []}
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in self.contents:
            self.contents[self.open[-1]].append(data)
        else:
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def render(report: ReviewReport | FleetReport) -> str:
    out = StringIO()
    if isinstance(report, FleetReport):
        write_fleet(report, out)
    else:
        write_review(report, out)
    return out.getvalue()


def evil_review() -> ReviewReport:
    review = sample.review()
    rows = tuple((name, None, True) for name in hostile.NAMES)
    item = replace(review.inventory[1], columns=("Name", "Owner", "Active"), rows=rows)
    edges = tuple(replace(sample.flows().edges[0], app=name, target=name, source=name) for name in hostile.NAMES)
    statement = replace(
        review.declared[0], row={"x": hostile.NAMES[0]}, said_by=hostile.NAMES[1], source=hostile.NAMES[2]
    )
    return replace(
        review,
        evaluation=hostile.evaluation(),
        inventory=(item,),
        flows=replace(sample.flows(), edges=edges),
        declared=(statement,),
        registers=evil_registers(tuple(hostile.NAMES)),
    )


def bare_review() -> ReviewReport:
    evaluation = replace(sample.evaluation(), results=(), tables=(), unlocks=(), warnings=(), packs=())
    return ReviewReport(evaluation, sample.review().provenance)


PAGES = {
    "rich": sample.review(),
    "hostile": evil_review(),
    "bare": bare_review(),
    "fleet": sample.fleet(),
    "empty fleet": FleetReport(sample.AS_OF, ()),
}


@pytest.fixture(params=PAGES, ids=lambda name: name.replace(" ", "-"))
def page(request: pytest.FixtureRequest) -> Page:
    return Page(render(PAGES[request.param]))


def test_the_policy_allows_exactly_the_page_s_own_style_and_script(page: Page):
    (policy,) = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    for tag in ("style", "script"):
        assert len(page.all(tag)) == 1
        digest = hashlib.sha256("".join(page.contents[tag]).encode()).digest()
        assert f"{tag}-src 'sha256-{base64.b64encode(digest).decode()}'" in str(policy)
    assert "default-src 'none'" in str(policy)
    assert "unsafe" not in str(policy)


def test_nothing_is_loaded_from_anywhere(page: Page):
    for tag, attrs in page.tags:
        assert tag not in ("img", "iframe", "object", "embed", "base", "form", "audio", "video", "image", "use")
        assert "src" not in attrs
        assert "srcset" not in attrs
        if tag == "link":
            assert attrs["href"] == "data:,"
    style = "".join(page.contents["style"])
    assert "@import" not in style
    assert set(re.findall(r"url\(([^)]*)\)", style)) <= {"#hatch", "#dots"}


def test_no_attribute_carries_style_or_code(page: Page):
    for _, attrs in page.tags:
        assert not any(name == "style" or name.startswith("on") for name in attrs)
        assert not str(attrs.get("href") or "").lower().startswith("javascript:")


def test_headings_go_down_one_level_at_a_time_under_one_h1(page: Page):
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


def test_ids_are_unique_and_every_inner_link_has_a_target(page: Page):
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    inner = {str(a["href"])[1:] for a in page.all("a") if str(a.get("href")).startswith("#")}
    assert inner <= set(ids)


def test_the_page_has_landmarks_a_language_and_a_way_to_skip(page: Page):
    tags = [tag for tag, _ in page.tags]
    assert {"header", "nav", "main", "footer"} <= set(tags)
    assert page.all("html") == [{"lang": "en"}]
    assert page.all("a")[0]["href"] == "#main"


def test_hostile_names_are_shown_as_text_without_control_characters():
    page = Page(render(evil_review()))
    text = "".join(page.words)
    assert "<script>alert(1)</script>" in text
    assert "[U+202E]" in text
    assert "(10,000 characters)" in text
    assert "x" * 1000 not in page.text
    assert "{{ 7 * 7 }}" in text
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", page.text)
    assert len(page.all("script")) == 1


def test_a_pack_s_text_keeps_its_lists_and_loses_its_markup():
    text = render(evil_review())
    assert "# Heading" in text
    assert "<iframe" not in text
    assert "<img" not in text
    assert "<ol>" in render(sample.review())


def test_five_thousand_violations_are_counted_and_a_page_s_worth_is_shown():
    report = replace(sample.review(), evaluation=hostile.evaluation(copies=200))
    text = render(report)
    assert "5,000 resources" in text
    assert f"{5000 - MOST_RESOURCES:,} more resources; all of them are in" in text
    assert len(text) < 400_000


def test_the_executive_finds_answered_fails_changes_and_first_steps_at_the_top():
    text = render(sample.review())
    top = text[text.index('id="short"') : text.index('id="domains"')]
    for words in ("Answered 29 of 42 controls that apply", "4 critical", "Since last time", "Do first", sample.LOGS):
        assert words in top
    assert top.count("<li><span>") == 3


def test_every_control_is_somewhere_on_the_page():
    text = render(sample.review())
    for result in sample.evaluation().results:
        assert f"<code>{result.control}</code>" in text


def test_the_auditor_finds_the_digests_packs_times_and_who_said_what():
    text = render(sample.review())
    for words in (
        sample.snapshot().id,
        "no-code-baseline 1.0.0",
        "manifest.json",
        "2026-06-01 07:42 UTC",
        "ticket OPS-1182",
    ):
        assert words in text


def test_same_ids_of_controls_in_two_packs_get_different_anchors():
    evaluation = sample.evaluation()
    twin = replace(evaluation.results[0], pack="another")
    report = replace(sample.review(), evaluation=replace(evaluation, results=(*evaluation.results, twin)))
    ids = re.findall(r'id="(c-[^"]*)"', render(report))
    assert len(ids) == len(set(ids))


def test_registers_are_indexed_and_what_falls_short_is_counted():
    text = render(sample.review())
    for words in (
        'Keys and certificates</a><span class="mild">5, 2 falling short, 1 with something not known',
        "Logged; rest not known: 1. Not logged: 1. Not known: 3.",
        "kept 30 of 365 days",
        "4 gaps, 8 open questions",
        "adequacy decision",
    ):
        assert words in text


def test_long_registers_are_cut_and_counted():
    review = sample.review()
    assert review.registers
    sheet = review.registers.sheets[0]
    many = replace(sheet, rows=sheet.rows * 2000, marks=sheet.marks * 2000, count=10_000)
    text = render(replace(review, registers=replace(review.registers, sheets=(many,))))
    assert "9,975 more rows; see <code>registers.xlsx</code>" in text
    assert text.count("young key") == 5


def test_a_report_without_vendors_says_how_to_start():
    review = sample.review()
    assert review.registers
    text = render(replace(review, registers=replace(review.registers, vendors=())))
    assert "No vendor&#39;s file names this platform" in text or "No vendor's file names this platform" in text
