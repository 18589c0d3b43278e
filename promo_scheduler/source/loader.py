"""Loading a workspace: every file is read, checked and merged; one value, or every Problem."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import EllipsisType
from typing import TypeVar

from promo_scheduler.calendar import NamedDate
from promo_scheduler.campaign import Campaign
from promo_scheduler.errors import InvalidWorkspace, Problem, WorkspaceNotFound
from promo_scheduler.region import Region
from promo_scheduler.source.calendars_file import dates_in
from promo_scheduler.source.campaign_rules import Surroundings
from promo_scheduler.source.campaigns import campaign_in, read_campaigns, same_names
from promo_scheduler.source.catalog_file import read_catalog
from promo_scheduler.source.config import (
    ConfigFile,
    channels_in,
    config_files,
    digest_of,
    only,
    open_config,
    own_regions_in,
    regions_in,
    settings_in,
    shipped_config,
    unread_files,
)
from promo_scheduler.source.git import revision as git_revision
from promo_scheduler.source.nodes import Document
from promo_scheduler.source.scalars import Known
from promo_scheduler.workspace import Workspace

T = TypeVar("T")


def load(root: Path, *, revision: str | EllipsisType | None = ...) -> Workspace:
    """The workspace in this folder, at this revision; git is asked where none is given.

    Raises InvalidWorkspace with every Problem of every file where one of them is an error: a
    revision that does not load changes nothing (law 12). Warnings are in `Workspace.warnings`.
    Raises WorkspaceNotFound where there is no such folder.
    """
    if not root.is_dir():
        raise WorkspaceNotFound(f"no folder {root}", help="`promo init` makes a workspace")
    workspace, problems = _sound(*_Reading(root).workspace())
    stands_at = git_revision(root) if isinstance(revision, EllipsisType) else revision
    return replace(_with_files(workspace, root), revision=stands_at, warnings=problems)


def load_config(root: Path) -> Workspace:
    """The workspace without its campaigns: enough to look at what stands, and to stop it, whatever
    is half written in `campaigns/`. Raises InvalidWorkspace.
    """
    workspace, problems = _sound(*_Reading(root).config())
    return replace(_with_files(workspace, root), warnings=problems)


def _with_files(workspace: Workspace, root: Path) -> Workspace:
    files = config_files(root)
    return replace(workspace, config_files=files, config_digest=digest_of(files))


def _sound(
    workspace: Workspace, problems: tuple[Problem, ...]
) -> tuple[Workspace, tuple[Problem, ...]]:
    if any(each.severity == "error" for each in problems):
        raise InvalidWorkspace(problems)
    return workspace, problems


@dataclass(slots=True)
class _Reading:
    """One reading of a workspace, and what is wrong with it so far."""

    root: Path
    problems: list[Problem] = field(default_factory=list)

    def workspace(self) -> tuple[Workspace, tuple[Problem, ...]]:
        """All that can be used, and every Problem in the order of the files."""
        settings = self._kept(settings_in(open_config(self.root, "settings.yaml")))
        catalog = self._kept(read_catalog(self.root))
        documents = self._kept(read_campaigns(self.root))
        dates, names = self._dates()
        around = self._surroundings(documents, names)
        found = [self._kept(campaign_in(document, around)) for document in documents]
        self.problems += [*same_names(documents), *unread_files(self.root)]
        campaigns = tuple(each for each in found if each is not None)
        workspace = Workspace(
            root=self.root,
            settings=settings,
            regions=_named(around, campaigns),
            channels=around.channels,
            campaigns=campaigns,
            catalog=catalog,
            dates=dates,
        )
        return workspace, _in_order(self.problems)

    def config(self) -> tuple[Workspace, tuple[Problem, ...]]:
        """Settings, channels and their regions, and every Problem of theirs."""
        settings = self._kept(settings_in(open_config(self.root, "settings.yaml")))
        dates, names = self._dates()
        around = self._surroundings([], names)
        workspace = Workspace(
            root=self.root,
            settings=settings,
            regions=_named(around, ()),
            channels=around.channels,
            campaigns=(),
            dates=dates,
        )
        return workspace, _in_order(self.problems)

    def _kept(self, result: tuple[T, list[Problem]]) -> T:
        value, problems = result
        self.problems += problems
        return value

    def _dates(self) -> tuple[dict[str, NamedDate], frozenset[str] | None]:
        """The named dates, and every name that may be used; None where nobody can tell."""
        own = open_config(self.root, "calendars.yaml")
        dates, problems = dates_in(own)
        self.problems += problems
        given = own.names("dates")
        return dates, None if problems and not given else frozenset(dates) | (given or frozenset())

    def _surroundings(
        self, documents: list[Document], dates: frozenset[str] | None
    ) -> Surroundings:
        own = open_config(self.root, "regions.yaml")
        accounts = open_config(self.root, "channels.yaml")
        names = _union(own.names("regions"), shipped_config("regions.yaml").names("regions"))
        channels = self._kept(channels_in(accounts, Known(regions=names)))
        wanted = _wanted(accounts, documents) - (own.names("regions") or frozenset())
        regions = {
            **self._kept(regions_in(only(shipped_config("regions.yaml"), "regions", wanted))),
            **self._kept(own_regions_in(own)),
        }
        tags = frozenset(tag for region in regions.values() for tag in region.tags)
        sound = names is not None and all(name in regions for name in own.names("regions") or ())
        known = Known(names, accounts.names("channels"), tags if sound else None, dates)
        return Surroundings(known, regions, channels)


def _union(own: frozenset[str] | None, others: frozenset[str] | None) -> frozenset[str] | None:
    return None if own is None or others is None else own | others


def _wanted(accounts: ConfigFile, documents: list[Document]) -> frozenset[str]:
    """Every region that a channel or a campaign names: only these count of the shipped ones."""
    channels = accounts.document.root.table("channels")
    tables = [channels.table(name) for name in channels.entries]
    tables += [document.root for document in documents]
    return frozenset(name for table in tables for name in table.texts("regions"))


def _named(around: Surroundings, campaigns: tuple[Campaign, ...]) -> dict[str, Region]:
    named = {name for channel in around.channels.values() for name in channel.regions}
    named |= {name for campaign in campaigns for name in campaign.regions}
    return {name: region for name, region in sorted(around.regions.items()) if name in named}


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    def position(problem: Problem) -> tuple[str, int, int]:
        place = problem.place
        return (place.file, place.line, place.column) if place else ("", 0, 0)

    return tuple(sorted(problems, key=position))
