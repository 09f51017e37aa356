"""Recurrence rules by brute force: every day is held against the table of RFC 5545 (3.3.10) as it is written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import product

DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def occurrences(text: str, starts: datetime, end: datetime) -> list[datetime]:
    """All times of a rule of a day or longer (no COUNT, no UNTIL), from `starts` up to `end`."""
    parts = dict(part.split("=") for part in text.split(";"))
    # A period begins before its first day that counts, and BYSETPOS looks at all of it.
    days = _days(starts.date() - timedelta(days=400), end.date() + timedelta(days=400))
    periods: dict[int, list[datetime]] = {}
    for day in days:
        period = _period(parts, starts.date(), day)
        if period % int(parts.get("INTERVAL", 1)) == 0 and _is_in(parts, starts.date(), day):
            periods.setdefault(period, []).extend(_times(parts, starts, day))
    chosen = [moment for _, moments in sorted(periods.items()) for moment in _positions(parts, sorted(moments))]
    return sorted(moment for moment in chosen if starts <= moment <= end)


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)


def _period(parts: dict[str, str], start: date, day: date) -> int:
    if parts["FREQ"] == "YEARLY":
        return day.year - start.year
    if parts["FREQ"] == "MONTHLY":
        return (day.year - start.year) * 12 + day.month - start.month
    if parts["FREQ"] == "WEEKLY":
        first = DAYS.index(parts.get("WKST", "MO"))
        return (_week_begin(day, first) - _week_begin(start, first)).days // 7
    return (day - start).days


def _week_begin(day: date, first: int) -> date:
    return day - timedelta(days=(day.weekday() - first) % 7)


def _numbers(parts: dict[str, str], name: str) -> list[int]:
    return [int(number) for number in parts[name].split(",")] if name in parts else []


def _is_in(parts: dict[str, str], start: date, day: date) -> bool:
    freq = parts["FREQ"]
    checks = {
        "BYMONTH": lambda numbers: day.month in numbers,
        "BYMONTHDAY": lambda numbers: day.day in numbers or day.day - _month_length(day) - 1 in numbers,
        "BYYEARDAY": lambda numbers: _year_day(day) in numbers or _year_day(day) - _year_length(day) - 1 in numbers,
        "BYWEEKNO": lambda numbers: _is_week(day, numbers, DAYS.index(parts.get("WKST", "MO"))),
    }
    if not all(check(_numbers(parts, name)) for name, check in checks.items() if name in parts):
        return False
    if "BYDAY" in parts:
        return any(_is_weekday(parts, word, day) for word in parts["BYDAY"].split(","))
    # What the rule leaves open is the start's own.
    if freq == "WEEKLY" or (
        freq == "YEARLY" and "BYWEEKNO" in parts and not {"BYMONTHDAY", "BYYEARDAY"} & parts.keys()
    ):
        return day.weekday() == start.weekday()
    if freq in ("YEARLY", "MONTHLY") and not {"BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"} & parts.keys():
        return day.day == start.day and (freq == "MONTHLY" or "BYMONTH" in parts or day.month == start.month)
    return True


def _is_weekday(parts: dict[str, str], word: str, day: date) -> bool:
    if day.weekday() != DAYS.index(word[-2:]):
        return False
    if len(word) == 2:
        return True
    in_month = parts["FREQ"] == "MONTHLY" or "BYMONTH" in parts
    first = day.replace(day=1) if in_month else day.replace(month=1, day=1)
    length = _month_length(day) if in_month else _year_length(day)
    same = [each for number in range(length) if (each := first + timedelta(days=number)).weekday() == day.weekday()]
    return int(word[:-2]) in (same.index(day) + 1, same.index(day) - len(same))


def _is_week(day: date, numbers: list[int], first: int) -> bool:
    """The first week has at least four days of its year; the last ones are counted from the end."""
    begin = _week_begin(day, first)
    year = (begin + timedelta(days=3)).year
    weeks = [each for each in _week_begins(year, first) if (each + timedelta(days=3)).year == year]
    number = weeks.index(begin) + 1
    return number in numbers or number - len(weeks) - 1 in numbers


def _week_begins(year: int, first: int) -> Iterator[date]:
    begin = _week_begin(date(year, 1, 1), first)
    while begin <= date(year, 12, 31):
        yield begin
        begin += timedelta(days=7)


def _month_length(day: date) -> int:
    return ((day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).day


def _year_day(day: date) -> int:
    return day.timetuple().tm_yday


def _year_length(day: date) -> int:
    return _year_day(date(day.year, 12, 31))


def _times(parts: dict[str, str], starts: datetime, day: date) -> list[datetime]:
    hours = _numbers(parts, "BYHOUR") or [starts.hour]
    minutes = _numbers(parts, "BYMINUTE") or [starts.minute]
    return [datetime.combine(day, time(hour, minute, starts.second)) for hour, minute in product(hours, minutes)]


def _positions(parts: dict[str, str], moments: list[datetime]) -> list[datetime]:
    wanted = _numbers(parts, "BYSETPOS")
    if not wanted:
        return moments
    found = [moments[number - 1 if number > 0 else number] for number in wanted if abs(number) <= len(moments)]
    return sorted(set(found))
