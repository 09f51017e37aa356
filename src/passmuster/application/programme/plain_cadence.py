"""How often a platform is reviewed, in plain words, and the RFC 5545 rule it stands for. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from passmuster.application.programme.plain_rules import DAY_NAMES, LAST_DAY, ORDINALS, same_rule
from passmuster.plan.rules import WEEKDAYS, Rule, read_rule

WORKING_DAY = "WORK"
_WORK = ",".join(WEEKDAYS[:5])
_MOST_MONTHS = 60
# Every month has it; a rule of the 31st would leave half of them out.
MOST_DAY = 28


class CadenceOn(StrEnum):
    """On which day of the month."""

    START = "start"
    DAY = "day"
    WEEKDAY = "weekday"


@dataclass(frozen=True)
class PlainCadence:
    """Every so many months: on the day the platform was added, on `day` (-1 is the last), or on the `ordinal` weekday.

    `weekday` is MO ... SU, or WORK for a day from Monday to Friday.
    """

    months: int
    on: CadenceOn = CadenceOn.START
    day: int = 1
    ordinal: int = 1
    weekday: str = "MO"


def plain_cadence_complaints(given: PlainCadence) -> list[str]:
    """What is wrong, each with its mend."""
    found = [] if 1 <= given.months <= _MOST_MONTHS else [f"months: a whole number from 1 to {_MOST_MONTHS}"]
    if given.on is CadenceOn.DAY and given.day != LAST_DAY and not 1 <= given.day <= MOST_DAY:
        found.append(f"day: a number from 1 to {MOST_DAY}, or last")
    if given.on is CadenceOn.WEEKDAY and given.ordinal not in ORDINALS:
        found.append("which: choose first, second, third, fourth or last")
    if given.on is CadenceOn.WEEKDAY and given.weekday not in (*WEEKDAYS, WORKING_DAY):
        found.append(f"weekday: write one of {', '.join((*WEEKDAYS, WORKING_DAY))}")
    return found


def cadence_rule(given: PlainCadence) -> str:
    """The rule of a cadence without complaints."""
    rule = "FREQ=MONTHLY" + (f";INTERVAL={given.months}" if given.months != 1 else "")
    if given.on is CadenceOn.DAY:
        return f"{rule};BYMONTHDAY={given.day}"
    if given.on is CadenceOn.WEEKDAY and given.weekday == WORKING_DAY:
        return f"{rule};BYDAY={_WORK};BYSETPOS={given.ordinal}"
    return f"{rule};BYDAY={given.ordinal}{given.weekday}" if given.on is CadenceOn.WEEKDAY else rule


def plain_cadence(rule: str) -> PlainCadence | None:
    """The cadence a rule says; None where plain words cannot say it."""
    read, _ = read_rule(rule)
    said = _said(read) if read and read.freq == "MONTHLY" else None
    return said if said and not plain_cadence_complaints(said) and same_rule(cadence_rule(said), rule) else None


def cadence_in_words(rule: str) -> str:
    """A rule as people say it; spelt out where plain words cannot say it."""
    if (said := plain_cadence(rule)) is None:
        return "every year" if same_rule(rule, "FREQ=YEARLY") else f"by the rule {rule}"
    every = "every month" if said.months == 1 else f"every {said.months} months"
    if said.on is CadenceOn.DAY:
        return f"{every} on {'the last day' if said.day == LAST_DAY else f'day {said.day}'}"
    if said.on is CadenceOn.WEEKDAY:
        return f"{every} on the {ORDINALS[said.ordinal]} {DAY_NAMES.get(said.weekday, 'working day')}"
    return every


def _said(rule: Rule) -> PlainCadence:
    days, places = rule.limits.get("BYMONTHDAY", ()), rule.limits.get("BYSETPOS", ())
    if days:
        return PlainCadence(rule.interval, CadenceOn.DAY, day=days[0])
    if places:
        return PlainCadence(rule.interval, CadenceOn.WEEKDAY, ordinal=places[0], weekday=WORKING_DAY)
    if rule.by_day:
        ordinal, day = rule.by_day[0]
        return PlainCadence(rule.interval, CadenceOn.WEEKDAY, ordinal=ordinal, weekday=WEEKDAYS[day])
    return PlainCadence(rule.interval)
