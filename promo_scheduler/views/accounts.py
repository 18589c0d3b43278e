"""Channels for people: where they sell, what they can do, how they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from promo_scheduler.channel import Capabilities, Channel
from promo_scheduler.connector import Health
from promo_scheduler.views.grid import Grid, Line, Row
from promo_scheduler.views.words import lasting, plain

DIM = "bright_black"
MECHANISMS = {
    "rule": "discount rules",
    "price_overwrite": "overwrites prices",
    "code_toggle": "switches on and off",
}
OVERLAPS = {
    "priority": "the higher priority wins there",
    "stacks": "overlapping offers add up there",
    "none": "knows nothing of overlaps",
}


def account_list(
    channels: Sequence[Channel], able: Mapping[str, Capabilities], connectors: Sequence[str]
) -> RenderableType:
    """Every channel with its regions, targets and abilities; then the connectors there are."""
    installed = Text("Connectors installed: ", style=DIM).append(", ".join(connectors))
    if not channels:
        return Group(Text("No channels: config/channels.yaml names none.", style="bold"), installed)
    items: list[Line | Row] = []
    for channel in channels:
        title = Text(channel.name, style="bold").append(
            f" {channel.connector}", style=f"not bold {DIM}"
        )
        items += [Line(title), *(_fact(*fact) for fact in _facts(channel, able[channel.name]))]
        items.append(Line())
    return Group(Grid(items), installed)


def _fact(name: str, value: str) -> Row:
    return Row((Text(name, style=DIM), Text(value)))


def _facts(channel: Channel, able: Capabilities) -> list[tuple[str, str]]:
    sells = [
        f"{region} → {channel.targets[region]}" if region in channel.targets else region
        for region in channel.regions
    ]
    zones = (
        "each zone by itself" if channel.zones == "each" else "one window a region, by its anchor"
    )
    rate = f", {channel.limits.per_second:g} calls a second" if channel.limits.per_second else ""
    return [
        ("sells in", ", ".join(sells)),
        ("hours", zones),
        ("works by", f"{MECHANISMS[able.mechanism]}; {OVERLAPS[able.overlap]}"),
        ("schedule", _schedule(able, channel.stage_ahead)),
        ("can do", f"{', '.join(sorted(able.values))} on {', '.join(sorted(able.selections))}"),
        ("limits", f"{channel.limits.concurrency} calls at one time{rate}"),
    ]


def _schedule(able: Capabilities, ahead: timedelta) -> str:
    if able.native_start and able.native_end:
        said = ["starts and ends by itself"]
    elif able.native_end:
        said = ["started by the daemon, ends by itself"]
    elif able.native_start:
        said = ["starts by itself, ended by the daemon"]
    else:
        said = ["started and ended by the daemon"]
    if able.create_in_advance:
        said.append(f"staged {lasting(ahead)} ahead")
    if able.min_duration:
        said.append(f"at least {lasting(able.min_duration)}")
    if able.max_duration is not None:
        said.append(f"at most {lasting(able.max_duration)}")
    if able.granularity == "day":
        said.append("whole days only")
    return ", ".join(said)


def account_data(channel: Channel, able: Capabilities) -> dict[str, Any]:
    """A channel as JSON-able data; its settings are left out."""
    return {
        "name": channel.name,
        "connector": channel.connector,
        "regions": list(channel.regions),
        "targets": dict(channel.targets),
        "zones": channel.zones,
        "mechanism": able.mechanism,
        "overlap": able.overlap,
        "native_start": able.native_start,
        "native_end": able.native_end,
        "create_in_advance": able.create_in_advance,
        "values": sorted(able.values),
        "selections": sorted(able.selections),
        "stage_ahead_seconds": channel.stage_ahead.total_seconds(),
    }


def health_grid(answers: Mapping[str, Health]) -> Grid:
    """How each channel is, and what it says."""
    return Grid(
        [
            Row(
                (
                    Text("ok" if answer.ok else "fail", style="green" if answer.ok else "bold red"),
                    Text(name, style="bold"),
                    Text(plain(_said(answer))),
                )
            )
            for name, answer in answers.items()
        ],
        indent=0,
    )


def _said(answer: Health) -> str:
    parts = [answer.detail]
    if answer.quota_left is not None:
        parts.append(f"{answer.quota_left:,} calls left")
    if answer.clock_difference:
        ahead = "ahead of" if answer.clock_difference > timedelta(0) else "behind"
        parts.append(f"its clock is {lasting(answer.clock_difference)} {ahead} ours")
    return " · ".join(part for part in parts if part)


def health_data(name: str, answer: Health) -> dict[str, Any]:
    """A health answer as JSON-able data."""
    difference = answer.clock_difference
    return {
        "name": name,
        "ok": answer.ok,
        "detail": answer.detail,
        "quota_left": answer.quota_left,
        "clock_difference_seconds": difference.total_seconds() if difference is not None else None,
    }
