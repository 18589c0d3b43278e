"""What the codes of timing and planning mean: `promo explain CODE`.

Each text says first what it means, then what follows and what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_ERRORS = {
    "E110": """A time falls on a clock change, and the campaign does not accept that.

When clocks go forward some times of day are skipped; when they go back some are read twice. The
campaign says `gap: error` or `fold: error`. Choose another time, or another policy: `gap: snap`
(the moment of the change), `shift` (as RFC 5545 does) or `skip` (leave it out); `fold: first` or
`last`.""",
    "E111": """A window does not end after it starts.

Of two plain times an `until` before `from` means the next day, but equal times mean nothing, and a
peak never wraps. Write `until: "24:00"` for the rest of the day, `"+1d 03:00"` for the next day, or
`for: 2h`. A range of dates ends on its last date, so `for` cannot end it.""",
    "E112": """A region has no such peak hours.

The campaign asks for a region's peak on a type of day (weekday, weekend or holiday) for which the
region has none, or for more peaks than it has. Peaks stand under `peaks` in config/regions.yaml; a
holiday without its own uses the weekend's, and a weekend the weekday's. Holidays come from the
calendar that `holidays` names.""",
    "E113": """A phase comes to no window at all in a region.

No date is left, or the clocks skip all of its hours there. What would silently do nothing is an
error. Choose another date or other hours, or skip the phase for that region under `overrides`.""",
    "E114": """A recurrence rule cannot be followed.

A rule is an RFC 5545 rule of dates: FREQ is DAILY, WEEKLY, MONTHLY or YEARLY, and the hours stand
in `from` and `until`. UNTIL is a local date and takes no `Z`, since a date is no instant before it
is in a zone.""",
    "E115": """The dates of a phase are more than max_occurrences.

The limit, a setting in config/settings.yaml, keeps a slip such as a daily rule without an end from
planning for ever. Narrow the range, or raise the setting.""",
    "E116": """Two offers overlap, and nothing says which goes first.

Both may apply to one product at one place and instant: the campaigns have the same `priority`, or
it is one phase twice. Give the campaigns different priorities, move the hours apart, or take one's
products out of the other with `except`. `stack: true` on both opts out where the channel adds
offers up. Without config/catalog.csv, products that cannot be told apart count as shared.""",
    "E117": """Two offers overlap, and the channel cannot suspend the one that yields.

It is clear which goes first, but the channel knows no priorities, so buyers would get both. Move
the hours apart, take the products out of one with `except`, or set `stack: true` on both where the
channel adds offers up.""",
    "E118": """The channel does not take this window.

It is too short, too long, not of whole days, or too near. `promo channels` shows what each channel
can do. Change the hours, or override them for this region and channel.""",
    "E119": """The channel cannot hold this offer.

It does not take this kind of value or this way of choosing products, or the value lacks the
region's currency. `promo channels` shows what each channel takes. Change the offer, or override it
for this region and channel. Where prices are overwritten, each SKU must be known: list them, or add
config/catalog.csv.""",
    "E120": """Something is on a channel that was removed, or that serves its region no more there.

The way to an account goes with its channel, and to a place in it with `targets:`, so nobody could
end what is on it. The campaign is left alone in that region, and the changed config/ is not
applied. Put the channel, its region, or the region's target, back; take the campaign down there
with `promo apply --allow-withdraw`; wait until `promo status` shows it ended; then remove or change
it.""",
    "E121": """There is no sunset, sunrise or iftar to go by.

The sun does not rise or set there on that date, the date is not in Ramadan (iftar is the sunset of
Ramadan's days), or the region has no `city` that the sun could be computed for. Say what counts
then, `fallback: "18:00"`, or give the region a city in config/regions.yaml.""",
    "E122": """A named date has no date there.

The year lies beyond the table that the name's dates come from, the organiser has not announced it,
the name means nothing in the region's country, or a range ends before it begins.
`promo calendars NAME` shows what is known; `dates: { NAME: { years: { 2027: 2027-07-06 } } }` in
config/calendars.yaml adds a year.""",
    "E123": """A window reaches into a blackout of its region.

The region's `blackout` in config/regions.yaml names dates on which no window may lie. A window of
one such date is left out with a warning; a longer one is refused, since nobody can guess which part
of it is meant. End it before, begin it after, or override the dates for the region.""",
    "E124": """The region's calendar of public holidays is not known.

`holidays` in config/regions.yaml takes a country of the holidays library, such as DE, with a
subdivision, DE-BY, and categories that the library has for it. For some countries it ends early,
for India in 2035. Without it nobody can tell which peak hours hold, or whether a date is a
holiday; where that does not matter, drop `holidays`.""",
}

_WARNINGS = {
    "W110": """The clocks skip the time at which a window starts or ends.

They go forward on that date. The window starts or ends at the moment of the change, unless `gap`
says otherwise; the message names what the clocks show then.""",
    "W111": """The clocks read the time at which a window starts or ends twice.

They go back on that date. A start means the first time and an end the second, so that whoever reads
the hours off a clock finds them kept. `fold` and `end_fold` choose otherwise.""",
    "W112": """A window starts and ends inside an hour that the clocks read twice.

It lasts from the first reading of its start to the second reading of its end, which is longer than
it looks. `fold: last` or `end_fold: first` keep one of the two.""",
    "W113": """A window ends at 23:59, and so leaves out the last minute of the day.

Ends are exclusive. The end of the day is `until: "24:00"`.""",
    "W114": """A window was left out in a zone.

The clocks skip all of its hours, the date does not exist there, or `gap: skip` says so. The other
dates and zones are not touched.""",
    "W115": """One zone of the region decides the hours of all of it.

This channel takes one window for the region, which has several zones. The region's `anchor`
decides, and people in the other zones read other times on their clocks. `zones: each` on the
channel makes a window for each zone, where it can.""",
    "W116": """The campaign names a region that none of its channels serves.

Nothing is planned there. A channel serves the regions that are listed for it in
config/channels.yaml.""",
    "W117": """Two offers overlap, and the channel lets the higher priority win.

In one campaign the later phase goes first. Nothing needs to be done; the overlap is shown so that
nobody is surprised.""",
    "W118": """A window's date is a public holiday in its region.

It is kept as it stands, unless the campaign's `on_holiday` says otherwise: `skip` leaves it out,
`next-day` and `previous-day` move it to the nearest day that is no holiday, `keep` keeps it and
says nothing. Named dates, such as thanksgiving, are always kept: they mean that very day.""",
    "W119": """A window lies in a blackout of its region, and was left out.

The region's `blackout` in config/regions.yaml names dates on which no window may lie. The other
dates and regions are not touched.""",
    "W120": """The sources of a named date differ.

A lunar date depends on the place it is computed for, and a religious one may be announced by
sight. The message names each source and its date. Pin the one that you mean in
config/calendars.yaml, `dates: { NAME: { years: { 2027: 2027-02-07 } } }`, and the warning goes.""",
    "W121": """A named date stands without its year.

It means the one that is on, else the next one, each year again: the campaign goes live next year
too, without anybody writing it again. With its year, `black-friday 2026`, it means that one
alone.""",
    "W122": """Nobody can tell whether a window's date is a public holiday in its region.

The table of the holidays library ends before that year. The window is kept. `on_holiday: keep` says
that this is meant; the other policies, and peak hours, need a calendar that reaches so far.""",
    "W130": """A region that a channel serves takes part in no campaign in these weeks.

`promo preview --coverage` looks at every region that a channel names. Name the region in a
campaign, or leave it out on purpose. What an error stops does not count as taking part.""",
    "W131": """A region gets far less than the others: under a quarter of the usual hours a week.

The usual hours are the median over the regions that take part in anything. Hours are those in which
at least one window is on, on the clock of the region's anchor; an hour on two channels counts once.
Give the region more campaigns, more phases or longer hours, or leave it so on purpose.""",
}

PLANNING_CODES: Mapping[str, str] = MappingProxyType({**_ERRORS, **_WARNINGS})
