from __future__ import annotations

from datetime import date, timedelta

import pytest

from passmuster.application.evidence.evidence import add_evidence, supersede_evidence
from passmuster.application.findings.deviations import Wanted, decide_deviation, request_deviation
from passmuster.application.looking.looking import collect_platform
from passmuster.application.requests.asking_vendors import Question, accept_answer, ask_vendor
from passmuster.application.requests.contracts import Paper, contract_reasons, papers_of, vendors_duty
from passmuster.application.requests.vendor_requests import answer_vendor_request, hand_in_for_request
from passmuster.application.reviews.reviewing import open_review
from passmuster.application.storage.storing import results_folder
from passmuster.errors import UsageError
from passmuster.model.evidence import EvidenceFacts, EvidenceKind
from passmuster.pipeline.following import kept_verdicts_of
from passmuster.records.models import Consultation, Evaluation, Platform, Vendor
from tests.keeping import NOW, actor, make_person, make_platform

TODAY = NOW.date()
CONTRACT, TERMS, LIST = EvidenceKind.CONTRACT, EvidenceKind.DATA_PROCESSING_TERMS, EvidenceKind.SUBPROCESSORS


@pytest.mark.parametrize(
    ("papers", "reasons"),
    [
        ([], ()),
        ([Paper(CONTRACT, "MSA")], ()),
        ([Paper(CONTRACT, "MSA", date(2026, 6, 1))], ("the contract (MSA) ended on 2026-06-01",)),
        ([Paper(CONTRACT, "MSA", date(2026, 8, 1))], ("the contract (MSA) ends on 2026-08-01",)),
        ([Paper(CONTRACT, "MSA", date(2026, 8, 2))], ()),
        # Another of its kind goes on.
        ([Paper(CONTRACT, "MSA", date(2026, 5, 1)), Paper(CONTRACT, "New MSA", date(2028, 1, 1))], ()),
        (
            [Paper(TERMS, "DPA", date(2026, 5, 1)), Paper(CONTRACT, "MSA")],
            ("the agreement on data processing (DPA) ended on 2026-05-01",),
        ),
        ([Paper(LIST, "Who", changed_on=date(2026, 5, 1))], ("the list of subprocessors (Who) changed on 2026-05-01",)),
        ([Paper(LIST, "Who", changed_on=date(2026, 4, 30)), Paper(LIST, "Old", date(2020, 1, 1))], ()),
    ],
)
def test_a_contract_is_touched_where_its_papers_end_or_changed(papers: list[Paper], reasons: tuple[str, ...]) -> None:
    asked = {"today": date(2026, 6, 1), "ends_by": date(2026, 8, 1), "changed_since": date(2026, 5, 1)}
    assert contract_reasons(papers, **asked) == reasons


def test_an_exception_from_what_the_vendor_alone_must_do_touches_the_contract() -> None:
    assert vendors_duty("VND-02", ["customer", "vendor"]) == "meeting VND-02 is the vendor's duty"
    assert [vendors_duty("X", who) for who in ([], ["shared"], ["customer"], [""])] == ["", "", "", ""]


def _kept(of: Platform, kind: EvidenceKind, **more: object) -> EvidenceFacts:
    return EvidenceFacts("Paper", kind, **{"vendor": of.vendor_id, **more})  # type: ignore[arg-type]


@pytest.fixture
def platform(db: object) -> Platform:
    return make_platform("Flows", vendor=Vendor.objects.create(name="Acme", created_at=NOW))


def test_papers_are_read_of_the_platform_and_its_vendor_and_a_list_that_is_the_same_did_not_change(
    platform: Platform,
) -> None:
    anna = actor(make_person("anna", "approver"))
    add_evidence(anna, [b"c"], name="c.txt", facts=_kept(platform, CONTRACT, platform=platform.pk, expires_on=TODAY))
    first = add_evidence(anna, [b"one"], name="l.txt", facts=_kept(platform, LIST))
    add_evidence(
        anna, [b"o"], name="o.txt", facts=_kept(platform, LIST, vendor=None, platform=make_platform("Else").pk)
    )
    same = supersede_evidence(anna, first, [b"one"], name="l.txt", facts=_kept(platform, LIST), why="looked again")
    assert papers_of(platform) == (Paper(CONTRACT, "Paper", TODAY), Paper(LIST, "Paper"))
    supersede_evidence(anna, same, [b"two"], name="l.txt", facts=_kept(platform, LIST), why="one more")
    assert papers_of(platform)[1] == Paper(LIST, "Paper", changed_on=TODAY)


def test_a_contract_that_the_vendor_sent_says_nothing_before_it_was_accepted(platform: Platform) -> None:
    assert platform.vendor is not None
    rita = actor(make_person("rita", "reviewer"))
    vera = actor(make_person("vera", "vendor_contact", vendor=platform.vendor))
    request = ask_vendor(rita, Question(platform.vendor, "The contract, please", platform=platform))
    hand_in_for_request(vera, request, [b"c"], name="c.txt", facts=_kept(platform, CONTRACT))
    answer_vendor_request(vera, request, "Here.")
    assert papers_of(platform) == ()
    accept_answer(rita, request)
    assert papers_of(platform) == (Paper(CONTRACT, "Paper"),)


def test_legal_is_heard_on_an_exception_while_the_processing_terms_have_ended(platform: Platform) -> None:
    ask, anna = make_person("ask", "reviewer"), make_person("anna", "approver")
    make_person("lea", "legal")
    wanted = Wanted("IAM-01", "for a while", ask, TODAY + timedelta(days=9), platform=platform)
    soon = TODAY + timedelta(days=30)
    add_evidence(actor(anna), [b"c"], name="c.txt", facts=_kept(platform, TERMS, expires_on=soon))
    request_deviation(actor(ask), wanted)
    assert not Consultation.objects.exists()
    late = NOW + timedelta(days=30)
    wanted = Wanted("IAM-01", "for a while", ask, late.date() + timedelta(days=9), platform=platform)
    deviation = request_deviation(actor(ask, now=late), wanted)
    because = Consultation.objects.get().because
    assert because == f"the agreement on data processing (Paper) ended on {soon}, which Flows rests on"
    with pytest.raises(UsageError, match="consulted first"):
        decide_deviation(actor(anna, now=late), deviation, is_approved=True, reason="fine")
    review = open_review(actor(ask), platform, "q", because="x")
    # Reviews look ahead.
    assert f"(Paper) ends on {soon}" in review.items.get(key="ask:legal").detail


def test_whose_duty_a_control_is_comes_from_the_last_look(platform: Platform) -> None:
    ask = make_person("ask", "reviewer")
    make_person("lea", "legal")
    collect_platform(actor(ask), platform)
    verdicts = kept_verdicts_of(results_folder(Evaluation.objects.get()))
    assert {"vendor", "customer", "shared"} >= {each.responsibility for each in verdicts} > {"customer"}
    for control in ("IAM-01", "VND-02"):
        request_deviation(actor(ask), Wanted(control, "for a while", ask, TODAY + timedelta(days=9), platform=platform))
    asked = Consultation.objects.values_list("deviation__control", "because")
    assert list(asked) == [("VND-02", "meeting VND-02 is the vendor's duty")]
