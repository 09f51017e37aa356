"""The lines of a review: from verdicts, questions, evidence, deviations and changes. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from passmuster.application.evidence.fitting import Holds, Piece, Wanted, fits_of
from passmuster.application.programme.review_policy import Question
from passmuster.model.keeping import DutyRole, ItemKind, ItemStatus
from passmuster.model.words import Outcome
from passmuster.pipeline.following import Verdict

Key = tuple[ItemKind, str]


@dataclass(frozen=True)
class LastTime:
    """How a line ended in the review before."""

    answer: str
    outcome: str


@dataclass(frozen=True)
class Line:
    """A line before it is written down. Who is to deal with it: an owned thing's owner, else whoever has the role."""

    kind: ItemKind
    key: str
    title: str
    detail: str = ""
    severity: str = ""
    outcome: str = ""
    status: ItemStatus = ItemStatus.OPEN
    seen: str = ""
    last_answer: str = ""
    role: DutyRole = DutyRole.PLATFORM_OWNER
    thing: tuple[str, str] = ("", "")
    person: int | None = None
    evidence: int | None = None
    """The piece of evidence that settles it."""
    is_worse: bool = False
    """Whether it passed in the review before and fails now."""


_DONE = {Outcome.PASS: ItemStatus.DONE, Outcome.NOT_APPLICABLE: ItemStatus.NOT_APPLICABLE}
# The key of the line that legal and privacy answer.
FOR_LEGAL = "ask:legal"
_ASKS = {
    Outcome.FAIL: "Decide for its findings: mend, take on, or ask for an exception.",
    Outcome.UNKNOWN: "It could not be looked at: have it unlocked, or say how it was looked at by hand.",
    Outcome.ERROR: "The control itself is broken: say what was done about it.",
    Outcome.MANUAL: "It waits for a decision in the registers: take it, or say why not.",
}
_ANSWERED_BY_PEOPLE = (Outcome.MANUAL, Outcome.PASS, Outcome.FAIL)


def control_lines(verdicts: Sequence[Verdict], last: Mapping[Key, LastTime]) -> list[Line]:
    """What looked by itself, and what asks a person; a statement of last time is asked for again."""
    lines = []
    for verdict in verdicts:
        outcome = Outcome(verdict.outcome)
        question_key = f"control:{verdict.pack}:{verdict.control}"
        former = last.get((ItemKind.QUESTION, question_key))
        is_asked = verdict.must_attest and (
            outcome in _ANSWERED_BY_PEOPLE
            or (outcome is Outcome.NOT_APPLICABLE and former is not None and former.outcome == outcome)
        )
        if is_asked:
            lines.append(_question_of(verdict, question_key, former))
        if not is_asked or outcome is Outcome.FAIL:
            lines.append(_control_line(verdict, outcome, last.get((ItemKind.CONTROL, _name(verdict)))))
    return lines


def _name(verdict: Verdict) -> str:
    return f"{verdict.pack}:{verdict.control}"


def _control_line(verdict: Verdict, outcome: Outcome, former: LastTime | None) -> Line:
    was = f" Last time: {former.outcome.replace('_', ' ')}." if former and former.outcome else ""
    return Line(
        kind=ItemKind.CONTROL,
        key=_name(verdict),
        title=f"{verdict.control} {verdict.title}"[:500],
        detail=f"{_ASKS.get(outcome, '')}{was}".strip(),
        severity=verdict.severity,
        outcome=outcome,
        status=_DONE.get(outcome, ItemStatus.OPEN),
        seen=verdict.reason,
        last_answer=former.answer if former else "",
        role=DutyRole.REVIEWER if outcome in (Outcome.UNKNOWN, Outcome.ERROR) else DutyRole.REMEDIATION_OWNER,
        thing=("control", verdict.control),
        is_worse=outcome is Outcome.FAIL and former is not None and former.outcome == Outcome.PASS,
    )


def _question_of(verdict: Verdict, key: str, former: LastTime | None) -> Line:
    return Line(
        kind=ItemKind.QUESTION,
        key=key,
        title=f"{verdict.control} {verdict.title}"[:500],
        detail="Say whether it is met, and by what you know it.",
        severity=verdict.severity,
        last_answer=former.answer if former else "",
        role=DutyRole.REVIEWER,
        thing=("control", verdict.control),
    )


def asked_lines(questions: Sequence[Question], last: Mapping[Key, LastTime], *, for_legal: Sequence[str]) -> list[Line]:
    """The house's own questions, and legal and privacy's where personal data or contracts are touched, with why."""
    lines = [_asked(question.key, question.title, question.role, last) for question in questions]
    if for_legal:
        title = "Legal and privacy: do contract, data processing and regulations still allow this use?"
        asked = _asked(FOR_LEGAL.removeprefix("ask:"), title, DutyRole.LEGAL, last)
        lines.append(replace(asked, detail=f"Asked because {', and '.join(for_legal)}."[:2000]))
    return lines


def _asked(key: str, title: str, role: DutyRole, last: Mapping[Key, LastTime]) -> Line:
    former = last.get((ItemKind.QUESTION, f"ask:{key}"))
    return Line(ItemKind.QUESTION, f"ask:{key}", title, role=role, last_answer=former.answer if former else "")


def evidence_lines(
    kinds: Sequence[str], wanted: Wanted, pieces: Sequence[Piece], last: Mapping[Key, LastTime]
) -> list[Line]:
    """Evidence of these kinds to obtain; where a piece is there that needs nobody's judgement the line is done."""
    lines = []
    for kind in kinds:
        first = next(iter(fits_of(replace(wanted, kind=kind), pieces)), None)
        holds = first is not None and first.holds is Holds.SETTLES
        former = last.get((ItemKind.EVIDENCE, f"type:{kind}"))
        lines.append(
            Line(
                kind=ItemKind.EVIDENCE,
                key=f"type:{kind}",
                title=kind.replace("_", " ").capitalize(),
                detail="" if holds else "Obtain it and add it as evidence, or say why there is none.",
                status=ItemStatus.DONE if holds else ItemStatus.OPEN,
                seen="none is kept" if first is None else first.piece.told if holds else "",
                last_answer=former.answer if former else "",
                evidence=first.piece.number if first is not None and holds else None,
            )
        )
    return lines
