"""The files of config/: settings, regions (over the shipped ones) and channels; entries by name."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel

from promo_scheduler.channel import Channel
from promo_scheduler.errors import Problem
from promo_scheduler.region import Region
from promo_scheduler.settings import Settings
from promo_scheduler.source.complaint import Complaint, did_you_mean
from promo_scheduler.source.compose import read_document
from promo_scheduler.source.config_rules import (
    calendar_complaints,
    channel_complaints,
    region_complaints,
    settings_complaints,
)
from promo_scheduler.source.config_schema import (
    ChannelEntry,
    ChannelsFile,
    RegionEntry,
    RegionsFile,
    SettingsFile,
)
from promo_scheduler.source.entries import channel_noun, region_noun, settings_noun
from promo_scheduler.source.nodes import START, Document, Scalar, Table
from promo_scheduler.source.reading import SourceFile, absent, file_in
from promo_scheduler.source.scalars import Known
from promo_scheduler.source.shape import check
from promo_scheduler.source.shipped_files import shipped

E = TypeVar("E", bound=BaseModel)
_FILES = ("settings.yaml", "regions.yaml", "channels.yaml", "calendars.yaml", "catalog.csv")


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A file of config/ and the problems of its text."""

    document: Document
    problems: tuple[Problem, ...] = ()

    def names(self, kind: str) -> frozenset[str] | None:
        """The names that it gives; None where the file cannot be read, so nobody can tell."""
        given = frozenset(self.document.root.table(kind).entries)
        return None if self.problems and not given else given


def open_config(root: Path, name: str) -> ConfigFile:
    """A file of the workspace's config/; one that is absent or empty says nothing."""
    file = file_in(root, "config", name)
    if absent(file):
        return ConfigFile(Document(file.name, (), Table({}, START)))
    document, problems = read_document(file)
    return ConfigFile(document, tuple(each for each in problems if each.code != "E024"))


@cache
def shipped_config(name: str) -> ConfigFile:
    """A file of the shipped config/: a catalogue that does not change while promo runs."""
    folder = shipped("config")
    document, problems = read_document(SourceFile(folder / name, folder, f"shipped:config/{name}"))
    return ConfigFile(document, tuple(problems))


def settings_in(file: ConfigFile) -> tuple[Settings, list[Problem]]:
    """The settings, or the defaults where the file cannot be used; and what is wrong with it."""
    if not file.document.root.entries:
        return Settings(), list(file.problems)
    model, complaints = check(SettingsFile, file.document.root, Known())
    if model is not None:
        complaints = list(settings_complaints(model))
    problems = [*file.problems, *map(file.document.problem, complaints)]
    return settings_noun(model) if model and not complaints else Settings(), problems


def regions_in(
    file: ConfigFile, rules: Callable[[RegionEntry], Iterator[Complaint]] = region_complaints
) -> tuple[dict[str, Region], list[Problem]]:
    """The file's regions that can be used, and what is wrong with the others."""
    kind = Kind("regions", RegionsFile, RegionEntry, rules)
    entries, problems = entries_in(file, kind, Known())
    return {name: region_noun(name, entry) for name, entry in entries.items()}, problems


def own_regions_in(file: ConfigFile) -> tuple[dict[str, Region], list[Problem]]:
    """The regions of the workspace's own file. The library is asked for their calendars, but not
    for one that the shipped catalogue has too: loading the library takes a while.
    """
    regions = shipped_config("regions.yaml").document.root.table("regions")
    nodes = (regions.table(name).get("holidays") for name in regions.entries)
    shipped_calendars = {node.text for node in nodes if isinstance(node, Scalar)}

    def rules(entry: RegionEntry) -> Iterator[Complaint]:
        yield from region_complaints(entry)
        if entry.holidays not in shipped_calendars:
            yield from calendar_complaints(entry)

    return regions_in(file, rules)


def channels_in(file: ConfigFile, known: Known) -> tuple[dict[str, Channel], list[Problem]]:
    """The file's channels that can be used, and what is wrong with the others."""
    kind = Kind("channels", ChannelsFile, ChannelEntry, channel_complaints)
    entries, problems = entries_in(file, kind, known)
    return {name: channel_noun(name, entry) for name, entry in entries.items()}, problems


def only(file: ConfigFile, kind: str, wanted: frozenset[str]) -> ConfigFile:
    """The file as if it gave nothing but the wanted names."""
    root = file.document.root
    entry, table = root.entries.get(kind), root.table(kind)
    if entry is None:
        return file
    kept = {name: each for name, each in table.entries.items() if name in wanted}
    narrowed = replace(entry, node=replace(table, entries=kept))
    document = file.document.with_root(replace(root, entries={**root.entries, kind: narrowed}))
    return ConfigFile(document, file.problems)


def unread_files(root: Path) -> Iterator[Problem]:
    """Files of config/ that nobody reads: refused where the design names them, else a warning."""
    folder = root / "config"
    for path in sorted((folder / "rules").glob("*.yaml")):
        file = file_in(root, *path.relative_to(root).parts)
        yield file.problem("E070", "is known, not built yet", "remove it; nothing reads it")
    for path in sorted(folder.glob("[!.]*.y*ml")):
        if path.name not in _FILES:
            guess = did_you_mean(path.name, _FILES) or f"config/ holds {', '.join(_FILES)}"
            found = file_in(root, "config", path.name).problem("W011", "is not read", guess)
            yield replace(found, severity="warn")


def config_files(root: Path) -> dict[str, bytes]:
    """The content of config/, file by file."""
    paths = (root / "config" / name for name in _FILES)
    return {path.name: path.read_bytes() for path in paths if path.is_file()}


def digest_of(files: Mapping[str, bytes]) -> str:
    """A name for the content of config/; the same content has the same name, wherever it lies."""
    digest = hashlib.sha256()
    for name, content in files.items():
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


# ── entries by name ─────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Kind(Generic[E]):
    """A kind of file that holds entries by name under one key."""

    key: str
    file: type[BaseModel]
    entry: type[E]
    rules: Callable[[E], Iterator[Complaint]]


def entries_in(file: ConfigFile, kind: Kind[E], known: Known) -> tuple[dict[str, E], list[Problem]]:
    """The file's entries that can be used, and what is wrong with the others."""
    document, problems = file.document, list(file.problems)
    if not document.root.entries:
        return {}, problems
    _, complaints = check(kind.file, document.root, known)
    usable: dict[str, E] = {}
    for name, entry in document.root.table(kind.key).entries.items():
        model, _ = check(kind.entry, entry.node, known)  # its complaints are among the file's
        broken = [each.under(kind.key, name) for each in kind.rules(model)] if model else []
        complaints += broken
        if model and not broken:
            usable[name] = model
    return usable, problems + [document.problem(each) for each in complaints]
