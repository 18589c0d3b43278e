"""What is compared with what stands, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from promo_scheduler.channel import Capabilities
from promo_scheduler.order import Order, Scope
from promo_scheduler.plan import Change, Plan, StandingWindow, TriggerEvent
from promo_scheduler.workspace import Workspace


@dataclass(frozen=True, slots=True)
class DiffRequest:
    """What to compare at `now` (UTC); the plan was made of `workspace`.

    `scope` limits both sides. A campaign and region with an error among the plan's findings is
    left out on both sides: nothing of it is created, and nothing withdrawn. `anew`: nobody edited,
    what stands was resolved anew, under other zone data (T11).
    """

    plan: Plan
    standing: tuple[StandingWindow, ...]
    workspace: Workspace
    capabilities: Mapping[str, Capabilities]
    now: datetime
    scope: Scope = field(default_factory=Scope)
    anew: bool = False


@dataclass(frozen=True, slots=True)
class ReviveRequest:
    """The order that is taken back at `now` (UTC), and the plan that says what is wanted by now.

    The plan was made of `workspace`. Of what stands, only what the order took down comes back.
    """

    order: Order
    plan: Plan
    standing: tuple[StandingWindow, ...]
    workspace: Workspace
    capabilities: Mapping[str, Capabilities]
    now: datetime


@dataclass(frozen=True, slots=True)
class Difference:
    """Changes, and the events that they bring. An event takes the place of its key's last one."""

    changes: tuple[Change, ...] = ()
    events: tuple[TriggerEvent, ...] = ()
