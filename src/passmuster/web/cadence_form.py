"""The form of a platform's cadence, and how a cadence is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms

from passmuster.application.programme.plain_cadence import (
    MOST_DAY,
    WORKING_DAY,
    CadenceOn,
    PlainCadence,
    cadence_in_words,
    cadence_rule,
    plain_cadence,
    plain_cadence_complaints,
)
from passmuster.application.programme.plain_rules import DAY_NAMES, LAST_DAY, ORDINALS
from passmuster.application.programme.review_policy import read_review_policy
from passmuster.application.storage.storing import home
from passmuster.errors import PassmusterError, UsageError
from passmuster.model.keeping import Tier
from passmuster.pipeline.cadence import today_in
from passmuster.pipeline.next_times import next_due_days
from passmuster.records.models import Platform

TIER, RULE = "tier", "rule"
_MANY = 5
_KINDS = [
    (TIER, "as its tier asks"),
    (CadenceOn.START.value, "every so many months, counted from the day the platform was added"),
    (CadenceOn.DAY.value, "every so many months, on a day of the month"),
    (CadenceOn.WEEKDAY.value, "every so many months, on a weekday"),
    (RULE, "as a rule (RFC 5545), for what is not said above"),
]
_DAYS = [*((number, str(number)) for number in range(1, MOST_DAY + 1)), (LAST_DAY, "the last")]


@dataclass(frozen=True)
class CadenceTold:
    """A platform's cadence: in words, whether it is its own, and the days it falls on next."""

    words: str
    is_own: bool
    next: list[date]


class CadenceForm(forms.Form):
    """How often a platform is reviewed."""

    kind = forms.ChoiceField(label="A review opens", choices=_KINDS, widget=forms.RadioSelect)
    months = forms.IntegerField(label="Every so many months", required=False, min_value=1, max_value=60, initial=3)
    day = forms.TypedChoiceField(label="Day of the month", required=False, choices=_DAYS, coerce=int)
    ordinal = forms.TypedChoiceField(
        label="Which weekday of the month", required=False, choices=list(ORDINALS.items()), coerce=int
    )
    weekday = forms.ChoiceField(
        label="Weekday", required=False, choices=[*DAY_NAMES.items(), (WORKING_DAY, "day from Monday to Friday")]
    )
    rule = forms.CharField(
        label="Rule",
        required=False,
        max_length=200,
        help_text="Like FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO. Counts with the last choice alone.",
        widget=forms.TextInput(attrs={"spellcheck": "false"}),
    )

    why = forms.CharField(
        label="Why that is enough",
        required=False,
        max_length=2000,
        help_text="Asked for where more days would pass between reviews than the tier asks for.",
    )

    def monthly(self) -> list[forms.BoundField]:
        """The fields that count where it is every so many months."""
        return [self[name] for name in ("months", "day", "ordinal", "weekday")]

    def told_rule(self) -> str:
        """The rule of what was chosen, empty for the tier's; raises UsageError with all that is wrong."""
        told = self.cleaned_data
        if told["kind"] == TIER:
            return ""
        if told["kind"] == RULE:
            if not told["rule"]:
                raise UsageError("rule: is empty; write one, or choose another way")
            return str(told["rule"])
        given = PlainCadence(
            told["months"] or 0,
            CadenceOn(told["kind"]),
            told["day"] or 1,
            told["ordinal"] or 1,
            told["weekday"] or "MO",
        )
        if complaints := plain_cadence_complaints(given):
            raise UsageError("\n".join(complaints))
        return cadence_rule(given)


def cadence_fields(rule: str) -> dict[str, Any]:
    """The form's fields for what is kept."""
    if not rule:
        return {"kind": TIER}
    said = plain_cadence(rule)
    if said is None:
        return {"kind": RULE, "rule": rule}
    chosen = {"months": said.months, "day": said.day, "ordinal": said.ordinal, "weekday": said.weekday}
    return {"kind": said.on.value, **chosen, "rule": rule}


def tier_cadence(platform: Platform) -> str:
    """The rule of the platform's tier; empty where the house's policy cannot be read."""
    try:
        return read_review_policy(home()).tiers[Tier(platform.tier)].cadence
    except PassmusterError:
        return ""


def cadence_told(platform: Platform, now: datetime, rule: str | None = None) -> CadenceTold:
    """The platform's cadence, or (with a rule, or empty for its tier's) another one; raises UnreadableInput."""
    own = platform.cadence_rrule if rule is None else rule
    rrule = own or tier_cadence(platform)
    if not rrule:
        return CadenceTold("not known: the policy of reviews cannot be read", is_own=False, next=[])
    zone = platform.time_zone
    days = next_due_days(rrule, zone, today_in(zone, platform.created_at), now, _MANY)
    return CadenceTold(cadence_in_words(rrule), bool(own), days)
