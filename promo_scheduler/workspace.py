"""Workspace: everything that was read at one revision, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from promo_scheduler.calendar import NamedDate
from promo_scheduler.campaign import Campaign
from promo_scheduler.catalog import Catalog
from promo_scheduler.channel import Channel
from promo_scheduler.errors import Problem
from promo_scheduler.region import Region
from promo_scheduler.settings import Settings


@dataclass(frozen=True, slots=True)
class Workspace:
    """A loaded workspace. `root` is its folder.

    `regions` holds only those that a channel or campaign of the workspace names; `dates` every
    named date, shipped or its own. `revision` is the git commit, with `-dirty` after it where
    files differ from it; None outside git.
    `config_digest` names the content of `config/`: a change of it never applies by itself.
    `config_files` are the files that the digest names, as they were read.
    `warnings` are the Problems of severity `warn` met while reading.
    """

    root: Path
    settings: Settings
    regions: Mapping[str, Region]
    channels: Mapping[str, Channel]
    campaigns: tuple[Campaign, ...]
    catalog: Catalog = ()
    dates: Mapping[str, NamedDate] = field(default_factory=dict, repr=False)
    revision: str | None = None
    config_digest: str = ""
    config_files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    warnings: tuple[Problem, ...] = field(default=())
