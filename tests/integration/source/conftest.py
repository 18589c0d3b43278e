"""A small workspace of one region's file, two channels and one campaign, to be spoiled."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from promo_scheduler.errors import InvalidWorkspace, Problem
from promo_scheduler.source import load
from promo_scheduler.workspace import Workspace

REGIONS = """\
regions:
  de: { name: Germany, zones: [Europe/Berlin], currency: EUR, tags: [core] }
  us: { zones: [America/New_York, America/Los_Angeles], currency: USD, tags: [core, big] }
"""
CHANNELS = """\
channels:
  storefront:
    connector: sandbox
    regions: [de, us]
    targets: { de: eu-store, us: us-store }
  outlet:
    connector: sandbox
    regions: [us]
"""
CAMPAIGN = """\
campaign: sale
regions: [de, us]
phases:
  launch:
    when: { date: 2026-11-11, from: "00:00", until: "24:00" }
    offer: { percent: 25, products: { tag: winter } }
"""
HEAD = "campaign: sale\nregions: [de, us]\nphases:\n  launch:\n"
WHEN = '    when: { date: 2026-11-11, from: "00:00", until: "24:00" }\n'
OFFER = "    offer: { percent: 25, products: { tag: winter } }\n"


@dataclass(frozen=True)
class Room:
    """A workspace on disk."""

    root: Path

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def campaign(self, text: str | bytes) -> Path:
        return self.write("campaigns/sale.yaml", text)

    def when(self, text: str) -> None:
        self.campaign(f"{HEAD}    when: {text}\n{OFFER}")

    def offer(self, text: str) -> None:
        self.campaign(f"{HEAD}{WHEN}    offer: {text}\n")

    def overrides(self, text: str) -> None:
        self.campaign(f"{CAMPAIGN}overrides:\n{text}")

    def load(self) -> Workspace:
        return load(self.root, revision=None)

    def problems(self) -> tuple[Problem, ...]:
        with pytest.raises(InvalidWorkspace) as caught:
            self.load()
        return caught.value.problems

    def problem(self) -> Problem:
        """The only problem that there is."""
        (problem,) = self.problems()
        return problem


@pytest.fixture
def room(tmp_path: Path) -> Room:
    made = Room(tmp_path / "workspace")
    made.write("config/settings.yaml", "")
    made.write("config/regions.yaml", REGIONS)
    made.write("config/channels.yaml", CHANNELS)
    made.campaign(CAMPAIGN)
    return made
