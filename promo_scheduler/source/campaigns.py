"""The files of campaigns/: read, checked with every override laid over, and made into nouns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from promo_scheduler.campaign import Campaign, Lateness, Variant
from promo_scheduler.campaign import Phase as PhaseNoun
from promo_scheduler.errors import Place, Problem
from promo_scheduler.source.campaign_rules import (
    Surroundings,
    campaign_complaints,
    currency_complaints,
)
from promo_scheduler.source.complaint import Complaint, shown
from promo_scheduler.source.complaint import Path as Steps
from promo_scheduler.source.compose import read_document
from promo_scheduler.source.merge import Merged, merged
from promo_scheduler.source.nodes import Document, Entry, Scalar, Table
from promo_scheduler.source.phase_rules import phase_complaints
from promo_scheduler.source.phases import phase_noun
from promo_scheduler.source.reading import file_in
from promo_scheduler.source.schema import CampaignFile, Late, Phase
from promo_scheduler.source.shape import check
from promo_scheduler.when import OnHoliday

M = TypeVar("M", bound=BaseModel)
Overlay = tuple[Merged, dict[str, Phase]]  # a region's differences, and its phases that differ


def read_campaigns(root: Path) -> tuple[list[Document], list[Problem]]:
    """Every campaign file, and what is wrong with their texts. Hidden files are not read."""
    documents, problems = [], []
    try:
        names = sorted(path.name for path in (root / "campaigns").iterdir())
    except FileNotFoundError:
        names = []
    except OSError as error:
        place = Place("campaigns", 1, 1)
        problems.append(Problem("E020", f"cannot be listed: {error.strerror}", place=place))
        names = []
    for name in names:
        if name.endswith(".yaml") and not name.startswith("."):
            document, found = read_document(file_in(root, "campaigns", name))
            documents.append(document)
            problems += found
        elif name.endswith(".yml"):
            problems.append(_not_read(root, name))
    return documents, problems


def _not_read(root: Path, name: str) -> Problem:
    way_out = f"rename it to {name.removesuffix('.yml')}.yaml"
    found = file_in(root, "campaigns", name).problem("W011", "is not read: .yml", way_out)
    return replace(found, severity="warn")


def same_names(documents: list[Document]) -> Iterator[Problem]:
    """A complaint at each place where a campaign's name is given that another file has too."""
    named: dict[str, list[Document]] = {}
    for document in documents:
        node = document.root.get("campaign")
        if isinstance(node, Scalar):
            named.setdefault(node.text, []).append(document)
    for name, sharing in named.items():
        for document in sharing if len(sharing) > 1 else ():
            others = ", ".join(str(d.place(("campaign",))) for d in sharing if d is not document)
            message = f"{shown(name)} is the name of another campaign too, in {others}"
            way_out = "rename one of them"
            yield document.problem(Complaint("E019", message, ("campaign",), way_out))


def campaign_in(document: Document, around: Surroundings) -> tuple[Campaign | None, list[Problem]]:
    """The document's campaign, or None where it cannot be used; and every Problem in it."""
    if not document.root.entries:
        return None, []
    reading = _Reading(document, around)
    campaign = reading.campaign()
    return campaign, list(reading.problems.values())


@dataclass(slots=True)
class _Reading:
    """One reading of a campaign. A complaint met again in an override is kept once."""

    document: Document
    around: Surroundings
    problems: dict[tuple[str, Place | None, str], Problem] = field(default_factory=dict)

    def campaign(self) -> Campaign | None:
        root = self.document.root
        file = self._checked(CampaignFile, root)
        phases = self._phases(self.document, root.table("phases").entries, ())
        overlays = [(each, self._changed(each)) for each in merged(root)]
        if file is not None:
            for complaint in campaign_complaints(file, self.around):
                self._note(self.document, complaint)
            self._currencies(file, phases, overlays)
        sound = all(each.severity != "error" for each in self.problems.values())
        return self._noun(file, phases, overlays) if file and sound else None

    def _checked(self, model: type[M], node: Table) -> M | None:
        checked, complaints = check(model, node, self.around.known)
        for complaint in complaints:
            self._note(self.document, complaint)
        return checked

    def _note(self, document: Document, complaint: Complaint, prefix: Steps = ()) -> None:
        problem = document.problem(complaint)
        if prefix:
            problem = replace(problem, path=".".join([*map(str, prefix), problem.path]))
        self.problems.setdefault((problem.code, problem.place, problem.message), problem)

    def _phases(
        self, document: Document, entries: Mapping[str, Entry], prefix: Steps
    ) -> dict[str, Phase]:
        found: dict[str, Phase] = {}
        for name, entry in entries.items():
            phase, complaints = check(Phase, entry.node, self.around.known)
            if phase is not None:
                found[name] = phase
                complaints += phase_complaints(phase)
            for complaint in complaints:
                self._note(document, complaint.under("phases", name), prefix)
        return found

    def _changed(self, overlay: Merged) -> dict[str, Phase]:
        changed = {n: e for n, e in overlay.phases.items() if n in overlay.changed}
        return self._phases(self._laid_over(overlay), changed, overlay.path)

    def _laid_over(self, overlay: Merged) -> Document:
        root = self.document.root
        entry = root.entries.get("phases")
        if entry is None:
            return self.document
        table = Entry(entry.key, Table(overlay.phases, entry.node.at))
        return self.document.with_root(replace(root, entries={**root.entries, "phases": table}))

    # ── currencies ──────────────────────────────────────────────────────────────────────────────
    def _currencies(
        self, file: CampaignFile, phases: dict[str, Phase], overlays: list[Overlay]
    ) -> None:
        regions = self.around.regions
        currencies = {r: regions[r].currency for r in self.around.regions_of(file) if r in regions}
        whole = {each.region: each for each, _ in overlays if each.channel is None}
        for name, phase in phases.items():
            as_written = {r: c for r, c in currencies.items() if _as_written(whole.get(r), name)}
            for complaint in currency_complaints(phase, as_written):
                self._note(self.document, complaint.under("phases", name))
        for overlay, changed in overlays:
            if overlay.region in currencies and not overlay.cancelled:
                here = {overlay.region: currencies[overlay.region]}
                self._overlay_currencies(overlay, changed, here)

    def _overlay_currencies(
        self, overlay: Merged, changed: dict[str, Phase], here: Mapping[str, str]
    ) -> None:
        document = self._laid_over(overlay)
        for name, phase in changed.items():
            if name in overlay.skipped:
                continue
            for complaint in currency_complaints(phase, here):
                self._note(document, complaint.under("phases", name), overlay.path)

    # ── nouns ───────────────────────────────────────────────────────────────────────────────────
    def _noun(
        self, file: CampaignFile, phases: dict[str, Phase], overlays: list[Overlay]
    ) -> Campaign:
        nouns = {
            name: phase_noun(name, order, phase, self.document.place(("phases", name)))
            for order, (name, phase) in enumerate(phases.items())
        }
        return Campaign(
            name=file.campaign,
            title=file.title or file.campaign,
            owner=file.owner or "",
            regions=self.around.regions_of(file),
            channels=file.channels,
            phases=tuple(nouns.values()),
            variants=tuple(self._variant(each, changed, nouns) for each, changed in overlays),
            priority=file.priority,
            stack=file.stack,
            late=_lateness(file.late),
            on_holiday=OnHoliday(file.on_holiday) if file.on_holiday else None,
            place=self.document.place(("campaign",)),
        )

    def _variant(
        self, overlay: Merged, changed: dict[str, Phase], nouns: Mapping[str, PhaseNoun]
    ) -> Variant:
        phases = []
        for name in (each for each in nouns if each not in overlay.skipped):
            if name in changed:
                place = self._place_of_change(overlay, name)
                phases.append(phase_noun(name, nouns[name].order, changed[name], place))
            else:
                phases.append(nouns[name])
        return Variant(overlay.region, overlay.channel, tuple(phases), overlay.cancelled)

    def _place_of_change(self, overlay: Merged, phase: str) -> Place:
        narrow = (*overlay.path, "phases", phase)
        wide = ("overrides", overlay.region, "phases", phase)
        table = self.document.root.table("overrides").table(overlay.region)
        if overlay.channel is None or phase in table.table("phases").entries:
            return self.document.place(wide)
        return self.document.place(narrow)


def _as_written(override: Merged | None, phase: str) -> bool:
    if override is None:
        return True
    return not (override.cancelled or phase in override.changed | override.skipped)


def _lateness(late: Late | None) -> Lateness:
    default = Lateness()
    if late is None:
        return default
    remaining = late.min_remaining
    return Lateness(late.start_within, default.min_remaining if remaining is None else remaining)
