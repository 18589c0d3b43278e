"""The schema of `when`: dates and hours, as a campaign file has them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, Tag

from promo_scheduler.source.dates import Day, Exception_, Rule
from promo_scheduler.source.hours import ClockTime, End, Length, Start
from promo_scheduler.source.scalars import Some, choice
from promo_scheduler.source.shape import (
    LIST,
    MAPPING,
    SCALAR,
    Strict,
    as_list,
    kind_of,
    scalar_or_mapping,
)

Exceptions = Annotated[
    tuple[Exception_, ...],
    Some,
    BeforeValidator(as_list, json_schema_input_type=Exception_ | list[Exception_]),
]


class DateRange(Strict):
    """Dates from the first to the last, both included: one window over all of them, or several."""

    from_: Day = Field(alias="from", description="The first date.")
    to: Day = Field(description="The last date; it is included.")
    each: Annotated[Literal["day"], choice("day")] | None = Field(
        None, description="`day`: the same hours on each date, instead of one long window."
    )
    rrule: Rule | None = Field(
        None, description="An RFC 5545 rule over dates, such as FREQ=WEEKLY;BYDAY=FR."
    )
    except_: Exceptions = Field(
        (),
        alias="except",
        description="Dates that `each` or `rrule` leaves out: dates, or `holidays` for the "
        "region's public holidays.",
    )


Days = Annotated[tuple[Day, ...], Some]
Dates = Annotated[
    Annotated[Day, Tag(SCALAR)] | Annotated[Days, Tag(LIST)] | Annotated[DateRange, Tag(MAPPING)],
    Discriminator(kind_of),
]


class FallbackPair(Strict):
    """The times that count where there is no sunset, sunrise or iftar."""

    from_: ClockTime = Field(alias="from", description="The time to start at.")
    until: ClockTime = Field(description="The time to end at.")


Fallback = Annotated[
    Annotated[ClockTime, Tag(SCALAR)] | Annotated[FallbackPair, Tag(MAPPING)],
    Discriminator(scalar_or_mapping),
]


class WhenPart(Strict):
    """Dates and hours, on each zone's own clock."""

    date: Dates | None = Field(
        None,
        description="A date, a list of dates, {from, to} for one window over those days, "
        "{from, to, each: day}, or {rrule, from, to}. A date is 2026-11-27, or a name with or "
        "without its year and an offset: black-friday 2026, lunar-new-year - 7d.",
    )
    from_: Start | None = Field(
        None,
        alias="from",
        description='When it begins: a time such as "20:00" (in quotes), `peak` for the region\'s '
        "own best hours, `peak(2)` for its second best, or the sun at the region's city: "
        "sunset-30m, sunrise, iftar+1h. An instant with `clock: instant`.",
    )
    until: End | None = Field(
        None,
        description='The exclusive end: "22:00", "24:00", or "+1d 03:00" on the next day. '
        "Or the sun: sunset, iftar+2h. Either this or `for`.",
    )
    fallback: Fallback | None = Field(
        None,
        description="The time that counts where the sun does not set, and outside Ramadan for "
        "`iftar`; {from, until} where both need one.",
    )
    for_: Length | None = Field(
        None,
        alias="for",
        description="How long: 2h or PT2H is elapsed time, 1d or P1D is counted on the wall clock.",
    )
    clock: Annotated[Literal["local", "instant"], choice("local", "instant")] = Field(
        "local",
        description="`local`: each zone's own clock. `instant`: the same moment everywhere, with "
        "`from` and `until` as full times with an offset.",
    )
    gap: Annotated[str, choice("snap", "shift", "skip", "error")] = Field(
        "snap", description="For a time that the clocks skip. `snap` is the moment of the change."
    )
    fold: Annotated[str, choice("first", "last", "error")] = Field(
        "first", description="Which pass is meant of a start that comes twice."
    )
    end_fold: Annotated[str, choice("first", "last")] | None = Field(
        None, description="Which pass is meant of an end that comes twice."
    )


class When(WhenPart):
    """Dates and hours, on each zone's own clock."""

    model_config = ConfigDict(
        json_schema_extra={"required": ["from"], "not": {"required": ["until", "for"]}}
    )
