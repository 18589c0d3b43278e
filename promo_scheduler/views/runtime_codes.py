"""What the codes of planning, the ledger, commands and channels mean: `promo explain CODE`.

Each text says first what it means, then what to do. Codes about reading a workspace and about
findings are in the modules beside this one.
"""

from __future__ import annotations

from collections.abc import Mapping

RUNTIME_CODES: Mapping[str, str] = {
    "E101": """A datetime without a zone reached a border of the product.

Instants are aware and in UTC everywhere inside. In your own connector: attach a zone, for example
`datetime(2026, 11, 11, tzinfo=UTC)`. Anywhere else it is a bug of ours.""",
    "E102": """No event or window has this key.

A key is campaign/phase/region/zone/occurrence/slot/channel, and for an event /stage, /activate or
/deactivate after it. `promo events` lists the events with their keys. A window that was never
applied has no key in the ledger yet.""",
    "E103": """The saved plan, or the plan you looked at, is no longer what would be done.

A plan is bound to the revision of the workspace, to the ledger's count of applies, to the versions
of the zone data and calendars, to config/, and to the digest of its changes, which time alone may
alter too. One of them has moved on. Make the plan again, look at it, and apply it.""",
    "E104": """The plan holds changes that must be allowed by name.

Taking down what is live or staged needs --allow-withdraw, putting a live end into the past needs
--end-now, and starting a new window in its middle needs --start-late. Look at the plan first.""",
    "E201": """The ledger's database is locked, full, read-only, absent or out of reach.

Nothing was recorded, so it is safe to try again. `promo doctor` tries to open it. If there is none
yet, `promo apply` or `promo run` creates it; `ledger:` in config/settings.yaml says where.""",
    "E202": """Another daemon holds this ledger.

One daemon at a time works on an embedded ledger. `promo status` names the holder; stop it first.
A daemon that was killed holds nothing: its lock goes with its process.""",
    "E203": """This ledger is of another kind than is needed.

It is a simulated one where a real one is meant (or the other way round), it was written by a newer
version of promo, or its audit is sealed with another key. Name the right ledger or key in
config/settings.yaml, or install the newer version.""",
    "E204": """The audit chain does not verify: an entry was changed, cut or added without the key.

`promo audit verify` names every place. Compare with a published head (`--head SEQ:SEAL`) and with
a backup of the database; keep the present file as evidence before anything is restored.""",
    "E205": """A backup is restored only where no ledger is yet, or an empty one.

Nothing was changed, and nothing is ever overwritten. Stop the daemon and move the present ledger
away (a SQLite file with the -wal and -shm beside it), or name a new database under `ledger:` in
config/settings.yaml; then restore again.""",
    "E301": """The command line asks for something that does not fit together.

The message says what was expected and found. `promo COMMAND --help` shows every option.""",
    "E302": """A simulated run did not do what its plan says.

The summary above names the windows that were missed, late or different on the shop. `promo events
--state failed` and `promo explain KEY` tell the story of each.""",
    "E303": """A part was done, and a part was not.

What was left out is named, with the findings that stopped it: an error stops its own campaign in
its own region, and nothing else. Correct it and apply again; what is done stays as it is.

After `promo stop` or `promo hold`: the order is in force, but a channel did not show in time that
what it held is down. The list names each window, what the channel said, and when it is tried again;
a running daemon goes on trying for as long as it takes.""",
    "E304": """A file that was asked for cannot be written.

The message says why. What was there before is left as it was, and no half file stays behind. Make
the folder first, or name a file in one that you may write to.""",
    "E305": """The engine that was asked for is not installed.

`promo run --engine pgqueuer` needs the cluster extra: pip install 'promo-scheduler[cluster]'. The
embedded engine needs nothing more; it serves one daemon on one ledger.""",
    "E310": """A file of orders cannot be learned from.

It is not there, lacks a column, or holds no order. `promo peaks learn` wants a CSV whose first line
names `placed_at_utc` and `region` or `country`, with commas between: `2026-11-11T20:30:00Z,DE`.
Countries are codes of two letters (ISO 3166); other columns are not looked at.""",
    "E311": """Rows of an orders file cannot be used, and they are more than 1 %.

Each order needs an instant with `Z` or an offset (`2026-11-11T20:30:00Z`), of the years 1990 to
2100, and a region or country. A time without an offset is refused, since nobody can tell on whose
clock it was read. The first few places are named; correct the export.""",
    "E312": """Learned peaks cannot be put into config/regions.yaml.

Either the file cannot be written, or the entry is written in a way that cannot be changed alone: a
peak behind a YAML anchor or alias, for example, would change other regions too. Put the lines that
the message names there by hand.""",
    "W311": """A few rows of an orders file were left out.

They are less than 1 %, so the rest is used. Each names what is wrong with it; an instant needs `Z`
or an offset, and an order a region or country.""",
    "E400": """A channel did not do what was asked, and said no more.

`promo explain KEY` shows what was tried and what the channel answered; `promo channels check` asks
it how it is.""",
    "E401": """The channel refuses more calls for now.

The event is tried again after the time the channel asks for. If this happens often, lower
`limits: { concurrency: …, rate: … }` of the channel in config/channels.yaml.""",
    "E402": """The channel could not be reached or failed on its side; nothing was done there.

The event is tried again, with longer waits each time, while its window lasts; an ending for as
long as it takes.""",
    "E403": """The answer to a write was lost, so nobody knows yet whether it was done.

The channel is read before anything is done again, so nothing is done twice.""",
    "E404": """The channel no longer accepts the credentials.

Renew them where the reference in `settings:` points to (`${env:…}`, `${file:…}`), then `promo
channels check`. Events wait meanwhile, and are tried again.""",
    "E405": """The whole channel is closed, for maintenance as a rule.

Events wait until it opens, for as long as their windows last; endings as long as it takes.""",
    "E406": """The channel did a part of a batch and refused the rest.

What was refused is named with the reasons, and is tried again by itself.""",
    "E410": """The channel refuses for good: trying again cannot help.

Somebody must change something; the reason says what. Afterwards `promo retry KEY`.""",
    "E411": """The account may not do this.

Give the account the right that the reason names, on the channel's side, then `promo retry KEY`.""",
    "E412": """The channel refuses the content of the discount.

The reason names what it does not take. Correct the campaign, `promo plan`, `promo apply`.""",
    "E413": """The channel does not take this window: too short, too long, past, or upside down.

`promo channels` shows its limits. Change the hours, `promo plan`, `promo apply`.""",
    "E414": """The products, the account or the market do not qualify on this channel.

The reason names what is missing. Exclude those products or that region, or make them qualify.""",
    "E415": """Something else on the channel stands in the way, such as a discount of another tool.

Take it away there, or change the hours or products here, then `promo retry KEY`.""",
    "E416": """What the call names is not there: a shop, market, product or discount.

Compare `targets:` and `settings:` in config/channels.yaml with what the channel shows.""",
    "E431": """No installed package provides a connector of this name.

The message lists those that are installed. Correct `connector:` in config/channels.yaml, or
install the connector's package beside promo.""",
    "E432": """A connector's package is installed, but cannot be used.

It fails at import, or what its entry point names is no connector. Repair or reinstall it; its
author can check it with `promo_scheduler.testing`.""",
    "E433": """A channel's settings are not what its connector takes.

A setting is missing, unknown or of another form. Correct `settings:` of that channel in
config/channels.yaml; nothing is planned on it before.""",
    "W140": """New zone data or calendars move this window.

`promo tz diff` tells it where problems are listed. Its wall time is what was promised and stays;
the instants are others. `promo tz apply` applies it; with `new_zone_data: auto` in
config/settings.yaml the daemon does.""",
    "W141": """New zone data were taken up, and this window stays as it stood.

Its wall times hold no instant under the new data, the policy for clock changes refuses them, or its
channel is not in config/ any more. Look at `promo plan`: what the campaign asks for is planned as
any edit is.""",
}
