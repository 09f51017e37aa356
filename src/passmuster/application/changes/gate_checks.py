"""Whether a gate's condition holds, and in which words. Pure: conditions over times and statements, no boxes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from passmuster.application.changes.gate_times import NOTED, STATEMENT, Begun, read_time, span, spell
from passmuster.model.keeping import ChangeStatus, GateKind, GateStatus


@dataclass(frozen=True)
class Copy:
    """A backup or an export, as a look or a person told of it; `noted_at`: when a person wrote it down."""

    taken_at: datetime
    source: str
    is_export: bool = False
    restored_at: datetime | None = None
    is_restore_ok: bool | None = None
    noted_at: datetime | None = None

    def late(self, moment: datetime) -> str:
        """What is said of a time of it that was written down later."""
        return Begun(moment, self.noted_at).told(STATEMENT)


@dataclass(frozen=True)
class Earlier:
    """The same patch in the environment before, or the test of what the vendor will change.

    `noted_at`: when somebody wrote down that it was deployed at `deployed_at`; `seen_at`: when a look showed that.
    """

    name: str
    status: ChangeStatus
    deployed_at: datetime | None = None
    verified_by: str = ""
    noted_at: datetime | None = None
    verified_told: str = ""
    seen_at: datetime | None = None

    @property
    def begun(self) -> Begun | None:
        """What a soak counts from; None where it was not deployed."""
        return Begun(self.deployed_at, self.noted_at, self.seen_at) if self.deployed_at else None


@dataclass(frozen=True)
class Stated:
    """What a person stated: the facts by name, when and by whom it was written down."""

    facts: Mapping[str, Any]
    at: datetime
    by: str
    has_evidence: bool = False


@dataclass(frozen=True)
class GateFacts:
    """All a condition may ask. `test` is what was stated of the test, for the soak.

    `approvals` are the addresses of those who approved, `names` what people with an address are called. `needs_proof`:
    it could have run in an environment before and did not, so a test elsewhere is proved, not said.
    """

    now: datetime
    stated: Stated | None = None
    test: Stated | None = None
    earlier: Earlier | None = None
    copies: Sequence[Copy] = ()
    window_start_at: datetime | None = None
    approvals: Sequence[str] = ()
    approved_elsewhere: str = ""
    needs_proof: bool = False
    names: Mapping[str, str] = field(default_factory=dict)

    def name_of(self, address: str) -> str:
        """What whoever has the address is called; the address itself where that is not known."""
        return self.names.get(address) or address


@dataclass(frozen=True)
class GateVerdict:
    """Whether the condition holds, and why or why not. `holds_from`: when it will by itself, where time alone helps."""

    status: GateStatus
    words: str
    holds_from: datetime | None = None


def check_gate(kind: GateKind, requirement: Mapping[str, Any], facts: GateFacts) -> GateVerdict:
    """The verdict on one gate."""
    return _CHECKS[kind](requirement, facts)


def _met(words: str) -> GateVerdict:
    return GateVerdict(GateStatus.MET, words)


def _open(words: str, holds_from: datetime | None = None) -> GateVerdict:
    return GateVerdict(GateStatus.OPEN, words, holds_from)


def _failed(words: str) -> GateVerdict:
    return GateVerdict(GateStatus.FAILED, words)


_WENT_BADLY = ("failed", "traces_found")
_CANCELLED = "cancelled; a new plan makes it again"
_WENT_WRONG = (ChangeStatus.FAILED, ChangeStatus.ROLLED_BACK, ChangeStatus.REGRESSED)


def _tested(requirement: Mapping[str, Any], facts: GateFacts) -> GateVerdict:
    earlier = facts.earlier
    if earlier is None:
        return _tested_elsewhere(requirement, facts)
    if facts.stated is not None and facts.stated.facts.get("result") in _WENT_BADLY:
        # It may run there at the right version, and yet somebody saw it misbehave.
        return _result(requirement, facts, missing="")
    if earlier.status in _WENT_WRONG:
        return _failed(f"{earlier.name}: {_word(earlier.status)}")
    if earlier.status is ChangeStatus.VERIFIED:
        told = f"; {earlier.verified_told}" if earlier.verified_told else ""
        return _met(f"{earlier.name}: verified by {_word(earlier.verified_by)}{told}")
    if earlier.status is ChangeStatus.CANCELLED:
        return _open(f"{earlier.name}: {_CANCELLED}")
    return _open(f"{earlier.name}: {_word(earlier.status)}, not verified yet")


def _tested_elsewhere(requirement: Mapping[str, Any], facts: GateFacts) -> GateVerdict:
    if not facts.needs_proof:
        return _result(requirement, facts, missing="there is no earlier environment; state the result of a test")
    proof = "it runs in no earlier environment though there is one; state the result of a test, with evidence"
    verdict = _result(requirement, facts, missing=proof)
    is_said = facts.stated is not None and not facts.stated.has_evidence
    return _open(f"{verdict.words}; {proof}") if is_said and verdict.status is GateStatus.MET else verdict


def _result(_requirement: Mapping[str, Any], facts: GateFacts, *, missing: str) -> GateVerdict:
    stated = facts.stated
    if stated is None:
        return _open(missing)
    told = f"{_word(str(stated.facts.get('result', '')))}, says {stated.by}" + (
        ", with evidence" if stated.has_evidence else ""
    )
    return _failed(told) if stated.facts.get("result") in _WENT_BADLY else _met(told)


def _triaged(requirement: Mapping[str, Any], facts: GateFacts) -> GateVerdict:
    verdict = _result(requirement, facts, missing="look for traces of misuse before anything is changed")
    found = facts.stated.facts.get("found", ()) if facts.stated else ()
    before = "; ".join(f"{_word(each['result'])}, said {each['by']} before: {each['note'][:200]}" for each in found)
    return replace(verdict, words=f"{verdict.words}; {before}") if before else verdict


def _preview(requirement: Mapping[str, Any], facts: GateFacts) -> GateVerdict:
    if facts.earlier is not None and facts.stated is None:
        return _tested(requirement, facts)
    return _result(requirement, facts, missing="not tried in the vendor's preview yet")


def _soaked(requirement: Mapping[str, Any], facts: GateFacts) -> GateVerdict:
    hours = float(requirement["soak_hours"])
    rule = _counts_from(requirement)
    begun = facts.earlier.begun if facts.earlier else Begun(facts.test.at) if facts.test else None
    if facts.earlier and facts.earlier.status in _WENT_WRONG:
        return _failed(f"{facts.earlier.name}: {_word(facts.earlier.status)}")
    if facts.earlier and facts.earlier.status is ChangeStatus.CANCELLED:
        return _open(f"{facts.earlier.name}: {_CANCELLED}")
    if begun is None:
        return _open(f"{hours:g} hours begin once it runs in an earlier environment")
    over_at = begun.counts_from(rule) + timedelta(hours=hours)
    told = f"{hours:g} hours since {spell(begun.at)}{begun.told(rule)}"
    if facts.now < over_at:
        return _open(f"{told} are over at {spell(over_at)}", over_at)
    return _met(f"{told} were over at {spell(over_at)}")


def _counts_from(requirement: Mapping[str, Any]) -> str:
    """The rule the change was planned by; one from before there was any is held to what was asked then."""
    return str(requirement.get("counts_from", STATEMENT))


def _backed_up(requirement: Mapping[str, Any], facts: GateFacts) -> GateVerdict:
    age, proof = timedelta(hours=requirement["backup_age_hours"]), timedelta(days=requirement["restore_proof_days"])
    copies = [each for each in _copies(facts) if not each.is_export and each.taken_at <= facts.now]
    if not copies:
        return _open("no backup is known; state one, with its time and the last restore")
    newest = max(copies, key=lambda each: each.taken_at)
    told = f"backup of {spell(newest.taken_at)} ({newest.source}){newest.late(newest.taken_at)}"
    if facts.now - newest.taken_at > age:
        return _open(f"{told} is older than {span(age)}")
    tests = [each for each in copies if each.restored_at and each.restored_at <= facts.now]
    last = max(tests, key=lambda each: each.restored_at or each.taken_at, default=None)
    if last is None or last.restored_at is None:
        return _open(f"{told}: no restore was proved")
    if last.is_restore_ok is not True:
        return _failed(f"{told}: the restore of {spell(last.restored_at)} did not work or tells no result")
    if facts.now - last.restored_at > proof:
        return _open(f"{told}: the last restore, {spell(last.restored_at)}, is longer ago than {proof.days} days")
    return _met(f"{told}; restored {spell(last.restored_at)}{last.late(last.restored_at)}")


def _copies(facts: GateFacts) -> list[Copy]:
    found, stated = list(facts.copies), facts.stated
    if stated is not None and (taken := read_time(stated.facts.get("taken_at"))):
        restored = read_time(stated.facts.get("restore_tested_at"))
        copy = Copy(taken, f"says {stated.by}", restored_at=restored, is_restore_ok=True if restored else None)
        found.append(replace(copy, noted_at=stated.at))
    return found


def _exported(requirement: Mapping[str, Any], facts: GateFacts) -> GateVerdict:
    age = timedelta(hours=requirement["backup_age_hours"])
    copies = [each for each in facts.copies if each.is_export]
    if facts.stated is not None and (taken := read_time(facts.stated.facts.get("taken_at"))):
        copies.append(Copy(taken, f"says {facts.stated.by}", is_export=True, noted_at=facts.stated.at))
    copies = [each for each in copies if each.taken_at <= facts.now]
    if not copies:
        return _open("no export of the configuration is known")
    newest = max(copies, key=lambda each: each.taken_at)
    told = f"export of {spell(newest.taken_at)} ({newest.source}){newest.late(newest.taken_at)}"
    return _met(told) if facts.now - newest.taken_at <= age else _open(f"{told} is older than {span(age)}")


def _rollback(_requirement: Mapping[str, Any], facts: GateFacts) -> GateVerdict:
    if facts.stated is None:
        return _open("write how to go back, and who does it")
    owner = facts.name_of(str(facts.stated.facts.get("owner", "")))
    return _met(f"plan by {facts.stated.by}; {owner} would carry it out")


def _told(requirement: Mapping[str, Any], facts: GateFacts) -> GateVerdict:
    notice = timedelta(days=requirement["notice_days"])
    told = _people_told(facts.stated)
    if told is None:
        days = notice / timedelta(days=1)
        return _open(f"tell the people concerned {f'{days:g} days ' if days else ''}before")
    begins = facts.window_start_at or facts.now
    rule = _counts_from(requirement)
    earliest = told.counts_from(rule) + notice
    words = f"told {spell(told.at)}{told.told(rule)}; {notice / timedelta(days=1):g} days later is {spell(earliest)}"
    if earliest <= begins:
        return _met(words)
    return _open(f"{words}; {'the window begins earlier' if facts.window_start_at else 'not over yet'}", earliest)


def _people_told(stated: Stated | None) -> Begun | None:
    """When people were told, and since when the record holds it."""
    told_at = read_time(stated.facts.get("told_at")) if stated else None
    if stated is None or told_at is None:
        return None
    return Begun(told_at, read_time(stated.facts.get(NOTED)) or stated.at, has_evidence=stated.has_evidence)


def _apps(requirement: Mapping[str, Any], facts: GateFacts) -> GateVerdict:
    apps = list(facts.stated.facts.get("apps", ())) if facts.stated else []
    if not apps:
        return _open("name the apps it affects (or write none), and tell their owners")
    named = _some(apps) + _unlisted(facts)
    if [str(app).casefold() for app in apps] == ["none"]:
        return _met(f"none is affected, says {facts.stated.by}" if facts.stated else "none is affected")
    verdict = _told(requirement, facts)
    alone = list(facts.stated.facts.get("without_owner", ())) if facts.stated else []
    if alone:
        return _open(f"{named}: {verdict.words}; nobody owns {_some(alone)}: name an owner, or tell who uses it")
    return GateVerdict(verdict.status, f"{named}: {verdict.words}", verdict.holds_from)


def _some(apps: Sequence[Any]) -> str:
    return ", ".join(map(str, apps[:5])) + (f" and {len(apps) - 5} more" if apps[5:] else "")


def _unlisted(facts: GateFacts) -> str:
    unlisted = list(facts.stated.facts.get("not_in_inventory", ())) if facts.stated else []
    return f" (not in the newest look: {_some(unlisted)})" if unlisted else ""


def _statement(missing: str, name: str = "") -> Callable[[Mapping[str, Any], GateFacts], GateVerdict]:
    def check(_requirement: Mapping[str, Any], facts: GateFacts) -> GateVerdict:
        if facts.stated is None:
            return _open(missing)
        detail = f"{facts.stated.facts.get(name, '')}, " if name else ""
        return _met(f"{detail}says {facts.stated.by}")

    return check


def _approved(requirement: Mapping[str, Any], facts: GateFacts) -> GateVerdict:
    needed = int(requirement.get("approvers", 1))
    if facts.approved_elsewhere:
        return _met(f"approved elsewhere as {facts.approved_elsewhere}")
    if facts.stated is not None and facts.stated.facts.get("result") == "refused":
        return _failed(f"refused by {facts.stated.by}")
    # Two people may have one name: they are told apart by their addresses.
    given = list(dict.fromkeys(facts.approvals))
    told = f"approved by {' and '.join(map(facts.name_of, given))}" if given else "nobody approved it yet"
    return _met(told) if len(given) >= needed else _open(f"{told}; {needed - len(given)} more must")


_CHECKS: Mapping[GateKind, Callable[[Mapping[str, Any], GateFacts], GateVerdict]] = {
    GateKind.TESTED_IN_STAGING: _tested,
    GateKind.SOAK_OVER: _soaked,
    GateKind.BACKUP_VERIFIED: _backed_up,
    GateKind.ROLLBACK_PLAN: _rollback,
    GateKind.USERS_TOLD: _told,
    GateKind.MIGRATION_REHEARSED: lambda requirement, facts: _result(
        requirement, facts, missing="rehearse the migration of data, or state that there is none"
    ),
    GateKind.FORENSIC_TRIAGE: _triaged,
    GateKind.APPROVAL: _approved,
    GateKind.TESTED_IN_PREVIEW: _preview,
    GateKind.APPS_NAMED: _apps,
    GateKind.CONFIGURATION_EXPORTED: _exported,
    GateKind.DEFERRAL_KNOWN: _statement("find out whether it can be deferred or switched off, and say so"),
    GateKind.CASE_OPEN: _statement("open a case with the vendor and write its number down", "case"),
}


def _word(word: str) -> str:
    return word.replace("_", " ")
