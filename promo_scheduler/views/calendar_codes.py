"""What the codes of config/calendars.yaml mean: `promo explain CODE`."""

from __future__ import annotations

CALENDAR_CODES = {
    "E071": """This is no rule for a date.

In config/calendars.yaml, `is` holds a day (`25 dec`), a weekday of a month (`4th thu of nov`, `last
sun of may`), `easter`, `orthodox easter`, `ramadan`, a day of the Hijri calendar (`hijri 10-1`) or
the name of a table (`lunar-new-year`, `diwali`); `+ 1d` or `- 3w` may follow. A range is
`{ from: 29 apr, to: 5 may }`.""",
    "E072": """No country has this code.

Countries are ISO 3166 codes in capitals, such as DE or GB (not UK), as in the first part of a
region's `holidays`.""",
    "E073": """A named date says nothing of when it is.

Add `is:` with a rule, such as `is: 3 sep`, or `years:` with dates, such as
`years: { 2027: 2027-09-03 }`.""",
    "E074": """A year is given a date of another year.

What stands under `years: { 2027: … }` begins in 2027. A range may end in the next year.""",
    "E075": """A country is given twice for one named date.

Keep it in one of the lists of `by_country`.""",
    "E076": """One date is given for a name that lasts several days.

Write both ends, both included: `years: { 2027: { from: 2027-04-29, to: 2027-05-05 } }`.""",
    "E077": """A date that goes by Ramadan is given a year in config/calendars.yaml.

It would move this name alone, and leave `iftar` and the other dates where they are. Announce the
month for the region instead, in config/regions.yaml: `ramadan: [{ from: 2027-02-08, to:
2027-03-09 }]`. Eid al-Fitr is the day after.""",
}
