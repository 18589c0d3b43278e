"""What the codes of reading a workspace mean: `promo explain CODE`.

Each text says first what it means, then what to do, with an example.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from promo_scheduler.views.calendar_codes import CALENDAR_CODES

_WORKSPACE = {
    "E001": """No workspace was found here or in a folder above.

A workspace is a folder that holds config/settings.yaml. `promo init` makes one in this folder;
`promo -w DIR …` names another one.""",
    "E002": """The workspace does not load; every reason is listed with its file, line and column.

A revision that does not load changes nothing: what stands goes on as it was applied. Correct what
is listed (`promo explain CODE` says more about each), then run `promo validate` again.""",
    "E003": """A reference to a secret has nothing behind it, or leads out of the workspace.

`${env:NAME}` needs the environment variable where promo runs, `${file:path}` a short text file that
it may read. A relative path is taken from the workspace and stays inside it; an absolute one, such
as `${file:/run/secrets/token}`, may be anywhere.""",
    "E004": """Git is there, but it refuses or does not answer.

What git said is in the message. Run `git status` in the workspace as the same user; where it speaks
of dubious ownership, `git config --global --add safe.directory DIR` tells it to trust the
folder.""",
}

_STRUCTURE = {
    "E010": """A key or column that does not exist.

Nothing is ignored: a slip such as `untl: "22:00"` would otherwise leave a sale without its end.
Write the key that is suggested: `until: "22:00"`.""",
    "E011": """A value of another kind was expected here.

The message says what was expected and what was found. A list is written `[de, fr]`, a mapping
`{ tag: winter }`; a key with nothing after it has no value at all.""",
    "E012": """No time zone has this name.

Zones are IANA names of the tzdata package, such as `America/Vancouver` or `Europe/Berlin`, in this
very spelling. Abbreviations such as PST or CET+1 say nothing about clock changes. `promo zones`
lists the names.""",
    "E013": """No region has this name.

Regions are those of your config/regions.yaml and the shipped ones, such as `de` or `us`. Correct
the name, or add the region: `regions: { xx: { zones: [Europe/Berlin], currency: EUR } }`.""",
    "E014": """No channel has this name.

Channels are those of your config/channels.yaml. Correct the name, or add the channel there.""",
    "E015": """No region in use carries this tag.

`regions: { tagged: core }` means the regions with `core` among their `tags`, of those in your
config/regions.yaml or named by a channel. Correct the tag, or give it to a region.""",
    "E016": """Something that must be given is missing.

Add the key that is named, for example `from: "20:00"` in a `when`, `currency: EUR` in a region, or
`regions: [de]` in a channel: a region takes part only where a channel names it.""",
    "E017": """One key is given twice in one mapping, or one column twice in the catalogue.

YAML readers keep the last one and say nothing. Keep the one that you mean.""",
    "E018": """This cannot be a name.

Names of campaigns, phases, regions and channels become part of keys: up to 63 letters, digits, `-`,
`_` and `.`, with a letter or digit first and last: `double-11-2026`.""",
    "E019": """Two files give their campaign the same name.

A name is what the ledger knows a campaign by. Rename one: `campaign: double-11-2027`. A name that
has been applied should stay; the new file is the one to rename.""",
}

_FILES = {
    "E020": """The file cannot be read, or is no file.

Check that the user promo runs as may read it, that a link leads somewhere, and that no folder or
pipe has a name that ends in .yaml.""",
    "E021": """The file is too large: more than 1 MiB of YAML, or 64 MiB of catalogue.

It was not read at all. A campaign needs a few kilobytes; select products by tag or collection
instead of listing thousands of SKUs, or split the file.""",
    "E022": """The file is not a text in UTF-8.

It holds bytes that no UTF-8 text holds; spreadsheet programs and old editors save other encodings.
Save it again as UTF-8.""",
    "E023": """A tab stands where YAML wants spaces.

YAML forbids tabs in indentation, since nobody can see how deep they go. Replace each by two
spaces; most editors have a command for it.""",
    "E024": """The file is empty, or holds nothing but comments.

A campaign file needs at least `campaign`, `regions` and `phases`. Remove the file if the campaign
is gone, but see `promo plan` first: removing it ends what is live.""",
    "E025": """The file is not YAML.

The place is where reading stopped; the slip is often a line above. Texts with `: ` or ` #` in
them, or with one of `[{&*!|>%@` in front, need quotes: `title: "Sale: the last day"`.""",
    "E026": """The file grows beyond measure with its aliases written out, or nests too deep.

At most 50,000 values and 50 levels are read, and an alias may not contain itself. Write less with
`*aliases`; overrides need only what differs.""",
    "E027": """A second document begins in the file.

A line `---` starts another document. One file is one campaign: move the second one to a file of its
own.""",
    "E028": """The file is a link that leads out of the workspace.

What lies elsewhere is in no commit and no review. Put the file itself into the workspace.""",
    "E029": """This kind of YAML is not read: tags such as `!!python/…`, or keys that are no names.

Values are plain texts, lists and mappings. Write the value without its tag, and every key as a
name.""",
}

_VALUES = {
    "E030": """A time of day stands without quotes.

To many YAML readers 20:30 is the number 1230. Quote it: `from: "20:30"`.""",
    "E031": """This is no time of day, no peak, and nothing of the sun.

Times have two digits each, from "00:00" to "24:00": `"08:30"`. `peak` is the region's best hours,
`peak(2)` the second best; `sunset-30m`, `sunrise`, `iftar+1h` go by the sun. An end on a later day
is `"+1d 03:00"`.""",
    "E032": """24:00 is an end only.

The start of the next day is `"00:00"` with the next date.""",
    "E033": """This is no date.

Dates are written `2026-11-11` and lie between 1970 and 2199, or by name: `black-friday 2026`. A
list is `[2026-11-11, 2026-12-12]`.""",
    "E034": """This is no duration.

Write a number and a unit: `90m`, `2h`, `1d`, `1d12h`, or ISO 8601: `PT24H`, `P1D`. `24h` is elapsed
time, `1d` ends at the same time on the next day's clock. Months and years have no fixed length.""",
    "E035": """This is no number, or one out of bounds.

Write digits, with a point before the fraction, and nothing else: `4.50`, not `4,50 €`.""",
    "E036": """This text cannot be used: empty, too long, of another form, or unprintable.

Texts are one line of at most 500 characters. A locale looks like `pt-BR`, holidays like `DE` or
`DE-BY`.""",
    "E037": """true or false was expected.

`yes`, `no`, `on` and `off` mean different things to different YAML readers. Write
`stack: true`.""",
}

_WHEN = {
    "E040": """It must be said exactly once when a phase ends.

Give `until: "22:00"` or `for: 2h`, not both and not neither. Only `from: peak` may stand alone: it
means the whole peak.""",
    "E041": """`until: peak` is not read.

It would say neither which end of the peak nor of which day. Write `from: peak` alone for the whole
peak, or a time.""",
    "E042": """The hours begin and end at the same time.

For a whole day write `from: "00:00", until: "24:00"`; for a day that starts elsewhere
`for: 1d`.""",
    "E043": """The range of dates does not fit together.

`to` is the last date, included, and not before `from`. `each: day` and `rrule` both say on which
dates of the range: keep one. `except` leaves dates out of such a repetition only.""",
    "E044": """This recurrence rule is not read.

Rules are RFC 5545 over dates: `FREQ` DAILY, WEEKLY, MONTHLY or YEARLY, with INTERVAL, COUNT, UNTIL
and BY… parts of days, weeks and months. Hours are given by `from`. Example:
`date: { rrule: "FREQ=WEEKLY;BYDAY=FR", from: 2026-12-04, to: 2027-04-30 }`.""",
    "E045": """UNTIL in a recurrence rule may not end in Z.

With Z it is one instant, but the dates are each zone's own. Drop the Z, or drop UNTIL: `to` ends
the range.""",
    "E046": """`clock: instant` and local times are mixed.

The same moment everywhere takes two full times with an offset and nothing else:
`{ clock: instant, from: "2026-12-12T00:00:00+08:00", until: "2026-12-13T00:00:00+08:00" }`. Local
hours take `date` and "HH:MM".""",
    "E047": """The end is not after the start.

Compare the two with their offsets: 20:00+08:00 is before 13:00Z of the same date.""",
    "E048": """One window over several days cannot have a length as well.

`date: { from, to }` is one window from the first day to the last, so it ends by `until`. For the
same hours on each day write `each: day`.""",
    "E049": """A fallback does not fit what it stands in for.

`fallback` is the time that counts where the sun does not set, and outside Ramadan for iftar. It
needs a `from` or `until` that names the sun; where both do, give one for each:
`fallback: { from: "18:00", until: "22:00" }`.""",
    "E057": """There is no named date of this name.

`promo calendars` lists them. A year stands apart, an offset after it: `black-friday 2026`,
`lunar-new-year 2027 - 7d`. Names of your own go into config/calendars.yaml.""",
}

_OFFER = {
    "E050": """It must be said exactly once what is taken off.

Give one of `percent: 20`, `amount: { EUR: 5 }` and `price: { EUR: 19.90 }`.""",
    "E051": """A percentage lies above 0 and goes up to 100.

Write the number alone: `percent: 25`. A share such as 0.25 means a quarter of one percent.""",
    "E052": """This is no currency code.

Codes are three capital letters of ISO 4217: `EUR`, `USD`, `JPY`.""",
    "E053": """A region's currency is missing among the amounts or prices.

Each region pays in its own currency, and nothing is converted. Add it,
`amount: { EUR: 5, BRL: 25 }`, use `percent`, or give that
region another offer under `overrides`.""",
    "E054": """The offer names no products.

Write `products: all`, or select: `products: { tag: winter, except: { skus: [A-100] } }`. With
`except` alone add `all: true`.""",
    "E055": """The override has no effect.

It is for a region that is not among the campaign's, or for a channel that does not serve the region
in this campaign. Correct the name, add the region or channel, or drop the override.""",
    "E056": """The campaign has no phase of this name.

An override changes phases and adds none. Use a name that stands under `phases`.""",
}

_CONFIG = {
    "E058": """The holidays library does not have this calendar.

`holidays` takes the ISO 3166 code of a country, such as `DE`, with a subdivision, `DE-BY`, and
categories that the library has for it: `{ country: DE-BY, categories: [public, catholic] }`.""",
    "E060": """The anchor is none of the region's zones.

`anchor` says which of `zones` counts where a channel knows only one. Name one of them, or drop
`anchor`: then the first one counts.""",
    "E061": """An announced Ramadan cannot be right.

The sight of the Moon moves the start by a day or two, never by weeks; the month lasts 29 or 30
days, and each Hijri year has one. Correct the dates: `{ from: 2027-02-08, to: 2027-03-09 }`.""",
    "E062": """A channel serves several regions and does not say what they are called there.

Two markets in one account must be told apart: `targets: { de: de-store, us: us-store }`.""",
    "E063": """A target is given for a region that the channel does not serve.

Add the region to the channel's `regions`, or drop the target.""",
    "E064": """A `${` is no reference.

References are `${env:NAME}`, `${env:NAME:-default}` and `${file:path}`. The line is not shown, in
case a secret stands in it.""",
    "E065": """A secret stands where a reference to it belongs.

What is in git is known to everybody who reads it. Put the key elsewhere, change it, and refer to
it: `audit_key: "${env:PROMO_AUDIT_KEY}"`. The line is not shown.""",
    "E066": """A kind of change is both applied alone and asked for.

Keep each word in one of `apply: { auto: […], ask: […] }`. What is in neither is asked for.""",
    "E067": """The shortest wait after a failed attempt is longer than the longest.

For example `retry: { shortest: 1s, longest: 5m }`.""",
    "E068": """This line of the catalogue cannot be read.

Every line has as many fields as the first one has columns, and an SKU. A field with a comma in it
is quoted: `A-1,"Shoe, blue",shoes`.""",
    "E069": """Two lines of the catalogue have the same SKU.

Keep one line for each product; several tags stand in one field: `winter;gift`.""",
    "E070": """This is known, and not built yet.

It is refused, not ignored, since ignoring it would promise something that does not happen: for
example `approval`, `notify`, `compare_at`, `prices` and rule sets. Remove it.""",
}

_WARNINGS = {
    "E078": """`metrics:` names a file that node_exporter would not read.

Its textfile collector reads files that end in `.prom`, from the folder that it is started with
(`--collector.textfile.directory`): `metrics: /var/lib/node_exporter/textfile/promo.prom`.""",
    "W010": """An end of 23:59 leaves out the day's last minute.

Ends are exclusive: `until: "23:59"` ends before that minute begins. Write `until: "24:00"`.""",
    "W011": """A file lies where files are read, but this one is not.

Campaigns are campaigns/*.yaml; config/ holds settings.yaml, regions.yaml, channels.yaml,
calendars.yaml and catalog.csv. Rename it, or move it away.""",
    "W012": """No channel of the campaign serves one of its regions, so nothing happens there.

A region takes part only where a channel names it: add it to the channel's `regions`, or drop it
from the campaign.""",
    "W013": """`on_holiday` has nothing to do in this campaign.

Public holidays are dates of a region. Windows with `clock: instant` are the same moment everywhere
and stay where they are. Drop `on_holiday`, or give a phase a `date`.""",
}

SOURCE_CODES: Mapping[str, str] = MappingProxyType(
    {
        **_WORKSPACE,
        **_STRUCTURE,
        **_FILES,
        **_VALUES,
        **_WHEN,
        **_OFFER,
        **_CONFIG,
        **CALENDAR_CODES,
        **_WARNINGS,
    }
)
