"""The forms of windows and freezes: from fields to items of a calendar file, and from items to fields."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django import forms

from passmuster.application.programme.plain_rules import (
    DAY_NAMES,
    LAST_DAY,
    ORDINALS,
    Recurrence,
    Repeats,
    read_month_days,
)
from passmuster.application.programme.plain_times import (
    BINDS_IN_WORDS,
    FreezeKind,
    PlainFreeze,
    PlainWindow,
    freeze_complaints,
    freeze_item,
    plain_freeze,
    plain_window,
    window_complaints,
    window_item,
)
from passmuster.errors import UsageError
from passmuster.model.schedule import Binds

AS_WRITTEN = "as_written"
WINDOW_KINDS: Mapping[str, str] = {
    Repeats.WEEKLY: "on days of the week",
    Repeats.DAILY: "every day",
    Repeats.MONTHLY_WEEKDAY: "on a weekday of the month",
    Repeats.MONTHLY_DAY: "on days of the month",
    Repeats.ONCE: "once",
    Repeats.RULE: "as a rule (RFC 5545)",
    AS_WRITTEN: "as a calendar file spells it",
}
FREEZE_KINDS: Mapping[str, str] = {
    FreezeKind.DAYS: "from day to day",
    FreezeKind.MONTH_END: "around the month's end",
    FreezeKind.HOLIDAYS: "on public holidays",
    AS_WRITTEN: "as a calendar file spells it",
}
_TIMES = ("from_day", "start", "minutes")
_WINDOW_FIELDS: Mapping[str, tuple[str, ...]] = {
    Repeats.DAILY: ("name", "every", *_TIMES, "until"),
    Repeats.WEEKLY: ("name", "weekdays", "every", *_TIMES, "until"),
    Repeats.MONTHLY_DAY: ("name", "month_days", "every", *_TIMES, "until"),
    Repeats.MONTHLY_WEEKDAY: ("name", "ordinal", "weekdays", "every", *_TIMES, "until"),
    Repeats.ONCE: ("name", *_TIMES),
    Repeats.RULE: ("name", "rule", *_TIMES),
    AS_WRITTEN: ("text",),
}
_FREEZE_FIELDS: Mapping[str, tuple[str, ...]] = {
    FreezeKind.DAYS: ("name", "first", "last", "binds"),
    FreezeKind.MONTH_END: ("name", "last_days", "first_days", "binds"),
    FreezeKind.HOLIDAYS: ("name", "country", "subdivision", "binds"),
    AS_WRITTEN: ("text",),
}
_EVERY = {Repeats.DAILY: "Every so many days", Repeats.WEEKLY: "Every so many weeks"}


def _day(label: str, *, required: bool = True, hint: str = "") -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=required, help_text=hint, widget=widget)


class _TimeForm(forms.Form):
    """A form of which only the fields of one kind are there."""

    text = forms.CharField(
        label="As a calendar file spells it, without its environments",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text="For what the other forms cannot say, such as a time zone of its own; JSON.",
    )

    def __init__(self, *args: Any, kind: str, wanted: tuple[str, ...], **given: Any) -> None:
        super().__init__(*args, **given)
        self.kind = kind
        self.fields = {name: self.fields[name] for name in wanted}

    def written(self) -> dict[str, Any]:
        """The item of the text; raises UsageError."""
        try:
            found = json.loads(self.cleaned_data["text"])
        except (json.JSONDecodeError, RecursionError) as error:
            place = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
            raise UsageError(f"the text{place}: is no JSON") from None
        if not isinstance(found, dict):
            raise UsageError("the text: is one object in braces")
        return found


class WindowForm(_TimeForm):
    """A maintenance window."""

    name = forms.CharField(label="Name", max_length=100, help_text="Like night, or first Sunday.")
    weekdays = forms.MultipleChoiceField(
        label="Days", choices=list(DAY_NAMES.items()), widget=forms.CheckboxSelectMultiple
    )
    ordinal = forms.TypedChoiceField(label="Which of the month", choices=list(ORDINALS.items()), coerce=int)
    month_days = forms.CharField(label="Days of the month", max_length=100, help_text="Like 1, 15, last.")
    rule = forms.CharField(label="Rule", max_length=1000, help_text="Like FREQ=MONTHLY;BYDAY=2TU.")
    every = forms.IntegerField(label="Every so many months", min_value=1, max_value=99, initial=1)
    from_day = _day("First day")
    start = forms.TimeField(
        label="Starts at", widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}), help_text="Local time."
    )
    minutes = forms.IntegerField(label="Minutes", min_value=1, max_value=100_000)
    until = _day("Until", required=False, hint="Its last day; empty: it goes on.")

    def __init__(self, *args: Any, kind: str, **given: Any) -> None:
        super().__init__(*args, kind=kind, wanted=_WINDOW_FIELDS[kind], **given)
        if kind in _EVERY:
            self.fields["every"].label = _EVERY[Repeats(kind)]

    def item(self, zone: str) -> dict[str, Any]:
        """The window as a calendar file spells it; raises UsageError with all that is wrong."""
        if self.kind == AS_WRITTEN:
            return self.written()
        told = self.cleaned_data
        recurrence = Recurrence(
            Repeats(self.kind),
            every=told.get("every", 1),
            weekdays=tuple(told.get("weekdays", ())),
            month_days=read_month_days(told.get("month_days", "")),
            ordinal=told.get("ordinal", 1),
            until=told.get("until"),
            rule=told.get("rule", ""),
        )
        window = PlainWindow(told["name"].strip(), recurrence, told["from_day"], told["start"], told["minutes"])
        if complaints := window_complaints(window):
            raise UsageError("\n".join(complaints))
        return window_item(window, zone)


class FreezeForm(_TimeForm):
    """A freeze."""

    name = forms.CharField(label="Name", max_length=100, help_text="Like year end.")
    first = _day("First day")
    last = _day("Last day")
    last_days = forms.IntegerField(label="Last days of each month", min_value=0, max_value=15, initial=2)
    first_days = forms.IntegerField(label="First days of each month", min_value=0, max_value=15, initial=0)
    country = forms.CharField(label="Country", max_length=10, help_text="Its code, like DE.")
    subdivision = forms.CharField(label="State", required=False, max_length=20, help_text="Its code, like BY.")
    binds = forms.ChoiceField(label="Whom it binds", choices=[(each.value, BINDS_IN_WORDS[each]) for each in Binds])

    def __init__(self, *args: Any, kind: str, **given: Any) -> None:
        super().__init__(*args, kind=kind, wanted=_FREEZE_FIELDS[kind], **given)

    def item(self, _zone: str) -> dict[str, Any]:
        """The freeze as a calendar file spells it; raises UsageError with all that is wrong."""
        if self.kind == AS_WRITTEN:
            return self.written()
        told = {**self.cleaned_data, "binds": Binds(self.cleaned_data["binds"])}
        freeze = PlainFreeze(kind=FreezeKind(self.kind), **told)
        if complaints := freeze_complaints(freeze):
            raise UsageError("\n".join(complaints))
        return freeze_item(freeze)


def window_fields(item: Mapping[str, Any], zone: str) -> tuple[str, dict[str, Any]]:
    """The kind of form that can say a window, and its fields."""
    window = plain_window(item, zone)
    if window is None:
        return AS_WRITTEN, {"text": json.dumps(item, indent=1, ensure_ascii=False)}
    often = window.recurrence
    days = ", ".join("last" if day == LAST_DAY else str(day) for day in often.month_days)
    return often.repeats.value, {
        "name": window.name,
        "weekdays": list(often.weekdays),
        "ordinal": often.ordinal,
        "month_days": days,
        "rule": often.rule,
        "every": often.every,
        "from_day": window.from_day,
        "start": window.start,
        "minutes": window.minutes,
        "until": often.until,
    }


def freeze_fields(item: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The kind of form that can say a freeze, and its fields."""
    freeze = plain_freeze(item)
    if freeze is None:
        return AS_WRITTEN, {"text": json.dumps(item, indent=1, ensure_ascii=False)}
    return freeze.kind.value, {name: getattr(freeze, name) for name in PlainFreeze.__dataclass_fields__}
