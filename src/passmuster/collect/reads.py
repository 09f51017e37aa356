"""Questions to a platform, what became of each, and tables by the verdicts of what they were made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from passmuster.collect.answers import Answer, Answers, Request
from passmuster.collect.fields import Record
from passmuster.collect.paging import Paging, read_all
from passmuster.collect.statuses import OK, Verdict, judge, judge_listing, worst
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gap, Gathered

NOT_ASKED = Verdict(CollectionStatus.UNSUPPORTED, "not asked")
PlatformSays = Callable[[Answer], Verdict | None]


@dataclass(frozen=True)
class Question:
    """A request with what it is about, what would unlock it, and how it pages (None: one answer, an object).

    `identity` names the field by which two records of a list are the same; empty where they have none.
    """

    request: Request
    what: str
    unlock: str = ""
    paging: Paging | None = None
    identity: str = ""

    @property
    def name(self) -> str:
        """The request's name, which is also the file name of a recorded answer."""
        return self.request.name


@dataclass(frozen=True)
class Read:
    """What became of one question: its verdict, the records of a list, or the body of a single answer."""

    verdict: Verdict
    items: tuple[Record, ...] = ()
    body: Any = None


@dataclass(frozen=True)
class Reads:
    """What became of all questions, by name."""

    by_name: Mapping[str, Read]

    def verdict(self, name: str) -> Verdict:
        """What became of the question of that name."""
        return self.by_name[name].verdict if name in self.by_name else NOT_ASKED

    def items(self, name: str) -> tuple[Record, ...]:
        """The records read; empty where none were."""
        return self.by_name[name].items if name in self.by_name else ()

    def body(self, name: str) -> Record:
        """The object that was answered; empty where there is none."""
        read = self.by_name.get(name)
        return read.body if read and read.verdict.is_ok and isinstance(read.body, Mapping) else {}


def read_question(answers: Answers, question: Question, *, platform_says: PlatformSays | None = None) -> Read:
    """Asks, to the last page of a list. What is not the object or list expected is an error, never empty."""
    if question.paging is None:
        answer = answers.ask(question.request)
        if answer.is_ok and not isinstance(answer.body, Mapping):
            answer = replace(answer, problem="the answer is not the object it should be; is the address right?")
        return Read(
            judge(answer, what=question.what, unlock=question.unlock, platform_says=platform_says), body=answer.body
        )
    listing = read_all(answers, question.request, question.paging)
    verdict = judge_listing(listing, what=question.what, unlock=question.unlock, platform_says=platform_says)
    records = [item for item in listing.items if isinstance(item, Mapping)]
    items = _distinct(records, question.identity) if question.identity else records
    flaw = _flaw(len(listing.items) - len(records), len(records) - len(items))
    if flaw and verdict.is_ok:
        verdict = Verdict(CollectionStatus.PARTIAL, f"{question.what}: {flaw}")
    return Read(verdict, tuple(items))


def gathered(rows: list[dict[str, Any]], *verdicts: Verdict, source: str = "", gaps: tuple[Gap, ...] = ()) -> Gathered:
    """A table by the worst verdict of what it was made from; only what was read in full is `ok` or `empty`."""
    verdict = worst(OK, *verdicts)
    if verdict.is_ok:
        return Gathered.of(rows, source=source, gaps=gaps)
    kept = rows if verdict.status is CollectionStatus.PARTIAL else []
    return Gathered(verdict.status, kept, verdict.reason, verdict.unlock, source, gaps)


def _distinct(records: list[Record], identity: str) -> list[Record]:
    """Records that can be told apart, each once; one without its identity cannot be, and is left out."""
    found: dict[str, Record] = {}
    for record in records:
        key = record.get(identity)
        if isinstance(key, str | int) and key != "":
            found.setdefault(str(key), record)
    return list(found.values())


def _flaw(odd: int, repeated: int) -> str:
    parts = [f"{odd} entries are not records"] if odd else []
    parts += [f"{repeated} records come twice or have no id"] if repeated else []
    return "; ".join(parts)
