"""Overrides: a region's differences laid over the phases, node by node.

What comes out is a tree again, in which every node still knows where it was written; so the merged
whole is checked like any other, and a complaint points at the line that caused it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from promo_scheduler.source.nodes import Entry, Node, Scalar, Table
from promo_scheduler.source.phase_rules import VALUES
from promo_scheduler.when import Sun

# Setting one of these keys replaces the others of its group.
_ALTERNATIVES: Mapping[str, tuple[frozenset[str], ...]] = {
    "when": (frozenset({"until", "for"}),),
    "offer": (frozenset(VALUES),),
}


@dataclass(frozen=True, slots=True)
class Merged:
    """What holds in a region (on a channel): every phase as a tree, and which of them differ.

    `path` is where the override stands in the file.
    """

    region: str
    channel: str | None
    phases: Mapping[str, Entry]
    changed: frozenset[str]
    skipped: frozenset[str]
    cancelled: str | None
    path: tuple[str, ...]


def merged(root: Table) -> Iterator[Merged]:
    """Each region's override, then the narrower ones on its channels."""
    phases = root.table("phases").entries
    plain = Merged("", None, phases, frozenset(), frozenset(), None, ())
    for region in root.table("overrides").entries:
        block = root.table("overrides").table(region)
        whole = _laid_over(replace(plain, region=region, path=("overrides", region)), block)
        yield whole
        channels = block.table("channels")
        for channel in channels.entries:
            path = (*whole.path, "channels", channel)
            yield _laid_over(replace(whole, channel=channel, path=path), channels.table(channel))


def _laid_over(base: Merged, block: Table) -> Merged:
    changes = block.table("phases")
    phases = {
        name: replace(entry, node=_phase(entry.node, changes.get(name)))
        for name, entry in base.phases.items()
    }
    cancelled = _text(block.get("cancelled")) or base.cancelled
    return replace(
        base,
        phases=phases,
        changed=base.changed | set(changes.entries),
        skipped=base.skipped | set(block.texts("skip")),
        cancelled=cancelled,
    )


def _text(node: Node | None) -> str | None:
    return node.text if isinstance(node, Scalar) and not node.is_nothing else None


def _phase(base: Node, change: Node | None) -> Node:
    if not isinstance(base, Table) or not isinstance(change, Table):
        return base
    entries = dict(base.entries)
    for key, entry in change.entries.items():
        entries[key] = replace(entry, node=_part(key, base.get(key), entry.node))
    return replace(base, entries=entries)


def _part(part: str, base: Node | None, change: Node) -> Node:
    if not isinstance(base, Table) or not isinstance(change, Table):
        return change
    entries = dict(base.entries)
    for key, entry in change.entries.items():
        for group in _ALTERNATIVES.get(part, ()):
            for other in group - set(change.entries) if key in group else ():
                entries.pop(other, None)
        entries[key] = entry
    if part == "when" and "fallback" in entries and "fallback" not in change.entries:
        _narrow_fallback(entries)
    return replace(base, entries=entries)


def _narrow_fallback(entries: dict[str, Entry]) -> None:
    """Keep of the fallback what it still stands in for, where an override took the sun away."""
    ends = [key for key in ("from", "until") if _has_sun(entries.get(key))]
    if not ends:
        del entries["fallback"]
        return
    fallback = entries["fallback"]
    own = fallback.node.get(ends[0]) if isinstance(fallback.node, Table) else None
    if len(ends) == 1 and own is not None:
        entries["fallback"] = replace(fallback, node=own)


def _has_sun(entry: Entry | None) -> bool:
    text = _text(entry.node) if entry else None
    return text is not None and any(sun in text for sun in Sun)
