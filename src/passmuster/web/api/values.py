"""Values of requests and answers: their limits, and how records are read into answers."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

# What is computed from instants and days must stay within what dates can be.
_FIRST_YEAR, _LAST_YEAR = 1970, 2199
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
# PostgreSQL's text holds no NUL.
_NO_NUL = r"^[^\x00]*$"


def _written_as_day(value: Any) -> Any:
    # The library would also read numbers, as seconds since 1970.
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise ValueError("a day is written like 2026-06-30")
    return value


def _written_as_instant(value: Any) -> Any:
    if not isinstance(value, datetime) and not (isinstance(value, str) and _DAY.match(value)):
        raise ValueError("an instant is written like 2026-06-30T09:00:00Z")
    return value


def _with_zone(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("an instant has a time zone; write Z for UTC")
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise ValueError(f"an instant lies between the years {_FIRST_YEAR} and {_LAST_YEAR}")
    return value.astimezone(UTC)


Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Whole = Annotated[int, Field(strict=True)]
Flag = Annotated[bool, Field(strict=True)]
Word = Annotated[str, StringConstraints(pattern=_NO_NUL, strict=True, max_length=300)]
Text = Annotated[str, StringConstraints(pattern=_NO_NUL, strict=True, max_length=10_000)]
Said = Annotated[str, StringConstraints(pattern=_NO_NUL, strict=True, min_length=1, max_length=10_000)]
Day = Annotated[date, BeforeValidator(_written_as_day)]
Instant = Annotated[datetime, BeforeValidator(_written_as_instant), AfterValidator(_with_zone)]


class Asked(BaseModel):
    """The body of a request; what it does not know is refused."""

    model_config = ConfigDict(extra="forbid")


class Why(Asked):
    """A reason, for the record."""

    why: Text = ""


class Reason(Asked):
    """A reason, which must be there."""

    why: Said


class Told(BaseModel):
    """A record as an answer, read from a row."""

    model_config = ConfigDict(from_attributes=True)
