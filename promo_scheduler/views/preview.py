"""`promo preview` for people: the timeline, every window, which offer applies when."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text

from promo_scheduler.plan import Finding, Plan, Window
from promo_scheduler.timing.walltime import local
from promo_scheduler.views.as_data import Data, plan_data
from promo_scheduler.views.lengths import by_the_clock, iso_duration
from promo_scheduler.views.places import DIM
from promo_scheduler.views.tables import window_table
from promo_scheduler.views.timeline import Timeline
from promo_scheduler.views.words import count, days, plain
from promo_scheduler.workspace import Workspace


def origin_line(plan: Plan, *more: str) -> Text:
    """What a plan was made from: revision, zone data."""
    revision = f"revision {plan.revision[:12]}" if plan.revision else "not in git"
    if plan.revision and plan.revision.endswith("-dirty"):
        revision += " with changes that are not committed"
    return Text(" · ".join((revision, f"tzdata {plan.tzdata}", *more)), style=DIM)


def preview_parts(plan: Plan, workspace: Workspace, viewer: str = "") -> list[RenderableType]:
    """What will happen: the timeline, then a table for each campaign.

    `viewer` is a zone whose clock is shown beside UTC.
    """
    if not plan.windows:
        return [Text("No windows: nothing is planned there.", style="bold")]
    titles = {name: region.title for name, region in workspace.regions.items()}
    parts: list[RenderableType] = [Timeline(plan.windows, titles)]
    for campaign in workspace.campaigns:
        windows = [w for w in plan.windows if w.key.campaign == campaign.name]
        if windows:
            heading = _campaign_heading(campaign.name, campaign.title, windows)
            parts += [Text(), heading, Text(), window_table(windows, workspace.regions, viewer)]
    return parts


def _campaign_heading(name: str, title: str, windows: Sequence[Window]) -> Text:
    regions = {window.key.region for window in windows}
    first, last = min(w.start for w in windows), max(w.end for w in windows)
    text = Text(name, style="bold").append(f"  {plain(title)}", style="not bold")
    summary = f"{count(len(windows), 'window')} in {count(len(regions), 'region')}"
    return text.append(f"  {summary}, {days(first, last)}", style=f"not bold {DIM}")


def preview_data(plan: Plan, viewer: str = "") -> Data:
    """`promo preview -o json`: the plan, how long each window lasts, and the viewer's clock."""
    data = plan_data(plan)
    for window, told in zip(plan.windows, data["windows"], strict=True):
        told["elapsed"] = iso_duration(window.end - window.start)
        told["wall"] = iso_duration(by_the_clock(window))
        if viewer:
            told["viewer"] = _viewed(window, viewer)
    return data


def _viewed(window: Window, viewer: str) -> Data:
    start, end = (local(viewer, at).isoformat() for at in (window.start, window.end))
    return {"zone": viewer, "start": start, "end": end}


def untold(plan: Plan) -> tuple[Finding, ...]:
    """What needs somebody: no notes, and nothing that a window shows as its own warning."""
    told = {warning for window in plan.windows for warning in window.warnings}
    serious = (f for f in plan.findings if f.problem.severity != "info")
    return tuple(f for f in serious if f.is_error or f.problem.message not in told)
