"""Campaigns of the chaos tests: many short windows, each at its instant, over several targets.

A workspace has two channels on one shop: `timed`, which keeps windows itself, and `switched`, which
is told at each instant.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

REGIONS = ("de", "us", "gb", "jp", "br", "in", "fr", "it", "es", "ca")
CHANNEL = """\
  {name}:
    connector: sandbox
    regions: [{regions}]
    targets: {{ {targets} }}
    settings: {{ url: "{url}", native: "{native}" }}
"""
CAMPAIGN = """\
campaign: {region}
title: Flash
owner: ann@shop.example
regions: [{region}]
phases:
"""
PHASE = """\
  p{number:04}:
    when: {{ clock: instant, from: "{start}", until: "{end}" }}
    offer: {{ percent: 10, products: all }}
"""


@dataclass(frozen=True)
class Wanted:
    """`windows` in all on each channel, `at_once` of them at each instant, the instants `apart`;
    each lasts one of `lengths`, and the first begins `begins_in` from now. All in whole seconds.
    """

    windows: int = 30
    begins_in: int = 4
    apart: int = 1
    at_once: int = 3
    lengths: tuple[int, ...] = (1, 2, 3)
    channels: tuple[str, ...] = ("timed", "switched")
    settings: str = ""
    ledger: str = "sqlite:///.promo/ledger.db"


def a_workspace(root: Path, url: str, wanted: Wanted) -> Path:
    """Write the files of a workspace whose shop is at `url`."""
    (root / "config").mkdir(parents=True, exist_ok=True)
    (root / "campaigns").mkdir(exist_ok=True)
    settings = [
        f'ledger: "{wanted.ledger}"',
        "retry: { shortest: 1s, longest: 1s }",
        wanted.settings,
    ]
    (root / "config" / "settings.yaml").write_text("\n".join([*settings, ""]))
    (root / "config" / "channels.yaml").write_text(_channels(url, wanted))
    for region, text in _campaigns(wanted).items():
        (root / "campaigns" / f"{region}.yaml").write_text(text)
    return root


def _channels(url, wanted):
    targets = {name: ", ".join(f"{r}: {name}-{r}" for r in REGIONS) for name in wanted.channels}
    entries = [
        CHANNEL.format(
            name=name,
            regions=", ".join(REGIONS),
            targets=targets[name],
            url=url,
            native=str(name == "timed").lower(),
        )
        for name in wanted.channels
    ]
    return "channels:\n" + "".join(entries)


def _campaigns(wanted):
    first = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=wanted.begins_in)
    texts = {}
    for number in range(wanted.windows):
        region = REGIONS[number % len(REGIONS)]
        step = number // wanted.at_once
        start = first + timedelta(seconds=wanted.apart * step)
        end = start + timedelta(seconds=wanted.lengths[number % len(wanted.lengths)])
        texts.setdefault(region, CAMPAIGN.format(region=region))
        texts[region] += PHASE.format(number=number, start=start.isoformat(), end=end.isoformat())
    return texts
