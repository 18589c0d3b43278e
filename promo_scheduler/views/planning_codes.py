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
for this region and channel.""",
    "E120": """Something is on a channel that was removed, or that serves its region no more.

The way to an account goes with its channel, so nobody could end what is on it. The campaign is left
alone in that region, and the changed config/ is not applied. Put the channel, or its region, back;
take the campaign down there with `promo apply --allow-withdraw`; wait until `promo status` shows it
ended; then remove it.""",
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
}

PLANNING_CODES: Mapping[str, str] = MappingProxyType({**_ERRORS, **_WARNINGS})
