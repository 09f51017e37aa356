"""The page of the policies that ship, from their files."""

from __future__ import annotations

from passmuster.triage.policy import Deadline, Point, Policy, VectorRule
from passmuster.triage.policy_load import find_policy, shipped_names

_LEAD = """# Policies of triage

What decides by when an advisory must be dealt with. `passmuster policies show NAME` prints the file of one, to start
your own from; `passmuster policies verify PATH` holds yours against the format; `passmuster triage --policy PATH`
decides by it. Points may be spelled with blanks, hyphens or capitals, and by their other names. Times count in UTC.

"""


def policies_page() -> str:
    """All policies that ship, the default first."""
    return _LEAD + "".join(_policy(find_policy(name)) for name in shipped_names())


def _policy(policy: Policy) -> str:
    until = f" until {policy.valid_until}" if policy.valid_until else ""
    binding = f", binding from {policy.binding_from}" if policy.binding_from else ""
    link = f" <{policy.source.url}>" if policy.source.url else ""
    facts = (
        f"Version {policy.version}; applied from {policy.valid_from}{until}{binding}. "
        f"Source: {policy.source.title}{link}, read on {policy.source.read_on}. "
        f"{'Weekends count.' if policy.counts_weekends else 'Saturdays and Sundays do not count.'}"
    )
    parts = [f"## {policy.id}: {policy.title}", policy.description, facts, _clock(policy)]
    parts += [_points(policy), _outcomes(policy), _table(policy)]
    return "\n\n".join(part for part in parts if part) + "\n\n"


def _clock(policy: Policy) -> str:
    events = ", ".join(f"`{name}`" for name in policy.clock.of)
    waits = " It waits for a fix." if policy.clock.waits_for_fix else ""
    takes = f"the {policy.clock.takes} of {events}" if len(policy.clock.of) > 1 else events
    return f"The clock starts with {takes}: {policy.clock.because}.{waits}"


def _points(policy: Policy) -> str:
    rows = [
        f"| `{point.name}` | {', '.join(f'`{value}`' for value in point.values)} | {_unknown(point)} | {point.title} |"
        for point in policy.points
    ]
    return "| point | values | where unknown | meaning |\n|---|---|---|---|\n" + "\n".join(rows)


def _unknown(point: Point) -> str:
    if point.unknown.assume is not None:
        return f"`{point.unknown.assume}` is assumed: {point.unknown.because}"
    if not point.unknown.estimate:
        return "a person decides"
    rules = "; ".join(_rule(rule) for rule in point.unknown.estimate)
    return f"read from the CVSS vector: {rules}; without a vector a person decides"


def _rule(rule: VectorRule) -> str:
    metrics = " ".join(f"{name}:{'/'.join(values)}" for name, values in rule.when.items())
    return f"{' and '.join(rule.versions)} {metrics or 'otherwise'} → `{rule.value}`"


def _outcomes(policy: Policy) -> str:
    rows = [
        f"| `{name}` | {_deadline(outcome.deadline)} | `{outcome.action}`"
        f"{' after a forensic triage' if outcome.forensics_first else ''} | {outcome.says} |"
        for name, outcome in policy.outcomes.items()
    ]
    return "| outcome | deadline | action | meaning |\n|---|---|---|---|\n" + "\n".join(rows)


def _deadline(deadline: Deadline) -> str:
    lengths = [(deadline.hours, "hour"), (deadline.days, "day"), (deadline.months, "month")]
    told = next((f"{number} {unit}{'s' if number > 1 else ''}" for number, unit in lengths if number), "none")
    words = {
        "instead": f"the catalogue's date, else {told}",
        "at_latest": f"{told}, the catalogue's date at the latest",
    }
    return words.get(deadline.catalogue_date, told)


def _table(policy: Policy) -> str:
    names = [point.name for point in policy.points]
    head = f"| {' | '.join(f'`{name}`' for name in names)} | outcome |\n|{'---|' * (len(names) + 1)}\n"
    return head + "\n".join(f"| {' | '.join(key)} | `{outcome}` |" for key, outcome in policy.table.items())
